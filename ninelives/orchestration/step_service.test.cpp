#include "ninelives/orchestration/step_service.hpp"

#include <gtest/gtest.h>

#include "ninelives/journal/blob/memory/memory_blob_store.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/journal/world.test.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::orchestration {
namespace {

using execution::effect;
using execution::step_verdict;

/// No task has variables; or none can be read.
class no_secrets final : public environment::files {
 public:
  bool broken = false;

  result<std::string> read(const environment::path&, bytes) override {
    if (broken) return fail(error_code::io_error, "the disk is gone");
    return std::string();
  }
  result<std::string> read_range(const environment::path& file, bytes, bytes) override {
    return fail(error_code::not_found, file.native());
  }
  result<void> write_durably(const environment::path&, std::string_view) override { return {}; }
  result<void> make_directory(const environment::path&) override { return {}; }
  result<std::vector<std::string>> list(const environment::path&) override { return {}; }
  result<environment::file_information> information(const environment::path& file) override {
    return fail(error_code::not_found, file.native());
  }
  result<void> remove(const environment::path&) override { return {}; }
};

/// Task 1, whose first life has begun one step; a journal in memory that commits when it is told.
class step_service_test : public testing::Test {
 protected:
  step_service_test() {
    execution::task_state state;
    state.id = task_id(1);
    const execution::event story[] = {
        execution::attempt_started{attempt_number(1), 0, "a", ""},
        execution::incarnation_started{"t1.a1", epoch(1)},
    };
    for (const auto& event : story)
      EXPECT_TRUE(apply(state, event, epoch(1), {}));
    ledger_.add(std::move(state));
  }
  static text_seal no_seal() {
    return {[](std::string_view text) { return std::string(text); },
            [](std::string_view text) { return std::string(text); }};
  }
  static std::unique_ptr<journal::store> claimed_store() {
    auto store = std::make_unique<journal::stores::memory_store>(
        std::make_shared<journal::stores::memory_medium>());
    EXPECT_TRUE(store->claim());
    return store;
  }
  auto begin(std::string key) {
    return steps_.begin(task_id(1), {epoch(1), attempt_number(1), std::move(key), effect::once},
                        "");
  }
  auto finish(std::string key) {
    return steps_.finish(task_id(1),
                         {epoch(1), attempt_number(1), std::move(key), true, "the result", 0, 0});
  }

  bool is_recorded_as_finished(const std::string& key) {
    return ledger_.find(task_id(1))->state.current_attempt()->steps.at(key).finished;
  }
  void wait_until_recorded_as_finished(const std::string& key) {
    world_.poll();
    while (!is_recorded_as_finished(key)) {
      ASSERT_TRUE(world_.worker.run_one());
      world_.poll();
    }
  }

  journal::testing_world::world world_;
  no_secrets files_;
  telemetry::memory_log_sink lines_;
  journal::blob::memory_blob_store blobs_;
  journal::journal journal_{world_.context.get_executor(), world_.clock, world_.worker,
                            claimed_store()};
  task_ledger ledger_{world_.clock, journal_, telemetry::logger(lines_, world_.clock, {})};
  content_store contents_{world_.worker, blobs_};
  secret_store secrets_{{files_, "/tasks", {files_, {}, core_epoch()}, no_seal()}, world_.worker};
  step_service steps_{ledger_, contents_, secrets_, [](const std::string&) {}};
};

TEST_F(step_service_test, runs_a_step_once_and_answers_from_the_journal_then) {
  EXPECT_EQ(world_.finish(begin("k"))->verdict, step_verdict::run);
  EXPECT_TRUE(world_.finish(finish("k")));
  const auto again = world_.finish(begin("k"));
  EXPECT_EQ(again->verdict, step_verdict::finished);
  EXPECT_EQ(again->result, "the result");
}

// proves: D1
TEST_F(step_service_test, begins_no_step_before_the_intent_is_durable) {
  const auto answer = world_.start(begin("k"));
  world_.poll();
  EXPECT_FALSE(*answer);
  world_.settle();
  EXPECT_EQ((*answer)->value().verdict, step_verdict::run);
}

// proves: X3
TEST_F(step_service_test, keeps_no_result_while_it_does_not_know_what_must_not_stand_in_it) {
  EXPECT_EQ(world_.finish(begin("k"))->verdict, step_verdict::run);
  files_.broken = true;
  EXPECT_EQ(world_.finish(finish("k")).error().code, error_code::io_error);
  EXPECT_FALSE(is_recorded_as_finished("k"));
  files_.broken = false;
  EXPECT_TRUE(world_.finish(finish("k")));
}

// A core that dies forgets a finish that is not durable, and the next life would do the step again
// although this one has been told that it was done.
// proves: D1, P3
TEST_F(step_service_test, tells_nobody_that_a_step_was_done_before_that_is_durable) {
  EXPECT_EQ(world_.finish(begin("k"))->verdict, step_verdict::run);
  const auto told = world_.start(finish("k"));
  wait_until_recorded_as_finished("k");
  const auto again = world_.start(begin("k"));
  world_.poll();
  EXPECT_FALSE(*told);
  EXPECT_FALSE(*again);
  world_.settle();
  EXPECT_TRUE(*told);
  EXPECT_EQ((*again)->value().verdict, step_verdict::finished);
}

// Whose connection broke before the answer came reports again, and takes "it is finished already"
// for the answer.
// proves: D1, P3
TEST_F(step_service_test, tells_nobody_who_reports_again_before_the_first_report_is_durable) {
  EXPECT_EQ(world_.finish(begin("k"))->verdict, step_verdict::run);
  const auto told = world_.start(finish("k"));
  wait_until_recorded_as_finished("k");
  const auto again = world_.start(finish("k"));
  world_.poll();
  EXPECT_FALSE(*told);
  EXPECT_FALSE(*again);
  world_.settle();
  EXPECT_TRUE(*told);
  EXPECT_EQ((*again)->error().code, error_code::precondition_failed);
}

TEST_F(step_service_test, tells_no_earlier_who_reports_while_the_first_report_is_being_kept) {
  EXPECT_EQ(world_.finish(begin("k"))->verdict, step_verdict::run);
  const auto told = world_.start(finish("k"));
  const auto again = world_.start(finish("k"));
  wait_until_recorded_as_finished("k");
  ASSERT_TRUE(world_.worker.run_one());  // what the second waits for
  world_.poll();
  EXPECT_FALSE(*told);
  EXPECT_FALSE(*again);
  world_.settle();
  EXPECT_TRUE(*told && *again);
  EXPECT_NE((*told)->has_value(), (*again)->has_value()) << "one of them was the first";
}

}  // namespace
}  // namespace nine::orchestration
