#include "ninelives/supervision/agent_supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "ninelives/supervision/shim/ending_record.hpp"
#include "ninelives/supervision/test_world.hpp"

namespace nine::supervision {
namespace {

using environment::exit_status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing_world::world;

const std::string_view outcome_names[] = {"normal", "stopped", "crashed-too-often", "start-failed",
                                          "lost"};

/// The owner of the children: gives epochs, writes down what it is told.
class owner final : public child_events {
 public:
  std::vector<std::string> heard;
  std::vector<std::string> gone;  ///< kept apart from the rest
  std::map<std::string, std::int64_t> epochs;
  std::vector<incarnation_ending> endings;
  std::vector<child_outcome> outcomes;
  std::optional<error> refuse_start;
  std::function<void(const incarnation_ending&)> on_ending;
  bool inside_a_call = false;

  result<shim::start> incarnation_starting(const std::string& child) override {
    hear("starting " + child);
    if (refuse_start) return std::unexpected(*refuse_start);
    shim::start message;
    message.incarnation = epoch(++epochs[child]);
    message.arguments = {"/bin/agent"};
    message.environment = {"PATH=/bin"};
    return message;
  }
  void incarnation_started(const std::string& child, epoch incarnation,
                           const environment::process_identity&) override {
    hear(fmt::format("started {} {}", child, incarnation.value()));
  }
  void incarnation_ended(const std::string& child, const incarnation_ending& ending,
                         const restart_decision& decision) override {
    const auto what = ending.how == incarnation_ending::kind::exited ? to_string(ending.exit)
                      : ending.how == incarnation_ending::kind::lost ? "lost"
                                                                     : "start failed";
    hear(fmt::format("ended {} {} {}{}", child, ending.incarnation.value(), what,
                     decision.will_restart ? ", restart" : ""));
    endings.push_back(ending);
    if (on_ending) on_ending(ending);
  }
  void child_finished(const std::string& child, const child_outcome& outcome) override {
    hear(fmt::format("finished {} {}", child, outcome_names[static_cast<int>(outcome.how)]));
    outcomes.push_back(outcome);
  }
  void child_gone(const std::string& child) override {
    EXPECT_FALSE(inside_a_call);
    gone.push_back(child);
  }
  void fenced(const std::string&) override { hear("fenced"); }

  std::vector<std::string> take() { return std::exchange(heard, {}); }

 private:
  void hear(std::string what) {
    EXPECT_FALSE(inside_a_call) << what << " was said from within a call";
    heard.push_back(std::move(what));
  }
};

child_request request_for(std::string name, restart_type restart = restart_type::transient) {
  child_request request;
  request.name = std::move(name);
  request.specification.restart = restart;
  request.delay.base = 1s;
  request.crash_loop.crashes = 0;
  return request;
}

class agent_supervisor_test : public testing::Test {
 protected:
  agent_supervisor_test() { new_core(1); }
  ~agent_supervisor_test() override {
    // Coroutines that wait for each other's ends would keep each other.
    supervisor.reset();
    for (const auto& shim : std::exchange(machine.shims, {}))
      shim.second->die();
    machine.settle();
  }

  /// The core before it is gone, as by SIGKILL; its shims are not.
  void new_core(std::int64_t number) {
    supervisor.reset();
    machine.settle();
    agent_supervisor_options options;
    options.shims = "/home/shims";
    options.shim_program = "/usr/bin/nine-shim";
    options.shim_environment = {"PATH=/bin"};
    options.core = core_epoch(number);
    options.core_epoch_file = "/home/core_epoch";
    supervisor = std::make_unique<agent_supervisor>(context.get_executor(), machine.bundle(),
                                                    machine.worker, events, options);
  }

