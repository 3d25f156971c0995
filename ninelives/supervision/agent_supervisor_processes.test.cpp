#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <filesystem>

#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/real_process_sights.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"

// The supervisor with the shipped nine-shim and real processes. Everything waits for events; a wait
// that does not end is ended by the time-out of the test program.

namespace nine::supervision {
namespace {

using environment::liveness;
using environment::process_identity;

/// Notes what happened to its one child, and acknowledges at once.
class owner final : public child_events {
 public:
  agent_supervisor* supervisor = nullptr;
  std::string script = "exec sleep 600";
  std::string directory;
  std::int64_t epochs = 0;
  int lives = 0;
  process_identity agent;
  std::vector<incarnation_ending> endings;
  std::optional<child_outcome> outcome;

  result<shim::start> incarnation_starting(const std::string&) override {
    shim::start message;
    message.incarnation = epoch(++epochs);
    message.arguments = {"/bin/sh", "-c", script};
    message.environment = {"PATH=/usr/bin:/bin"};
    message.directory = directory;
    message.stdout_file = message.stderr_file = directory + "/output";
    return message;
  }
  void incarnation_started(const std::string&, epoch, const process_identity& which) override {
    agent = which;
    ++lives;
  }
  void memory_not_limited(const std::string&, const std::string&) override {}
  void incarnation_ended(const std::string& child, const incarnation_ending& ending,
                         const restart_decision&) override {
    agent = {};
    endings.push_back(ending);
    supervisor->acknowledge(child, ending.incarnation);
  }
  void child_finished(const std::string&, const child_outcome& how) override { outcome = how; }
  void child_gone(const std::string&) override {}
  void fenced(const std::string& reason) override { FAIL() << reason; }
};

class agent_supervisor_processes : public testing::Test {
 protected:
  agent_supervisor_processes() {
    events.directory = home.path();
    new_core(1);
  }
  ~agent_supervisor_processes() override {
    if (supervisor->stop("a", "the test is over")) wait_until([this] { return !has_child(); });
  }

  void new_core(std::int64_t number) {
    supervisor.reset();
    agent_supervisor_options options;
    options.shims = home / "shims";
    options.shim_program = std::string(NINE_PROGRAM_DIRECTORY) + "/nine-shim";
    options.look_at_processes = environment::see_processes;
    options.core = core_epoch(number);
    supervisor =
        std::make_unique<agent_supervisor>(real.executor(), seams, worker, events, options);
    events.supervisor = supervisor.get();
  }
  void wait_until(const std::function<bool()>& condition) {
    real.context().restart();
    while (!condition())
      ASSERT_GT(real.context().run_one(), 0U) << "nothing is left that could happen";
  }
  template <class Answer>
  Answer run(boost::asio::awaitable<Answer> call) {
    return environment::testing::run(real.context(), std::move(call));
  }
  void start() {
    child_request request;
    request.name = "a";
    request.specification.restart = restart_type::transient;
    request.delay.base = 0s;
    request.crash_loop.crashes = 0;
    requested = request;
    const auto started = run(supervisor->start(request));
    ASSERT_TRUE(started) << started.error().message;
    wait_until([this] { return events.lives > 0; });  // it may be over already
  }
  void kill(const process_identity& process) {
    ASSERT_TRUE(real.processes().signal(process, SIGKILL));
  }
  bool has_child() const { return !supervisor->children().empty(); }
  /// How many there are in the session that this agent led.
  std::size_t in_session_of(const process_identity& agent) {
    const auto seen = environment::see_processes({}).value();
    return static_cast<std::size_t>(
        std::ranges::count_if(seen, [&](const auto& sight) { return sight.session == agent.pid; }));
  }
  /// The shim writes it when it has told of the start, and tells nobody.
  void wait_until_written(const std::filesystem::path& file) {
    while (!real.files().information(file)) {
      auto pause = real.clock().sleep_for(1ms);
      real.context().restart();
      boost::asio::co_spawn(real.executor(), std::move(pause), boost::asio::detached);
      real.context().run_one();
    }
  }
  bool is_alive(const process_identity& process) {
    return real.processes().probe(process) == liveness::alive;
  }

