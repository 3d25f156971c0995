#include "simulation/scenarios/journal/journal_ledger.hpp"

#include <fmt/format.h>

#include <cinttypes>
#include <cstdio>
#include <tuple>

#include "ninelives/base/assert.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {

std::string journal_entry::text() const {
  return fmt::format("core {} call {} raise {}", core, number, raise);
}

journal_entry journal_entry::from(const std::string& text) {
  journal_entry entry;
  const int read = std::sscanf(text.c_str(), "core %" SCNd64 " call %" SCNu64 " raise %" SCNd64,
                               &entry.core, &entry.number, &entry.raise);
  NINE_ASSERT(read == 3);
  return entry;
}

void journal_ledger::compare(world& stage) {
  journal::stores::memory_store store(medium_);
  const auto facts = store.read_after(sequence(0), 1'000'000);
  if (!facts) return stage.fail("the store cannot be read: " + facts.error().message);
  check_promises(stage, *facts);
  check_order(stage, *facts);
  check_fences(stage, *facts);
}

void journal_ledger::check_promises(world& stage, const std::vector<journal::fact>& facts) {
  for (std::size_t index = 0; index < facts.size(); ++index) {
    if (facts[index].number.value() != static_cast<std::int64_t>(index) + 1) {
      stage.fail(fmt::format("a gap before fact {}", facts[index].number.value()));
    }
    if (refused_.contains(facts[index].body)) {
      stage.fail(fmt::format("refused, and yet a fact: {}", facts[index].body));
    }
  }
  for (const auto& [number, body] : acknowledged_) {
    const auto index = static_cast<std::size_t>(number) - 1;
    if (index >= facts.size() || facts[index].body != body) {
      stage.fail(fmt::format("acknowledged fact {} is lost: {}", number, body));
    }
  }
}

/// Newer cores follow older ones, and a core's facts follow each other in the order of its calls;
/// strictly, so that nothing is there twice.
void journal_ledger::check_order(world& stage, const std::vector<journal::fact>& facts) {
  std::tuple<std::int64_t, std::uint64_t> last{0, 0};
  for (const auto& fact : facts) {
    const auto entry = journal_entry::from(fact.body);
    const std::tuple here{entry.core, entry.number};
    if (here <= last) {
      stage.fail(
          fmt::format("fact {} is out of order or twice: {}", fact.number.value(), fact.body));
    }
    last = here;
  }
}

void journal_ledger::check_fences(world& stage, const std::vector<journal::fact>& facts) {
  std::map<std::int64_t, std::int64_t> current;
  for (const auto& fact : facts) {
    const auto entry = journal_entry::from(fact.body);
    auto& epoch_now = current[fact.task.value()];
    if (fact.writer.value() != 0 && fact.writer.value() != epoch_now) {
      stage.fail(fmt::format("fact {} of epoch {} although task {} is in epoch {}",
                             fact.number.value(), fact.writer.value(), fact.task.value(),
                             epoch_now));
    }
    if (entry.raise != 0) {
      if (entry.raise <= epoch_now) stage.fail("an epoch was raised to a lower one");
      epoch_now = entry.raise;
    }
  }
}

}  // namespace nine::simulation