  result<void> start(child_request request) {
    return machine.finish(supervisor->start(std::move(request)));
  }
  std::vector<taken_over> take_over() {
    auto call = machine.begin(supervisor->take_over());
    machine.settle();
    if (!call->has_value()) machine.pass(5s);
    return call->value().value();
  }
  template <class Call>
  auto quietly(Call call) {
    events.inside_a_call = true;
    auto outcome = call();
    events.inside_a_call = false;
    machine.settle();
    return outcome;
  }
  result<void> stop(const std::string& child) {
    return quietly([&] { return supervisor->stop(child, "a test said so"); });
  }
  result<void> adopt(child_request request) {
    return quietly([&] { return supervisor->adopt(std::move(request)); });
  }
  result<void> discard(const std::string& child) {
    return quietly([&] { return supervisor->discard(child, "nobody wants it"); });
  }
  void acknowledge(const std::string& child, std::int64_t incarnation) {
    supervisor->acknowledge(child, epoch(incarnation));
    machine.settle();
  }
  void crash(const std::string& child) {
    shim_of(child).agent_exits(exit_status::signalled(9));
    machine.settle();
  }
  testing_world::fake_shim& shim_of(const std::string& child) {
    return *machine.shims.at("/home/shims/" + child);
  }
  void kill_shim_of(const std::string& child) {
    machine.kill_shim(machine.shims.at("/home/shims/" + child));
    machine.settle();
  }
  /// No process, file or entry is left of any child.
  void expect_nothing_left() {
    machine.settle();
    EXPECT_THAT(machine.processes.alive, IsEmpty());
    EXPECT_THAT(machine.files.directories, IsEmpty());
    EXPECT_THAT(machine.files.content, IsEmpty());
    EXPECT_THAT(supervisor->children(), IsEmpty());
  }

  boost::asio::io_context context;
  world machine{context.get_executor(), [this] {
                  context.restart();
                  context.poll();
                }};
  owner events;
  std::unique_ptr<agent_supervisor> supervisor;
};

// --- starting ---

TEST_F(agent_supervisor_test, starts_a_shim_and_the_first_incarnation) {
  ASSERT_TRUE(start(request_for("t1.a1")));
  EXPECT_THAT(events.take(), ElementsAre("starting t1.a1", "started t1.a1 1"));
  ASSERT_EQ(machine.spawned.size(), 1U);
  EXPECT_THAT(machine.spawned[0].arguments,
              ElementsAre("/usr/bin/nine-shim", "/home/shims/t1.a1", "1"));
  EXPECT_THAT(machine.spawned[0].environment,
              ElementsAre("PATH=/bin", "NINE_SHIM=/home/shims/t1.a1"));
  EXPECT_EQ(machine.spawned[0].listeners[0].name, "shim");
  const auto& message = shim_of("t1.a1").starts.at(0);
  EXPECT_EQ(message.supersedes, epoch(0));
  EXPECT_THAT(message.environment, ElementsAre("PATH=/bin", "NINE_CHILD=/home/shims/t1.a1"));
  EXPECT_THAT(machine.files.content["/home/shims/t1.a1/identity"], HasSubstr("boot-1"));
}

TEST_F(agent_supervisor_test, refuses_bad_names_and_a_second_child_of_one_name) {
  for (const auto* name : {"", "T1", "a/b", "..", ".a", "a b"})
    EXPECT_EQ(start(request_for(name)).error().code, error_code::invalid_argument) << name;
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_EQ(start(request_for("a")).error().code, error_code::already_exists);
  EXPECT_EQ(machine.spawned.size(), 1U);
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_there_is_no_shim_program) {
  machine.fail_spawns = 1;
  EXPECT_EQ(start(request_for("a")).error().code, error_code::not_found);
  expect_nothing_left();
  EXPECT_TRUE(start(request_for("a")));
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_nobody_listens) {
  machine.network.connects_to_fail = 1;
  EXPECT_EQ(start(request_for("a")).error().code, error_code::unavailable);
  expect_nothing_left();
  EXPECT_TRUE(start(request_for("a")));
}

TEST_F(agent_supervisor_test, repeats_what_a_shim_said_before_it_failed) {
  machine.network.connects_to_fail = 1;
  machine.files.content["/home/shims/a/shim.log"] = "descriptor 3 is no socket\n";
  const auto outcome = start(request_for("a"));
  EXPECT_THAT(outcome.error().message, testing::EndsWith("said: descriptor 3 is no socket"));
}

TEST_F(agent_supervisor_test, rolls_a_start_back_when_the_shim_never_answers) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.pass(29s);
  EXPECT_FALSE(outcome->has_value());
  machine.pass(2s);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->error().code, error_code::timed_out);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, can_be_told_to_stop_a_child_whose_shim_is_being_started) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  EXPECT_TRUE(stop("a"));
  shim_of("a").thaw();
  machine.settle();
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->error().code, error_code::cancelled);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, does_not_retry_a_first_start_that_fails) {
  machine.new_shims_freeze = true;
  const auto outcome = machine.begin(supervisor->start(request_for("a")));
  machine.settle();
  shim_of("a").fail_starts = 1;
  shim_of("a").thaw();
  machine.settle();
  EXPECT_TRUE(outcome->value());
  EXPECT_THAT(events.take(),
              ElementsAre("starting a", "ended a 1 start failed", "finished a start-failed"));
  EXPECT_EQ(events.endings[0].error_number, 2);
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("no such program"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, takes_no_epoch_for_a_failed_start_like_any_other) {
  events.refuse_start = error{error_code::resource_exhausted, "the journal's queue is full"};
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("starting a", "finished a start-failed"));
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("queue is full"));
  expect_nothing_left();
}

