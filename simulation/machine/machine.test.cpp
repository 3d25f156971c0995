#include "simulation/machine/machine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>

#include "simulation/machine/function_program.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

using boost::asio::awaitable;
using environment::exit_status;
using environment::liveness;

constexpr auto soon = 1min;

environment::process_specification specification_of(const char* program) {
  environment::process_specification specification;
  specification.arguments = {program};
  specification.environment = {"MARK=1"};
  return specification;
}

awaitable<int> sleep_and_leave(process_context& context) {
  co_await context.clock().sleep_for(5s);
  co_return 3;
}

awaitable<int> sleep_for_ever(process_context& context) {
  while (true) {
    co_await context.clock().sleep_for(1h);
  }
}

awaitable<int> wait_until_asked(process_context& context) {
  co_await context.termination().requested();
  co_return 7;
}

TEST(machine, tells_the_parent_how_its_child_ended) {
  world subject(1);
  exit_status seen;
  subject.programs()["child"] = program_of(sleep_and_leave);
  subject.programs()["parent"] = program_of([&](process_context& context) -> awaitable<int> {
    const auto child = context.processes().spawn(specification_of("child"));
    EXPECT_TRUE(child);
    seen = co_await context.processes().wait(*child);
    co_return 0;
  });
  auto& parent = subject.start({"parent"});
  EXPECT_TRUE(subject.run_until([&] { return parent.gone; }, soon));
  EXPECT_EQ(seen, exit_status::exited(3));
}

TEST(machine, tells_others_only_that_a_process_is_gone) {
  world subject(1);
  exit_status seen = exit_status::exited(0);
  subject.programs()["child"] = program_of(sleep_and_leave);
  auto& child = subject.start({"child"});
  subject.programs()["stranger"] = program_of([&](process_context& context) -> awaitable<int> {
    seen = co_await context.processes().wait(child.identity);
    EXPECT_EQ(context.processes().probe(child.identity), liveness::gone);
    EXPECT_EQ(context.processes().signal(child.identity, SIGTERM).error().code,
              error_code::not_found);
    co_return 0;
  });
  auto& stranger = subject.start({"stranger"});
  EXPECT_TRUE(subject.run_until([&] { return stranger.gone; }, soon));
  EXPECT_EQ(seen, exit_status{});
}

TEST(machine, ends_by_a_signal_unless_the_program_hears_it) {
  world subject(1);
  subject.programs()["deaf"] = program_of(sleep_for_ever);
  subject.programs()["polite"] = program_of(wait_until_asked);
  auto& deaf = subject.start({"deaf"});
  auto& polite = subject.start({"polite"});
  subject.run_for(1s);
  subject.host().signal(deaf, SIGTERM);
  subject.host().signal(polite, SIGTERM);
  EXPECT_TRUE(subject.run_until([&] { return deaf.gone && polite.gone; }, soon));
  EXPECT_EQ(deaf.exit, exit_status::signalled(SIGTERM));
  EXPECT_EQ(polite.exit, exit_status::exited(7));
}

TEST(machine, stops_and_continues_a_process) {
  world subject(1);
  subject.programs()["child"] = program_of(sleep_and_leave);
  auto& child = subject.start({"child"});
  subject.run_for(1s);
  subject.host().signal(child, SIGSTOP);
  subject.run_for(1h);
  EXPECT_FALSE(child.gone);
  subject.host().signal(child, SIGCONT);
  EXPECT_TRUE(subject.run_until([&] { return child.gone; }, 1s));
  EXPECT_EQ(child.exit, exit_status::exited(3));
}

TEST(machine, kills_a_stopped_process) {
  world subject(1);
  subject.programs()["child"] = program_of(sleep_for_ever);
  auto& child = subject.start({"child"});
  subject.run_for(1s);
  subject.host().signal(child, SIGSTOP);
  subject.host().signal(child, SIGKILL);
  EXPECT_TRUE(subject.run_until([&] { return child.gone; }, 1s));
}

