// The guard with real processes: this test program plays guard and core, too.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/real_log_sink.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/guard.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"
#include "ninelives/supervision/guard/guard_starter.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using environment::environment_variable;
using environment::process_identity;
using environment::real_environment;
using environment::stream;
using namespace asio::experimental::awaitable_operators;

constexpr auto this_program = "/proc/self/exe";
constexpr auto stale_variable = "GUARD_TEST_STALE_MS";
constexpr std::uint32_t any_user = 0;

std::string value_of(const char* variable) {
  return environment_variable(variable).value_or("");
}

home::home_layout layout_of_this_process() {
  return {value_of("NINE_HOME"), any_user};
}

std::vector<std::string> roles_environment() {
  return {fmt::format("{}={}", stale_variable, value_of(stale_variable))};
}

telemetry::logger logger_to_stderr(const environment::clock& clock) {
  static environment::descriptor_log_sink sink(2);
  return {sink, clock, {.format = telemetry::log_format::human}};
}

/// One line, without its end; what there is when the other side ends.
awaitable<std::string> read_line(stream& from) {
  std::string line;
  std::array<char, 256> buffer;
  while (!line.ends_with('\n')) {
    const auto got = co_await from.read_some(buffer);
    if (!got || *got == 0) co_return line;
    line.append(buffer.data(), *got);
  }
  line.pop_back();
  co_return line;
}

// --- the core: answers "who" with "its pid, its guard's pid" ---

class played_core {
 public:
  awaitable<int> run() {
    const auto layout = layout_of_this_process();
    auto lock = real_.locks().try_lock(layout.core_lock(), real_.processes().self());
    auto control = real_.network().take_inherited(control_socket_name);
    auto agent = real_.network().take_inherited(agent_socket_name);
    if (!lock || !control || !agent) co_return 1;
    link_.ready();
    co_await (serve(**control) || beat() || link_and_rest(**control, **agent) ||
              termination_.requested());
    link_.stopping();
    co_return 0;
  }
  asio::io_context& context() { return real_.context(); }

 private:
  guard_link_options link_options() {
    guard_link_options with{.layout = layout_of_this_process()};
    with.notify_address = value_of("NOTIFY_SOCKET");
    with.guard = value_of("NINE_GUARD");
    with.beat_interval = 10ms;
    with.command = {{this_program, "--play-guard"}, roles_environment(), "/dev/stderr"};
    with.log = logger_to_stderr(real_.clock());
    return with;
  }
  awaitable<void> beat() {
    while (true) {
      link_.beat();
      co_await real_.clock().sleep_for(20ms);
    }
  }
  awaitable<void> link_and_rest(environment::listener& control, environment::listener& agent) {
    co_await link_.keep_guard(control, agent);
    co_await real_.clock().sleep_for(24h);
  }
  awaitable<void> serve(environment::listener& control) {
    while (true) {
      auto client = co_await control.accept();
      if (!client) continue;
      const auto asked = co_await read_line(**client);
      if (asked != "who") continue;
      const auto guard = link_.guard() ? link_.guard()->pid : 0;
      const auto answer = fmt::format("{} {}\n", real_.processes().self().pid, guard);
      std::ignore = co_await (*client)->write(answer);
    }
  }

  real_environment real_;
  environment::real_termination termination_{real_.executor()};
  guard_link link_{link_options(),
                   {real_.clock(), real_.random(), real_.files(), real_.processes(),
                    real_.notifications(), real_.locks()}};
};

int play_core() {
  played_core core;
  return environment::testing::run(core.context(), core.run());
}

// --- the guard, as the program's main would compose it ---

int play_guard() {
  real_environment real;
  environment::real_termination termination(real.executor());
  guard_options with{.layout = layout_of_this_process()};
  service_command core;
  core.specification.name = "core";
  core.specification.stale_after = std::chrono::milliseconds(std::stoi(value_of(stale_variable)));
  core.specification.stop_grace = 200ms;
  core.specification.backoff.first = 1ms;
  core.arguments = {this_program, "--play-core"};
  core.environment = roles_environment();
  core.log = "/dev/stderr";
  core.lock = with.layout.core_lock();
  core.takes_sockets = true;
  with.services = {core};
  with.notify_address = value_of("NOTIFY_SOCKET");
  with.adopt_core = value_of("NINE_ADOPT_CORE");
  with.check_interval = 50ms;
  with.log = logger_to_stderr(real.clock());
  const guard_seams seams{real.clock(),     real.random(),        real.files(), real.network(),
                          real.processes(), real.notifications(), real.locks(), termination};
  return environment::testing::run(real.context(), run(with, seams)).code;
}