// --- restarting ---

TEST_F(agent_supervisor_test, restarts_before_the_exit_is_acknowledged) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  crash("a");
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
  const auto& again = shim_of("a").starts.at(1);
  EXPECT_EQ(again.incarnation, epoch(2));
  EXPECT_EQ(again.supersedes, epoch(1));
  EXPECT_EQ(machine.spawned.size(), 1U) << "the same shim runs the next life";
}

TEST_F(agent_supervisor_test, ends_a_transient_child_that_is_done_and_its_shim_after_that) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  shim_of("a").agent_exits(exit_status::exited(0));
  machine.settle();
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  EXPECT_EQ(events.endings[0].output_bytes, 7U);
  machine.pass(60s);
  EXPECT_FALSE(shim_of("a").dead) << "it keeps what is not acknowledged";
  EXPECT_EQ(start(request_for("a")).error().code, error_code::already_exists);
  EXPECT_THAT(events.gone, IsEmpty());
  acknowledge("a", 1);
  expect_nothing_left();
  EXPECT_THAT(events.gone, ElementsAre("a"));
  EXPECT_TRUE(start(request_for("a"))) << "its name is free";
}

TEST_F(agent_supervisor_test, takes_an_exit_code_for_a_result_unless_told_otherwise) {
  ASSERT_TRUE(start(request_for("a")));
  auto strict = request_for("b");
  strict.exits = exit_meaning::success_only;
  ASSERT_TRUE(start(strict));
  events.take();
  shim_of("a").agent_exits(exit_status::exited(3));
  shim_of("b").agent_exits(exit_status::exited(3));
  machine.settle();
  EXPECT_THAT(events.take(), testing::UnorderedElementsAre(
                                 "ended a 1 exit code 3", "finished a normal",
                                 "ended b 1 exit code 3, restart", "starting b", "started b 2"));
}

TEST_F(agent_supervisor_test, gives_up_when_the_restart_intensity_is_exceeded) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  for (int restart = 0; restart < 5; ++restart) {
    crash("a");
    EXPECT_EQ(events.take().back(), fmt::format("started a {}", restart + 2));
  }
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 6 signal 9", "finished a crashed-too-often"));
  EXPECT_EQ(events.outcomes[0].exit, exit_status::signalled(9));
  acknowledge("a", 6);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, charges_restarts_whose_start_fails) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  shim_of("a").fail_starts = 99;
  crash("a");
  EXPECT_EQ(events.take().back(), "finished a crashed-too-often");
  EXPECT_EQ(shim_of("a").starts.size(), 6U);
}

TEST_F(agent_supervisor_test, delays_the_second_restart_in_a_row) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  events.take();
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 2 signal 9, restart"));
  EXPECT_EQ(supervisor->children().at(0).now, child_view::state::restarting);
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
}