  environment::testing::temporary_directory home;
  environment::real_environment real;
  environment::bundle seams{real.clock(), real.random(), real.files(), real.network(),
                            real.processes()};
  environment::thread_worker worker;
  owner events;
  child_request requested;
  std::unique_ptr<agent_supervisor> supervisor;
};

TEST_F(agent_supervisor_processes, restarts_a_killed_agent_in_the_same_shim) {
  start();
  const auto first = events.agent;
  const auto shim = supervisor->children().at(0).shim;
  kill(first);
  wait_until([&] { return events.endings.size() == 1 && events.agent; });
  EXPECT_EQ(events.endings[0].exit, environment::exit_status::signalled(SIGKILL));
  EXPECT_FALSE(is_alive(first));
  EXPECT_TRUE(is_alive(events.agent));
  EXPECT_EQ(supervisor->children().at(0).shim, shim);
}

TEST_F(agent_supervisor_processes, ends_the_agent_of_a_killed_shim_and_goes_on_in_a_new_one) {
  events.script = "sleep 600 & setsid sleep 600 & wait";
  start();
  const auto first = events.agent;
  const auto shim = supervisor->children().at(0).shim;
  kill(shim);
  wait_until([&] { return events.endings.size() == 1 && events.agent; });
  EXPECT_EQ(events.endings[0].how, incarnation_ending::kind::lost);
  EXPECT_FALSE(is_alive(first));
  EXPECT_NE(supervisor->children().at(0).shim, shim);
  const auto marked = real.processes().find_marked("NINE_CHILD=" + (home / "shims" / "a").string());
  ASSERT_TRUE(marked);
  EXPECT_LE(marked->size(), 4U) << "only the second life and its helpers";
}

/// As perl does with `$0 = …`, or `env -i`: it and its helper show none of the environment they
/// got.
constexpr const char* shows_no_environment = "env -i sleep 600 & exec env -i sleep 600";

// proves: S8, S15
TEST_F(agent_supervisor_processes,
       ends_an_agent_that_hides_its_environment_when_its_shim_is_killed) {
  events.script = shows_no_environment;
  start();
  const auto first = events.agent;
  kill(supervisor->children().at(0).shim);
  wait_until([&] { return events.endings.size() == 1 && events.agent; });
  EXPECT_EQ(in_session_of(first), 0U);
}

// proves: S15
TEST_F(agent_supervisor_processes, ends_such_an_agent_when_the_core_was_killed_too) {
  events.script = shows_no_environment;
  start();
  const auto first = events.agent;
  const auto shim = supervisor->children().at(0).shim;
  const auto directory = home / "shims" / "a";
  const auto group = real.files().read(directory / "cgroup", 4 * KiB);
  if (!group || group->empty()) wait_until_written(directory / "agent");
  new_core(2);
  kill(shim);
  run(real.processes().wait(shim));
  const auto found = run(supervisor->take_over());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at(0).found, taken_over::state::lost);
  EXPECT_EQ(in_session_of(first), 0U);
}

TEST_F(agent_supervisor_processes, takes_over_the_agents_of_an_earlier_core) {
  start();
  const auto agent = events.agent;
  new_core(2);
  const auto found = run(supervisor->take_over());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->at(0).found, taken_over::state::running);
  EXPECT_EQ(found->at(0).agent, agent);
  ASSERT_TRUE(supervisor->adopt(requested));
  wait_until([this] { return events.lives == 2; });
  EXPECT_EQ(events.agent, agent);
  EXPECT_TRUE(is_alive(agent));
}

TEST_F(agent_supervisor_processes, leaves_nothing_behind_when_the_agent_is_done) {
  events.script = "echo done";
  start();
  wait_until([this] { return !has_child(); });
  ASSERT_TRUE(events.outcome);
  EXPECT_EQ(events.outcome->how, child_outcome::kind::normal);
  EXPECT_EQ(real.files().read(home / "output", 100).value_or(""), "done\n");
  EXPECT_EQ(real.files().list(home / "shims").value().size(), 0U);
  for (const auto* marker : {"NINE_CHILD=", "NINE_SHIM="}) {
    const auto left = real.processes().find_marked(marker + (home / "shims" / "a").string());
    EXPECT_EQ(left.value().size(), 0U) << marker;
  }
}

TEST_F(agent_supervisor_processes, says_at_once_that_there_is_no_such_program) {
  child_request request;
  request.name = "a";
  supervisor.reset();
  agent_supervisor_options options;
  options.shims = home / "shims";
  options.shim_program = "/nowhere/nine-shim";
  supervisor = std::make_unique<agent_supervisor>(real.executor(), seams, worker, events, options);
  const auto started = run(supervisor->start(request));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, error_code::not_found);
  EXPECT_EQ(real.files().list(home / "shims").value().size(), 0U);
}

}  // namespace
}  // namespace nine::supervision