// --- the tests ---

struct whos_there {
  std::int32_t core = 0;
  std::int32_t guard = 0;
};

class guard_processes_test : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(real_.processes().adopt_orphans());  // so that nothing is left behind
    ASSERT_TRUE(real_.files().make_directory(layout_.run_directory()));
  }

  /// Whatever the test did: nothing of the home survives it, be it still on its way to its lock.
  void TearDown() override {
    const auto marker = fmt::format("NINE_HOME={}", layout_.root().native());
    auto alive = real_.processes().find_marked(marker).value();
    for (; !alive.empty(); alive = real_.processes().find_marked(marker).value()) {
      for (const auto& one : alive)
        finish(one, SIGKILL);
    }
  }

  environment::process_specification guard_specification(int stale_ms) {
    environment::process_specification guard;
    guard.arguments = {this_program, "--play-guard"};
    guard.environment = {fmt::format("NINE_HOME={}", layout_.root().native()),
                         fmt::format("{}={}", stale_variable, stale_ms)};
    guard.log = directory_ / "guard.out";
    return guard;
  }

  /// A guard that inherits its sockets from us as it would from systemd: a connection waits from
  /// the beginning.
  process_identity start_guard(int stale_ms = 60'000) {
    control_ = *real_.network().listen(environment::unix_endpoint{layout_.control_socket()});
    agent_ = *real_.network().listen(environment::unix_endpoint{layout_.agent_socket()});
    auto guard = guard_specification(stale_ms);
    guard.listeners = {{"control", control_.get()}, {"agent", agent_.get()}};
    return real_.processes().spawn(guard).value();
  }

  /// Asks the core; a core that dies while it answers is asked again.
  whos_there who() { return environment::testing::run(real_.context(), ask()); }
  awaitable<whos_there> ask() {
    const environment::endpoint control = environment::unix_endpoint{layout_.control_socket()};
    while (true) {
      auto connected = co_await real_.network().connect(control);
      if (!connected) {
        co_await real_.clock().sleep_for(5ms);
        continue;
      }
      std::ignore = co_await (*connected)->write("who\n");
      const auto answer = co_await read_line(**connected);
      whos_there there;
      if (std::sscanf(answer.c_str(), "%d %d", &there.core, &there.guard) == 2) co_return there;
    }
  }
  whos_there who_but_not_guard(std::int32_t old) {
    auto there = who();
    while (there.guard == old)
      there = who();
    return there;
  }

  process_identity process(std::int32_t pid) { return real_.processes().identify(pid).value(); }
  void send(const process_identity& to, int signal) {
    EXPECT_TRUE(real_.processes().signal(to, signal));
  }
  environment::exit_status wait_for_end(const process_identity& of) {
    return environment::testing::run(real_.context(), real_.processes().wait(of));
  }
  environment::exit_status finish(const process_identity& who, int signal) {
    std::ignore = real_.processes().signal(who, signal);
    return wait_for_end(who);
  }

  environment::testing::temporary_directory directory_;
  home::home_layout layout_{directory_.path(), any_user};
  real_environment real_;
  std::unique_ptr<environment::listener> control_;
  std::unique_ptr<environment::listener> agent_;
};

// proves: P2
TEST_F(guard_processes_test, a_killed_core_is_restarted_while_clients_wait) {
  const auto guard = start_guard();
  auto there = who();
  for (int round = 0; round < 5; ++round) {
    finish(process(there.core), SIGKILL);
    const auto next = who();
    EXPECT_NE(next.core, there.core);
    EXPECT_EQ(next.guard, guard.pid);
    there = next;
  }
}

// proves: S9
TEST_F(guard_processes_test, a_stopped_core_is_replaced_and_dead_when_the_new_one_serves) {
  start_guard(500);
  const auto first = process(who().core);
  send(first, SIGSTOP);
  EXPECT_EQ(wait_for_end(first), environment::exit_status{})
      << "not our child: nobody tells us how";
  EXPECT_NE(who().core, first.pid);
  EXPECT_EQ(real_.processes().probe(first), environment::liveness::gone);
}