TEST_F(agent_supervisor_test, does_not_delay_after_a_run_that_made_progress) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  supervisor->made_progress("a");
  events.take();
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 3");
}

TEST_F(agent_supervisor_test, goes_on_with_a_cool_down_after_its_own_restart) {  // S4
  auto request = request_for("a");
  request.crash_loop = {.crashes = 3, .window = 120s, .cool_down = 120s};
  const auto now = machine.clock.wall_now();
  request.crashes = {now - 30s, now - 20s, now - 10s};
  ASSERT_TRUE(start(request));
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(111s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 1"));
}

TEST_F(agent_supervisor_test, holds_restarts_when_too_many_endings_wait_for_the_journal) {
  auto request = request_for("a");
  request.delay.base = 0s;
  request.intensity = {1000, 1h};
  ASSERT_TRUE(start(request));
  const auto most = static_cast<std::int64_t>(shim::endings_kept_most);
  for (std::int64_t life = 1; life <= most; ++life)
    crash("a");
  EXPECT_EQ(events.take().back(), fmt::format("ended a {} signal 9, restart", most));
  acknowledge("a", 1);
  EXPECT_THAT(events.take(), ElementsAre("starting a", fmt::format("started a {}", most + 1)));
}

TEST_F(agent_supervisor_test, can_be_called_from_its_own_events) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  events.on_ending = [this](const auto& ending) {
    supervisor->acknowledge("a", ending.incarnation);
    EXPECT_TRUE(supervisor->stop("a", "enough"));
  };
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "finished a stopped"));
  expect_nothing_left();
}

// --- stopping ---

TEST_F(agent_supervisor_test, stops_a_running_child) {
  ASSERT_TRUE(start(request_for("a", restart_type::permanent)));
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 15", "finished a stopped"));
  EXPECT_TRUE(events.endings[0].stop_was_asked);
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("a test said so"));
  EXPECT_TRUE(stop("a"));
  acknowledge("a", 1);
  expect_nothing_left();
  EXPECT_EQ(stop("a").error().code, error_code::not_found);
}

TEST_F(agent_supervisor_test, kills_a_child_that_does_not_stop_in_its_grace_time) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_ignores_term = true;
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(6s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9", "finished a stopped"));
}

TEST_F(agent_supervisor_test, stops_a_child_that_waits_for_its_restart) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  EXPECT_TRUE(stop("a"));
  EXPECT_THAT(events.take(), ElementsAre("finished a stopped"));
  machine.pass(60s);
  acknowledge("a", 2);
  EXPECT_THAT(events.take(), IsEmpty());
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, ends_a_shim_that_does_not_do_what_it_is_told) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").freeze();
  events.take();
  EXPECT_TRUE(stop("a"));
  machine.pass(14s);
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(3s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost", "finished a stopped"));
  acknowledge("a", 1);
  expect_nothing_left();
}

// --- when shims die and connections break ---

TEST_F(agent_supervisor_test, ends_what_a_dead_shim_left_and_goes_on_in_a_new_one) {
  ASSERT_TRUE(start(request_for("a")));
  const auto agent = shim_of("a").agent_pid;
  const auto helper = machine.processes.add({"NINE_CHILD=/home/shims/a"});
  const auto stranger = machine.processes.add({"NINE_CHILD=/elsewhere/shims/a"});
  events.take();
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost, restart", "starting a", "started a 2"));
  EXPECT_FALSE(machine.processes.alive.contains(agent));
  EXPECT_FALSE(machine.processes.alive.contains(helper.pid));
  EXPECT_TRUE(machine.processes.alive.contains(stranger.pid));
  EXPECT_EQ(machine.spawned.size(), 2U);
  EXPECT_NE(shim_of("a").agent_pid, agent);
}

// proves: S10
TEST_F(agent_supervisor_test, does_not_do_again_what_a_dead_shim_had_written_down_as_done) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, takes_an_older_life_that_is_written_down_for_no_ending_of_this_one) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  machine.pass(2s);
  events.take();
  const shim::exited exit{epoch(1), exit_status::signalled(9), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 2 lost, restart", "starting a", "started a 3"));
}

