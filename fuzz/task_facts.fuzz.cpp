// Whatever a journal holds, and in whatever order: each fact is refused or reads back as it is
// written, and the fold of them all is a state or an error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/assert.hpp"
#include "ninelives/execution/facts.hpp"
#include "ninelives/execution/task_state.hpp"
#include "ninelives/execution/task_view.hpp"
#include "ninelives/journal/fact.hpp"

namespace {

using namespace nine;

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

void read(const journal::fact& fact) {
  const auto event = execution::from_fact(fact);
  if (!event) return;
  const auto record = execution::to_record(fact.task, *event);
  const auto again =
      execution::from_fact({fact.number, fact.task, {}, {}, record.kind, record.body});
  NINE_ASSERT(again && *again == *event);
}

}  // namespace

/// Each line is a fact: its kind, a blank, its body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<journal::fact> facts;
  while (!rest.empty()) {
    const auto line = next_line(rest);
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    facts.push_back({sequence(static_cast<std::int64_t>(facts.size()) + 1),
                     task_id(1),
                     {},
                     {},
                     std::string(line.substr(0, blank)),
                     std::string(line.substr(blank + 1))});
    read(facts.back());
  }
  const auto state = execution::fold(facts);
  if (state) (void)execution::task_view(*state, "", state->accepted_at);
  return 0;
}
