#include "ninelives/orchestration/task_ledger.hpp"

#include <gtest/gtest.h>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/journal/world.test.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::orchestration {
namespace {

/// One task, and a journal in memory.
class task_ledger_test : public testing::Test {
 protected:
  task_ledger_test() {
    execution::task_specification specification;
    specification.plan.ladder.push_back({.name = "one", .command = {.words = {"true"}}});
    const execution::event accepted = execution::task_accepted{std::move(specification)};
    EXPECT_TRUE(world_.finish(journal_.append(execution::to_record(task_id(1), accepted))));
    execution::task_state state;
    state.id = task_id(1);
    EXPECT_TRUE(apply(state, accepted, {}, {}));
    run_ = ledger_.add(std::move(state));
  }
  static std::unique_ptr<journal::store> claimed_store() {
    auto store = std::make_unique<journal::stores::memory_store>(
        std::make_shared<journal::stores::memory_medium>());
    EXPECT_TRUE(store->claim());
    return store;
  }
  result<execution::task_state> read_back() {
    const auto facts = world_.finish(journal_.read_task(task_id(1)));
    if (!facts) return std::unexpected(facts.error());
    return execution::fold(*facts);
  }

  journal::testing_world::world world_;
  telemetry::memory_log_sink lines_;
  journal::journal journal_{world_.context.get_executor(), world_.clock, world_.worker,
                            claimed_store()};
  task_ledger ledger_{world_.clock, journal_, telemetry::logger(lines_, world_.clock, {})};
  run_pointer run_;
};

// A core that stopped at such a text would stop at it again, and again.
// proves: X4
TEST_F(task_ledger_test, notes_a_text_of_any_size_and_reads_back_what_it_believes) {
  const std::string long_text(3 * MiB, '\x07');
  ledger_.note(*run_, execution::attempt_started{attempt_number(1), 0, "one", long_text});
  ledger_.note(*run_,
               execution::attempt_ended{
                   attempt_number(1), execution::attempt_outcome::delivered, "", {"it", ""}});
  ledger_.note(*run_, execution::check_ended{attempt_number(1), 0, "gate", false, long_text});
  ledger_.note(*run_, execution::cancel_requested{long_text + "\xFF"});
  const auto read = read_back();
  ASSERT_TRUE(read) << read.error().message;
  const auto& attempt = read->attempts.at(0);
  const auto& believed = run_->state.attempts.at(0);
  EXPECT_EQ(attempt.feedback, believed.feedback);
  EXPECT_EQ(attempt.checks.at(0).evidence, believed.checks.at(0).evidence);
  EXPECT_EQ(read->cancelled, run_->state.cancelled);
}

}  // namespace
}  // namespace nine::orchestration