TEST(machine, finds_processes_by_a_mark_in_their_environment) {
  world subject(1);
  subject.programs()["child"] = program_of(sleep_for_ever);
  auto& marked = subject.start({"child"}, {"NAME=7", "OTHER=1"});
  subject.start({"child"}, {"NAME=77"});
  std::size_t found = 0;
  subject.programs()["looker"] = program_of([&](process_context& context) -> awaitable<int> {
    const auto list = context.processes().find_marked("NAME=7").value();
    found = list.size();
    EXPECT_EQ(list.at(0), marked.identity);
    co_return 0;
  });
  subject.start({"looker"});
  subject.run_for(1s);
  EXPECT_EQ(found, 1u);
}

TEST(machine, gives_a_pid_again_but_never_the_same_identity) {
  world subject(1);
  subject.programs()["child"] = program_of([](process_context&) -> awaitable<int> { co_return 0; });
  auto& first = subject.start({"child"});
  bool again = false;
  for (int count = 0; count < 500; ++count) {
    auto& next = subject.start({"child"});
    subject.run_until([&] { return next.gone; }, soon);
    again = again || next.identity.pid == first.identity.pid;
    EXPECT_NE(next.identity, first.identity);
  }
  EXPECT_TRUE(again);
}

TEST(machine, loses_every_process_and_the_boot_at_a_reboot) {
  world subject(1);
  subject.programs()["child"] = program_of(sleep_for_ever);
  auto& before = subject.start({"child"});
  subject.run_for(1h);
  subject.host().reboot();
  EXPECT_TRUE(before.gone);
  EXPECT_TRUE(subject.host().alive().empty());
  auto& after = subject.start({"child"});
  EXPECT_EQ(after.identity.pid, before.identity.pid);
  EXPECT_NE(after.identity.boot_id, before.identity.boot_id);
}

TEST(machine, jumps_its_wall_clock_and_not_its_monotonic_one) {
  world subject(1);
  auto& time = subject.host().time();
  const auto wall = time.wall_now();
  const auto monotonic = time.now();
  time.jump_wall(-1h);
  EXPECT_EQ(time.wall_now(), wall - 1h);
  EXPECT_EQ(time.now(), monotonic);
}

TEST(machine, fails_the_run_when_a_program_throws) {
  world subject(1);
  subject.programs()["broken"] = program_of([](process_context&) -> awaitable<int> {
    throw std::runtime_error("impossible");
    co_return 0;
  });
  subject.start({"broken"});
  subject.run_for(1s);
  EXPECT_NE(subject.failure().find("impossible"), std::string::npos);
}

TEST(machine, refuses_a_program_it_does_not_have) {
  world subject(1);
  EXPECT_EQ(subject.host().spawn(specification_of("none"), nullptr).error().code,
            error_code::not_found);
  subject.programs()["child"] = program_of(sleep_for_ever);
  subject.host().plan().spawn_failure = 1;
  EXPECT_EQ(subject.host().spawn(specification_of("child"), nullptr).error().code,
            error_code::resource_exhausted);
}

awaitable<void> work_often(process_context& context, environment::worker& worker,
                           std::vector<int>& log) {
  for (int number = 0; number < 50; ++number) {
    co_await environment::run_on(worker, [&log, number] {
      log.push_back(number);
      return 0;
    });
  }
  context.host().exit(context.record(), exit_status::exited(0));
}

TEST(machine, runs_work_in_order_and_none_after_a_kill) {
  for (std::uint64_t steps = 1; steps < 60; steps += 7) {
    world subject(steps);
    std::vector<int> log;
    subject.programs()["busy"] = program_of([&](process_context& context) -> awaitable<int> {
      const auto worker = context.make_worker();
      for (int number = 100; number < 110; ++number) {
        worker->post([&log, number] { log.push_back(number); });
      }
      co_await work_often(context, *worker, log);
      co_return 0;
    });
    auto& busy = subject.start({"busy"});
    subject.run_steps(steps);
    subject.host().kill(busy);
    const auto done = log.size();
    subject.run_for(1h);
    EXPECT_EQ(log.size(), done);
    for (std::size_t index = 1; index < log.size(); ++index) {
      EXPECT_TRUE(log[index] == log[index - 1] + 1 || log[index] == 0);
    }
  }
}

}  // namespace
}  // namespace nine::simulation
