// Whatever stands in the files of a home, or in a script for the simulated model: read as it was
// written, or refused. The first byte says which of them it is.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/control/sealed_text.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/stores/sqlite/salvage.hpp"
#include "ninelives/model_simulator/script.hpp"
#include "ninelives/orchestration/task_files.hpp"

namespace {

using namespace nine;

void open_sealed(std::string_view text) {
  static const control::sealed_texts texts("a key of the home");
  const auto opened = texts.open(text);
  NINE_ASSERT(!opened || texts.seal(*opened) == text);
  const auto again = texts.open(texts.seal(text));
  NINE_ASSERT(again && *again == text);
}

void read_variables(std::string_view text) {
  const auto values = orchestration::decode_variables(text);
  if (!values) return;
  NINE_ASSERT(orchestration::decode_variables(orchestration::encode_variables(*values)) == values);
}

void play_script(std::string_view text) {
  auto rules = model_simulator::parse_script(text);
  if (!rules) {
    NINE_ASSERT(!rules.error().message.empty());
    return;
  }
  model_simulator::decider decider(*std::move(rules), 7);
  const model_simulator::question asked{.model = "m", .prompt = "say it", .messages = 1};
  for (int time = 0; time < 3; ++time)
    (void)decider.decide(asked);
}

/// A journal of which any byte may be another. What is given is in order, and not more than there
/// is room for.
void salvage_journal(std::string_view bytes) {
  static const environment::testing::temporary_directory place;
  static environment::real_files files;
  NINE_ASSERT(files.write_durably(place / "journal.db", bytes));
  sequence last{};
  const auto report =
      journal::stores::salvage(place / "journal.db", [&](const journal::fact& one) -> result<void> {
        NINE_ASSERT(one.number > last);
        last = one.number;
        return {};
      });
  NINE_ASSERT(report && report->lost >= 0 && report->tasks <= report->facts);
}

constexpr std::array readers{open_sealed, read_variables, play_script, salvage_journal};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  readers[(data[0] - std::size_t{'0'}) % readers.size()](
      {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