TEST_F(agent_supervisor_test, looks_again_until_nothing_forks_any_more) {
  ASSERT_TRUE(start(request_for("a")));
  int generations = 5;
  std::function<void()> fork = [&] {
    if (generations-- > 0) machine.processes.add({"NINE_CHILD=/home/shims/a"}, fork);
  };
  machine.processes.add({"NINE_CHILD=/home/shims/a"}, fork);
  events.take();
  kill_shim_of("a");
  machine.pass(2s);
  EXPECT_EQ(generations, -1);
  EXPECT_EQ(events.take().back(), "started a 2");
}

TEST_F(agent_supervisor_test, ends_what_is_in_the_cgroup_of_a_dead_shim) {
  ASSERT_TRUE(start(request_for("a")));
  const auto unmarked = machine.processes.add({});
  machine.files.content["/cgroup/a/cgroup.procs"] = fmt::format("{}\n", unmarked.pid);
  shim_of("a").cgroup = "/cgroup/a";
  crash("a");
  kill_shim_of("a");
  machine.pass(1s);
  EXPECT_FALSE(machine.processes.alive.contains(unmarked.pid));
}

TEST_F(agent_supervisor_test, does_not_restart_a_temporary_child_whose_shim_died) {
  ASSERT_TRUE(start(request_for("a", restart_type::temporary)));
  events.take();
  kill_shim_of("a");
  machine.pass(100ms);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 lost", "finished a lost"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, makes_no_shim_for_a_child_that_waits_before_its_time) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  kill_shim_of("a");
  EXPECT_EQ(machine.spawned.size(), 1U);
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
  EXPECT_EQ(machine.spawned.size(), 2U);
}

TEST_F(agent_supervisor_test, charges_shims_that_cannot_be_made_again) {
  auto request = request_for("a");
  request.delay.base = 0s;
  ASSERT_TRUE(start(request));
  events.take();
  machine.fail_spawns = 99;
  kill_shim_of("a");
  machine.pass(1s);
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 lost, restart", "finished a crashed-too-often"));
  EXPECT_THAT(events.outcomes[0].reason, HasSubstr("nine-shim"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, connects_again_without_a_word_when_only_the_connection_broke) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.network.connects_to_fail = 3;
  shim_of("a").cut_connections();
  machine.settle();
  EXPECT_FALSE(supervisor->children().at(0).connected);
  machine.pass(1s);
  EXPECT_TRUE(supervisor->children().at(0).connected);
  EXPECT_THAT(events.take(), IsEmpty());
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 2");
}

TEST_F(agent_supervisor_test, hears_of_an_exit_that_it_missed) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.network.connects_to_fail = 3;
  shim_of("a").cut_connections();
  machine.settle();
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
  machine.pass(1s);
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
}

TEST_F(agent_supervisor_test, says_a_start_again_that_never_arrived) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  events.take();
  shim_of("a").lose_next_requests = true;
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("starting a"));
  shim_of("a").cut_connections();
  machine.pass(1s);
  EXPECT_THAT(events.take(), ElementsAre("started a 3"));
}

TEST_F(agent_supervisor_test, never_takes_a_mute_shim_for_a_dead_one) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  shim_of("a").freeze();
  shim_of("a").cut_connections();
  machine.pass(10min);
  EXPECT_THAT(events.take(), IsEmpty());
  shim_of("a").thaw();
  machine.pass(10s);
  EXPECT_TRUE(supervisor->children().at(0).connected);
  EXPECT_EQ(shim_of("a").starts.size(), 1U);
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, never_takes_a_failed_probe_for_a_death) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  machine.processes.probes_fail = true;
  machine.network.connects_to_fail = 10;
  shim_of("a").cut_connections();
  machine.pass(20s);
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_TRUE(supervisor->children().at(0).connected);
}

// --- replaced and taken over ---