// proves: S8
TEST_F(guard_processes_test, a_second_guard_refuses_and_disturbs_nothing) {
  const auto guard = start_guard();
  const auto there = who();
  const auto second = real_.processes().spawn(guard_specification(60'000)).value();
  EXPECT_EQ(wait_for_end(second), environment::exit_status::exited(exit_failed));
  EXPECT_EQ(who().core, there.core);
  EXPECT_EQ(real_.locks().holder(layout_.guard_lock()), guard);
}

// proves: P2
TEST_F(guard_processes_test, a_killed_guard_is_replaced_by_the_core_on_the_same_sockets) {
  const auto guard = start_guard();
  const auto before = who();
  finish(guard, SIGKILL);
  const auto after = who_but_not_guard(guard.pid);
  EXPECT_EQ(after.core, before.core) << "the core goes on undisturbed";

  control_.reset();  // from here on only guard and core hold the sockets
  agent_.reset();
  finish(process(after.core), SIGKILL);
  const auto last = who();
  EXPECT_NE(last.core, after.core);
  EXPECT_EQ(last.guard, after.guard) << "the new guard started it";
}

TEST_F(guard_processes_test, a_guard_that_dies_again_and_again_is_replaced_again_and_again) {
  start_guard();
  auto there = who();
  const auto core = there.core;
  for (int round = 0; round < 4; ++round) {
    finish(process(there.guard), SIGKILL);
    there = who_but_not_guard(there.guard);
    EXPECT_EQ(there.core, core);
  }
}

// proves: P2
TEST_F(guard_processes_test, a_home_of_which_nothing_lives_is_started_by_whoever_needs_it) {
  const auto guard = start_guard();
  const auto core = process(who().core);
  send(core, SIGSTOP);  // so that it does not start a guard in between
  finish(guard, SIGKILL);
  finish(core, SIGKILL);
  control_.reset();
  agent_.reset();
  const auto specification = guard_specification(60'000);
  const guard_command command{specification.arguments, specification.environment,
                              specification.log};
  guard_starter starter({real_.clock(), real_.files(), real_.locks(), real_.processes()}, layout_,
                        command);
  EXPECT_EQ(starter.ensure(), guard_presence::started);
  EXPECT_NE(who().core, core.pid);
}

// proves: S16
TEST_F(guard_processes_test, a_stopped_home_stays_stopped) {
  const auto guard = start_guard();
  const auto core = process(who().core);
  ASSERT_TRUE(home::mark_stopped(real_.files(), layout_, "nine down", {}));
  finish(core, SIGKILL);
  EXPECT_EQ(wait_for_end(guard), environment::exit_status::exited(exit_stopped));
  const auto again = real_.processes().spawn(guard_specification(60'000)).value();
  EXPECT_EQ(wait_for_end(again), environment::exit_status::exited(exit_stopped));
}

TEST_F(guard_processes_test, a_guard_that_is_asked_to_stop_stops_the_core_first) {
  const auto guard = start_guard();
  const auto core = process(who().core);
  send(guard, SIGTERM);
  wait_for_end(core);
  EXPECT_EQ(wait_for_end(guard), environment::exit_status::exited(exit_stopped));
}

// proves: S9
TEST_F(guard_processes_test, a_guard_with_an_init_system_tells_it_when_it_listens) {
  auto notifications = real_.notifications().listen(directory_ / "init.sock").value();
  auto specification = guard_specification(60'000);
  specification.environment.push_back(
      fmt::format("NOTIFY_SOCKET={}", (directory_ / "init.sock").native()));
  const auto guard = real_.processes().spawn(specification).value();
  environment::notification got;
  while (got.lines != "READY=1") {
    got = environment::testing::run(real_.context(), notifications->receive()).value();
    EXPECT_EQ(got.sender_pid, guard.pid);
  }
  const environment::endpoint control = environment::unix_endpoint{layout_.control_socket()};
  EXPECT_TRUE(environment::testing::run(real_.context(), real_.network().connect(control)));
  EXPECT_EQ(who().guard, 0) << "the init system replaces a dead guard, not the core";
}

}  // namespace
}  // namespace nine::supervision::guard

int main(int count, char** arguments) {
  const std::string_view role = count > 1 ? arguments[1] : "";
  if (role == "--play-core") return nine::supervision::guard::play_core();
  if (role == "--play-guard") return nine::supervision::guard::play_guard();
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
