#include "ninelives/orchestration/orchestrator.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <optional>

#include "ninelives/journal/blob/memory/memory_blob_store.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/journal/world.test.hpp"
#include "ninelives/supervision/shim_world.test.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::orchestration {
namespace {

namespace machine = supervision::testing_world;

using medium_pointer = std::shared_ptr<journal::stores::memory_medium>;

std::unique_ptr<journal::store> claimed_store(
    const medium_pointer& medium = std::make_shared<journal::stores::memory_medium>()) {
  auto store = std::make_unique<journal::stores::memory_store>(medium);
  EXPECT_TRUE(store->claim());
  return store;
}

orchestrator_options options_of_core(int number) {
  orchestrator_options options;
  options.tasks = "/home/tasks";
  options.children.shims = "/home/shims";
  options.children.shim_program = "/nine-shim";
  options.children.core = core_epoch(number);
  const auto same = [](std::string_view text) { return std::string(text); };
  options.seal = {same, same};
  return options;
}

submission a_task() {
  submission given;
  given.specification.text = "do it";
  given.specification.directory = "/work";
  given.specification.plan.ladder.push_back({.name = "one", .command = {.words = {"true"}}});
  given.specification.plan.timeout = 1h;
  return given;
}

/// An orchestrator in a machine in memory that has no room for a shim: its tasks wait.
class orchestrator_test : public testing::Test {
 protected:
  orchestrator_test() {
    processes_.begin_program = [](const auto&, const auto&) -> result<void> {
      return fail(error_code::resource_exhausted, "no more processes");
    };
  }
  orchestrator_options options() {
    auto options = options_of_core(0);
    options.log = telemetry::logger(lines_, world_.clock, {});
    return options;
  }
  /// Goes on by so many pieces of work.
  void work(int pieces) {
    world_.poll();
    for (int done = 0; done < pieces && world_.worker.run_one(); ++done)
      world_.poll();
  }

  journal::testing_world::world world_;
  machine::memory_files files_;
  machine::memory_network network_;
  machine::memory_processes processes_;
  machine::middle_random random_;
  telemetry::memory_log_sink lines_;
  journal::blob::memory_blob_store blobs_;
  journal::journal journal_{world_.context.get_executor(), world_.clock, world_.worker,
                            claimed_store()};
  orchestrator orchestrator_{world_.context.get_executor(),
                             {world_.clock, random_, files_, network_, processes_},
                             world_.worker,
                             journal_,
                             blobs_,
                             [](task_id, attempt_number, epoch) { return "token"; },
                             options()};
};

// proves: X4
TEST_F(orchestrator_test, a_task_can_be_cancelled_at_every_moment_of_its_acceptance) {
  int cancelled = 0;
  for (int moment = 0; moment < 8; ++moment) {
    const task_id task(moment + 1);
    const auto accepted = world_.start(orchestrator_.accept(a_task()));
    work(moment);
    const auto wish = world_.start(orchestrator_.cancel(task, "I changed my mind"));
    world_.settle();
    ASSERT_TRUE(*accepted && (*accepted)->has_value()) << moment;
    ASSERT_TRUE(*wish) << moment;
    if (!**wish) {
      EXPECT_EQ((*wish)->error().code, error_code::not_found) << moment;
      continue;
    }
    ++cancelled;
    const auto state = world_.finish(orchestrator_.load(task));
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->ended->status, execution::task_status::cancelled) << moment;
  }
  EXPECT_GT(cancelled, 0);
}

boost::asio::awaitable<bool> wait_for_end(orchestrator& waited, task_id task) {
  co_await waited.wait_for_end(task, 60s);
  co_return true;
}

TEST_F(orchestrator_test, who_waits_for_an_end_hears_of_it_or_has_waited_long_enough) {
  const auto first = *world_.finish(orchestrator_.accept(a_task()));
  const auto second = *world_.finish(orchestrator_.accept(a_task()));
  const auto heard = world_.start(wait_for_end(orchestrator_, first));
  const auto late = world_.start(wait_for_end(orchestrator_, second));
  world_.settle();
  EXPECT_FALSE(*heard);
  EXPECT_TRUE(world_.finish(orchestrator_.cancel(first, "enough")));
  EXPECT_TRUE(*heard);
  EXPECT_FALSE(*late);
  world_.clock.advance(61s);
  world_.settle();
  EXPECT_TRUE(*late);
  EXPECT_TRUE(world_.finish(wait_for_end(orchestrator_, task_id(99)))) << "nobody to wait for";
}

/// A home on a machine with shims, and cores of it, one after the other. The one before does not go
/// on any more, like a process that was stopped.
class home_of_two_cores : public testing::Test {
 protected:
  struct core {
    core(machine::world& on, const medium_pointer& medium, int number)
        : journal_(loop.get_executor(), on.clock, on.worker, claimed_store(medium)),
          orchestrator_(
              loop.get_executor(), on.bundle(), on.worker, journal_, blobs_,
              [](task_id, attempt_number, epoch) { return "token"; }, options_of_core(number)) {}

    boost::asio::io_context loop;
    journal::blob::memory_blob_store blobs_;
    journal::journal journal_;
    orchestrator orchestrator_;
  };

  orchestrator& begin_core(int number) {
    return cores_.emplace_back(machine_, medium_, number).orchestrator_;
  }
  template <class Answer>
  Answer finish(boost::asio::awaitable<Answer> call) {
    std::optional<Answer> answer;
    boost::asio::co_spawn(cores_.back().loop, std::move(call),
                          [&](const std::exception_ptr&, Answer got) { answer = std::move(got); });
    machine_.settle();
    return std::move(answer).value();
  }
  void poll() {
    std::size_t ran = 1;
    while (ran > 0) {
      shims_loop_.restart();
      ran = shims_loop_.poll();
      if (cores_.empty()) continue;
      cores_.back().loop.restart();
      ran += cores_.back().loop.poll();
    }
  }

  boost::asio::io_context shims_loop_;
  machine::world machine_{shims_loop_.get_executor(), [this] { poll(); }};
  medium_pointer medium_ = std::make_shared<journal::stores::memory_medium>();
  std::list<core> cores_;
};

TEST_F(home_of_two_cores, what_the_next_life_needs_is_read_again_before_it_is_needed) {
  ASSERT_TRUE(finish(begin_core(1).accept(a_task())));
  ASSERT_TRUE(finish(begin_core(2).boot()));
  machine_.pass(2s);
  ASSERT_TRUE(machine_.files.remove("/home/tasks/t1/environment"));
  const auto shim = machine_.shims.at("/home/shims/t1.a1");
  ASSERT_EQ(shim->starts.size(), 1u);
  shim->agent_exits(environment::exit_status::signalled(9));
  machine_.settle();
  ASSERT_EQ(shim->starts.size(), 2u);
  EXPECT_EQ(shim->starts[1].arguments, shim->starts[0].arguments);
  EXPECT_EQ(shim->starts[1].stdin_file, shim->starts[0].stdin_file);
}

}  // namespace
}  // namespace nine::orchestration