TEST_F(agent_supervisor_test, lets_go_without_touching_the_agents) {  // S10
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  supervisor.reset();
  machine.settle();
  EXPECT_TRUE(machine.processes.alive.contains(shim_of("a").agent_pid));
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, stops_for_good_when_a_newer_core_has_the_shims) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  auto old = std::move(supervisor);
  new_core(2);
  EXPECT_EQ(take_over().at(0).found, taken_over::state::running);
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("fenced"));
  EXPECT_EQ(machine.finish(old->start(request_for("b"))).error().code, error_code::fenced);
  crash("a");
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, is_fenced_when_it_takes_over_from_a_newer_core) {
  new_core(5);
  ASSERT_TRUE(start(request_for("a")));
  new_core(4);
  events.take();
  const auto found = machine.finish(supervisor->take_over());
  EXPECT_EQ(found.error().code, error_code::fenced);
  EXPECT_THAT(events.take(), ElementsAre("fenced"));
}

TEST_F(agent_supervisor_test, is_fenced_when_its_own_journal_says_so) {
  ASSERT_TRUE(start(request_for("a")));
  events.take();
  events.refuse_start = error{error_code::fenced, "a newer core has claimed the journal"};
  crash("a");
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "starting a", "fenced"));
}

TEST_F(agent_supervisor_test, finds_nothing_in_a_new_home) {
  EXPECT_THAT(take_over(), IsEmpty());
}

TEST_F(agent_supervisor_test, takes_over_a_running_child) {  // S10
  ASSERT_TRUE(start(request_for("a")));
  const auto agent = shim_of("a").agent_pid;
  new_core(2);
  events.take();
  const auto found = take_over();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].found, taken_over::state::running);
  EXPECT_EQ(found[0].incarnation, epoch(1));
  EXPECT_EQ(found[0].agent.pid, agent);
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("started a 1"));
  EXPECT_EQ(adopt(request_for("a")).error().code, error_code::already_exists);
  crash("a");
  EXPECT_EQ(events.take().back(), "started a 2");
  EXPECT_EQ(machine.spawned.size(), 1U);
}

TEST_F(agent_supervisor_test, restarts_a_child_that_crashed_while_no_core_was_there) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  crash("a");
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::idle);
  ASSERT_EQ(found[0].endings.size(), 1U);
  EXPECT_EQ(found[0].endings[0].exit, exit_status::signalled(9));
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(),
              ElementsAre("ended a 1 signal 9, restart", "starting a", "started a 2"));
}

TEST_F(agent_supervisor_test, finishes_a_child_that_was_done_while_no_core_was_there) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").agent_exits(exit_status::exited(0));
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 exit code 0", "finished a normal"));
  acknowledge("a", 1);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, reports_endings_that_an_earlier_core_restarted_but_did_not_record) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  new_core(2);
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::running);
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "started a 2"));
  acknowledge("a", 1);
  crash("a");
  EXPECT_EQ(shim_of("a").starts.back().supersedes, epoch(2));
}

TEST_F(agent_supervisor_test, starts_a_child_that_waited_for_its_restart_when_the_core_died) {
  ASSERT_TRUE(start(request_for("a")));
  crash("a");
  crash("a");
  acknowledge("a", 2);
  new_core(2);
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::idle);
  EXPECT_THAT(found[0].endings, IsEmpty());
  ASSERT_TRUE(adopt(request_for("a")));
  EXPECT_THAT(events.take(), ElementsAre("starting a", "started a 3"));
}

TEST_F(agent_supervisor_test, keeps_down_what_an_earlier_core_stopped) {  // S16
  ASSERT_TRUE(start(request_for("a", restart_type::permanent)));
  EXPECT_TRUE(stop("a"));
  new_core(2);
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a", restart_type::permanent)));
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 15", "finished a stopped"));
}

TEST_F(agent_supervisor_test, clears_away_what_a_dead_shim_left) {  // S15
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  kill_shim_of("a");
  EXPECT_TRUE(machine.processes.alive.contains(shim_of("a").agent_pid));
  events.take();
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::lost);
  EXPECT_EQ(adopt(request_for("a")).error().code, error_code::not_found);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
}

