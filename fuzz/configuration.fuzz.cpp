#include <cstddef>
#include <cstdint>
#include <string>

#include "ninelives/base/assert.hpp"
#include "ninelives/configuration/load.hpp"
#include "ninelives/configuration/plan.hpp"

/// Any bytes are a file: it is refused with bounded words, or every plan made from it reads back
/// from its JSON as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nine::configuration;
  const layer only{layer_kind::home, "nine.yaml",
                   std::string(reinterpret_cast<const char*>(data), size)};
  const auto loaded = load({&only, 1});
  if (!loaded) {
    NINE_ASSERT(!loaded.error().empty());
    NINE_ASSERT(loaded.error().size() <= problem_list::problems_most + 1);
    return 0;
  }
  for (const auto& [name, task] : loaded->tasks) {
    const auto plan = plan_type(*loaded, name);
    NINE_ASSERT(plan);
    NINE_ASSERT(task_plan_from_json(to_json(*plan)) == plan);
  }
  return 0;
}