TEST_F(agent_supervisor_test, reads_what_a_dead_shim_had_written_down) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  kill_shim_of("a");
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  const auto found = take_over();
  EXPECT_EQ(found.at(0).found, taken_over::state::lost);
  EXPECT_EQ(found[0].incarnation, epoch(1));
  ASSERT_EQ(found[0].endings.size(), 1U);
  EXPECT_EQ(found[0].endings[0].exit, exit_status::exited(0));
}

TEST_F(agent_supervisor_test, finds_a_shim_whose_identity_was_never_written) {  // S8
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  machine.files.content.clear();
  shim_of("a").freeze();
  EXPECT_EQ(take_over().at(0).found, taken_over::state::unknown);
}

TEST_F(agent_supervisor_test, signals_nobody_for_a_shim_of_an_earlier_boot) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  machine.kill_shim(machine.shims.at("/home/shims/a"));
  machine.processes.alive.clear();
  machine.processes.boot = "boot-2";
  const auto stranger = machine.processes.add({"NINE_CHILD=/home/shims/a"});
  EXPECT_EQ(take_over().at(0).found, taken_over::state::lost);
  EXPECT_TRUE(machine.processes.alive.contains(stranger.pid));
  EXPECT_THAT(machine.files.directories, IsEmpty());
}

/// Else a new core would take the shim, of which this core had no time to write, for that one.
TEST_F(agent_supervisor_test, forgets_whose_a_directory_was_before_a_shim_is_made_in_it) {
  const std::string identity = "/home/shims/a/identity";
  machine.files.content[identity] = "77 770 boot-0\n";
  bool forgotten = false;
  auto begin = std::exchange(machine.processes.begin_program, {});
  machine.processes.begin_program = [&](const auto& process, const auto& specification) {
    forgotten = !machine.files.content.contains(identity);
    return begin(process, specification);
  };
  ASSERT_TRUE(start(request_for("a")));
  EXPECT_TRUE(forgotten);
  EXPECT_THAT(machine.files.content[identity], HasSubstr("boot-1"));
}

TEST_F(agent_supervisor_test, goes_on_with_a_mute_shim_once_it_answers) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  EXPECT_EQ(take_over().at(0).found, taken_over::state::unknown);
  ASSERT_TRUE(adopt(request_for("a")));
  machine.pass(60s);
  EXPECT_THAT(events.take(), IsEmpty());
  shim_of("a").thaw();
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("started a 1"));
}

TEST_F(agent_supervisor_test, restarts_an_adopted_child_whose_mute_shim_turns_out_to_be_dead) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 0 lost, restart", "starting a", "started a 2"));
}

// proves: S10
TEST_F(agent_supervisor_test, hears_from_the_file_of_an_adopted_child_whose_mute_shim_is_dead) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  const shim::exited crashed{epoch(1), exit_status::signalled(9), false, 7};
  const shim::exited done{epoch(2), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] =
      shim::format_ending(crashed) + shim::format_ending(done);
  kill_shim_of("a");
  machine.pass(5s);
  EXPECT_THAT(events.take(), ElementsAre("ended a 1 signal 9, restart", "ended a 2 exit code 0",
                                         "finished a normal"));
}

TEST_F(agent_supervisor_test, believes_nothing_that_is_written_down_in_an_earlier_boot) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  const shim::exited exit{epoch(1), exit_status::exited(0), false, 7};
  machine.files.content["/home/shims/a/exit"] = shim::format_ending(exit);
  machine.kill_shim(machine.shims.at("/home/shims/a"));
  machine.processes.alive.clear();
  machine.processes.boot = "boot-2";
  EXPECT_THAT(take_over().at(0).endings, IsEmpty());
}

TEST_F(agent_supervisor_test, says_of_what_is_discarded_only_that_it_is_gone) {
  ASSERT_TRUE(start(request_for("running")));
  ASSERT_TRUE(start(request_for("idle")));
  new_core(2);
  shim_of("idle").agent_exits(exit_status::exited(0));
  events.take();
  take_over();
  EXPECT_TRUE(discard("running"));
  EXPECT_TRUE(discard("idle"));
  EXPECT_EQ(discard("nobody").error().code, error_code::not_found);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, UnorderedElementsAre("running", "idle"));
}

// proves: D3
TEST_F(agent_supervisor_test, makes_no_shim_and_starts_no_life_once_a_newer_core_is_on_record) {
  ASSERT_TRUE(start(request_for("a")));
  machine.files.content["/home/core_epoch"] = "9\n";
  EXPECT_EQ(start(request_for("b")).error().code, error_code::fenced);
  EXPECT_FALSE(machine.shims.contains("/home/shims/b"));
  new_core(1);
  machine.files.content.erase("/home/core_epoch");
  take_over();
  ASSERT_TRUE(adopt(request_for("a")));
  machine.files.content["/home/core_epoch"] = "9\n";
  const auto starts = shim_of("a").starts.size();
  crash("a");
  machine.pass(5s);
  EXPECT_EQ(shim_of("a").starts.size(), starts);
}

/// From a coroutine of the executor, as the core does it: then the shim is heard within the call.
TEST_F(agent_supervisor_test, starts_nothing_in_an_idle_shim_that_is_discarded) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_exits(exit_status::exited(0));
  shim_of("a").endings_are_acknowledged();  // and the core dies before it lets the shim go
  new_core(2);
  events.take();
  take_over();
  boost::asio::post(context.get_executor(),
                    [this] { EXPECT_TRUE(supervisor->discard("a", "nobody wants it")); });
  machine.settle();
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, ElementsAre("a"));
}

// proves: S16
TEST_F(agent_supervisor_test,
       starts_nothing_in_an_idle_shim_that_was_stopped_before_it_was_adopted) {
  ASSERT_TRUE(start(request_for("a")));
  shim_of("a").agent_exits(exit_status::signalled(9));
  shim_of("a").endings_are_acknowledged();
  new_core(2);
  take_over();
  const auto starts = shim_of("a").starts.size();
  boost::asio::post(context.get_executor(), [this] {
    EXPECT_TRUE(supervisor->stop("a", "the home is stopped"));
    EXPECT_TRUE(supervisor->adopt(request_for("a")));
  });
  const auto shim = machine.shims.at("/home/shims/a");
  machine.settle();
  EXPECT_EQ(shim->starts.size(), starts);
  expect_nothing_left();
}

TEST_F(agent_supervisor_test, ends_a_mute_shim_that_is_discarded_after_a_while) {
  ASSERT_TRUE(start(request_for("a")));
  new_core(2);
  shim_of("a").freeze();
  events.take();
  take_over();
  EXPECT_TRUE(discard("a"));
  EXPECT_THAT(events.gone, IsEmpty()) << "its agent may run";
  machine.pass(20s);
  expect_nothing_left();
  EXPECT_THAT(events.take(), IsEmpty());
  EXPECT_THAT(events.gone, ElementsAre("a"));
}

TEST_F(agent_supervisor_test, looks_twice_when_very_many_seem_dead_at_once) {  // S7
  for (int child = 0; child < 6; ++child) {
    const auto name = fmt::format("a{}", child);
    ASSERT_TRUE(start(request_for(name)));
  }
  new_core(2);
  machine.files.content.clear();
  machine.network.connects_to_fail = 6;
  machine.processes.hide_for_looks = 6;
  for (const auto& found : take_over())
    EXPECT_EQ(found.found, taken_over::state::running);
}

TEST_F(agent_supervisor_test, takes_over_a_thousand_children_at_once) {
  constexpr int many = 1000;
  for (int child = 0; child < many; ++child) {
    const auto name = fmt::format("a{}", child);
    ASSERT_TRUE(start(request_for(name)));
  }
  new_core(2);
  events.take();
  const auto found = take_over();
  ASSERT_EQ(found.size(), std::size_t{many});
  for (const auto& child : found)
    ASSERT_TRUE(adopt(request_for(child.name)));
  EXPECT_EQ(events.take().size(), std::size_t{many});
  EXPECT_EQ(machine.spawned.size(), std::size_t{many});
}

}  // namespace
}  // namespace nine::supervision
