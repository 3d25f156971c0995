#include "ninelives/supervision/shim/shim_core.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nine::supervision::shim {
namespace {

constexpr monotonic_time origin{1000s};
const environment::process_identity agent_process{100, 1, "boot"};

std::string describe(const event& message) {
  struct visitor {
    std::string operator()(const shim_hello& hello) {
      std::string text = hello.state == agent_state::running ? "hello(running " : "hello(none ";
      text += std::to_string(hello.incarnation.value());
      for (const auto& exit : hello.exits)
        text += " " + describe(event(exit));
      for (const auto& failed : hello.failed_starts)
        text += " " + describe(event(failed));
      return text + ")";
    }
    std::string operator()(const started& what) {
      return "started(" + std::to_string(what.incarnation.value()) + ")";
    }
    std::string operator()(const start_failed& what) {
      return "start_failed(" + std::to_string(what.incarnation.value()) + " " + what.message + ")";
    }
    std::string operator()(const exited& what) {
      return "exited(" + std::to_string(what.incarnation.value()) + " " + to_string(what.exit) +
             (what.stop_was_asked ? " asked" : "") + ")";
    }
    std::string operator()(const refused& what) {
      return "refused(" + std::to_string(what.request_kind) + " " + what.reason + ")";
    }
  };
  return std::visit(visitor{}, message);
}

std::string describe(const shim_action& action) {
  struct visitor {
    std::string operator()(const spawn_agent& what) {
      return "spawn " + std::to_string(what.request.incarnation.value());
    }
    std::string operator()(const signal_agent& what) {
      return "signal " + std::to_string(what.signal_number);
    }
    std::string operator()(const kill_tree&) { return "kill"; }
    std::string operator()(const drain_output&) { return "drain"; }
    std::string operator()(const persist_ending&) { return "persist"; }
    std::string operator()(const send_event& what) {
      return "to " + std::to_string(what.connection) + " " + describe(what.message);
    }
    std::string operator()(const close_connection& what) {
      return "close " + std::to_string(what.connection);
    }
    std::string operator()(const forget_endings&) { return "forget"; }
    std::string operator()(const start_guard&) { return "guard"; }
    std::string operator()(const finish&) { return "finish"; }
  };
  return std::visit(visitor{}, action);
}

/// The next life of an agent whose earlier endings the core has seen.
start start_of(std::int64_t incarnation) {
  start message;
  message.incarnation = epoch(incarnation);
  message.supersedes = epoch(incarnation - 1);
  message.arguments = {"/bin/agent"};
  return message;
}

/// Feeds a core and gives the actions of each input as one line.
class fixture {
 public:
  explicit fixture(shim_settings settings = {}) : core(settings, origin) {}

  std::string take(shim_input input) {
    std::string line;
    for (const auto& action : core.handle(std::move(input), now)) {
      line += (line.empty() ? "" : "; ") + describe(action);
    }
    return line;
  }
  std::string ask(connection_id connection, request message) {
    return take(request_received{connection, std::move(message)});
  }
  std::string connect(connection_id connection, std::int64_t core_number) {
    take(connection_opened{connection});
    return ask(connection, core_hello{1, core_epoch(core_number)});
  }
  std::string wait(duration time) {
    now += time;
    return take(time_passed{});
  }
  void run(std::int64_t incarnation) {
    ask(1, start_of(incarnation));
    take(agent_spawned{epoch(incarnation), agent_process, ""});
  }
  std::string end(std::int64_t incarnation, environment::exit_status status) {
    std::string line = take(main_exited{epoch(incarnation), status});
    line += take(tree_gone{epoch(incarnation)});
    return line + "; " + take(output_drained{epoch(incarnation), 0});
  }

  shim_core core;
  monotonic_time now = origin;
};

const auto exit_3 = environment::exit_status::exited(3);

TEST(shim_core, an_agent_runs_exits_and_is_acknowledged) {
  fixture f;
  EXPECT_EQ(f.connect(1, 5), "to 1 hello(none 0)");
  EXPECT_EQ(f.ask(1, start_of(7)), "spawn 7");
  EXPECT_EQ(f.take(agent_spawned{epoch(7), agent_process, ""}), "to 1 started(7)");
  EXPECT_EQ(f.take(main_exited{epoch(7), exit_3}), "");
  EXPECT_EQ(f.take(tree_gone{epoch(7)}), "drain");
  EXPECT_EQ(f.take(output_drained{epoch(7), 12}), "to 1 exited(7 exit code 3); persist");
  EXPECT_EQ(f.ask(1, acknowledge_exit{epoch(7)}), "forget");
  EXPECT_EQ(f.ask(1, start_of(8)), "spawn 8");
}

TEST(shim_core, the_next_life_does_not_wait_until_the_last_ending_is_on_record) {
  fixture f;
  f.connect(1, 5);
  f.run(7);
  f.end(7, exit_3);
  EXPECT_EQ(f.ask(1, start_of(8)), "spawn 8");
  f.take(agent_spawn_failed{epoch(8), 2, "nothing there"});
  f.run(9);
  EXPECT_EQ(f.connect(2, 6),
            "to 1 refused(0 a newer connection took over); close 1; "
            "to 2 hello(running 9 exited(7 exit code 3) start_failed(8 nothing there))");
  EXPECT_EQ(f.ask(2, acknowledge_exit{epoch(7)}), "");
  EXPECT_EQ(f.ask(2, acknowledge_exit{epoch(9)}), "forget") << "up to the one that runs";
  EXPECT_EQ(f.ask(2, acknowledge_exit{epoch(9)}), "") << "repeated";
  EXPECT_EQ(f.connect(3, 6),
            "to 2 refused(0 a newer connection took over); close 2; to 3 hello(running 9)");
}

const auto crash = environment::exit_status::signalled(9);

// proves: P2
TEST(shim_core, a_crash_that_a_core_was_told_of_is_written_only_when_no_core_comes) {
  fixture f;
  f.connect(1, 5);
  f.run(7);
  EXPECT_EQ(f.end(7, crash), "drain; to 1 exited(7 signal 9)");
  f.run(8);
  EXPECT_EQ(f.end(8, crash), "drain; to 1 exited(8 signal 9)");
  EXPECT_EQ(f.core.next_deadline(), std::nullopt);
  EXPECT_EQ(f.connect(2, 6),
            "to 1 refused(0 a newer connection took over); close 1; "
            "to 2 hello(none 8 exited(7 signal 9) exited(8 signal 9))")
      << "that core is told, too";
  EXPECT_EQ(f.ask(2, acknowledge_exit{epoch(7)}), "");
  EXPECT_EQ(f.take(connection_closed{2}), "");
  EXPECT_EQ(f.wait(2s), "persist; guard");
  EXPECT_EQ(f.connect(3, 6), "to 3 hello(none 8 exited(8 signal 9))");
  f.take(connection_closed{3});
  EXPECT_EQ(f.wait(2s), "guard") << "it is written";
}

TEST(shim_core, endings_are_written_in_their_order) {
  fixture f;
  f.connect(1, 5);
  f.run(7);
  f.end(7, crash);
  f.run(8);
  EXPECT_EQ(f.end(8, exit_3), "drain; to 1 exited(8 exit code 3); persist; persist");
}

// proves: P2
TEST(shim_core, other_endings_and_those_that_no_core_hears_of_are_written_at_once) {
  fixture f;
  f.connect(1, 5);
  f.run(7);
  f.ask(1, stop{epoch(7), 0});
  EXPECT_EQ(f.end(7, crash), "drain; to 1 exited(7 signal 9 asked); persist")
      << "it must not be started again";
  f.run(8);
  f.take(connection_closed{1});
  EXPECT_EQ(f.end(8, crash), "drain; persist");
}

TEST(shim_core, a_shim_that_ends_leaves_no_ending_unwritten) {
  fixture f;
  f.connect(1, 5);
  f.run(7);
  f.end(7, crash);
  EXPECT_EQ(f.take(terminate_requested{}), "persist; close 1; finish");
}

TEST(shim_core, endings_kept_are_bounded) {
  fixture f;
  f.connect(1, 1);
  const auto most = static_cast<std::int64_t>(endings_kept_most);
  for (std::int64_t number = 1; number <= most; ++number) {
    f.run(number);
    f.end(number, exit_3);
  }
  EXPECT_EQ(f.ask(1, start_of(most + 1)), "to 1 refused(1 too many endings are not acknowledged)");
  f.ask(1, acknowledge_exit{epoch(1)});
  EXPECT_EQ(f.ask(1, start_of(most + 1)), "spawn 65");
}

TEST(shim_core, a_running_agent_with_a_core_has_no_deadline) {
  fixture f;
  f.connect(1, 5);
  f.run(1);
  EXPECT_EQ(f.core.next_deadline(), std::nullopt);
}

struct refusal {
  const char* name;
  std::function<void(fixture&)> before;
  request asked;
  std::string answer;
};

TEST(shim_core, requests_that_do_not_fit_the_state_are_refused) {
  const auto nothing = [](fixture&) {};
  const auto starting = [](fixture& f) { f.ask(1, start_of(5)); };
  const auto running = [](fixture& f) { f.run(5); };
  const auto ended = [](fixture& f) { f.run(5), f.end(5, exit_3); };
  const auto acknowledged = [](fixture& f) {
    f.run(5), f.end(5, exit_3), f.ask(1, acknowledge_exit{epoch(5)});
  };
  const auto bad = [](auto change) {
    auto message = start_of(6);
    change(message);
    return message;
  };
  auto stale_start = start_of(6);
  stale_start.supersedes = epoch(4);
  const std::vector<refusal> table{
      {"start while starting", starting, start_of(6), "refused(1 incarnation 5 is running)"},
      {"start while running", running, start_of(6), "refused(1 incarnation 5 is running)"},
      {"start by a core that has not seen the last ending", ended, stale_start,
       "refused(1 the ending of incarnation 5 is not superseded)"},
      {"the same epoch again", acknowledged, start_of(5), "refused(1 epoch 5 is not above 5)"},
      {"an older epoch", acknowledged, start_of(4), "refused(1 epoch 4 is not above 5)"},
      {"epoch 0", nothing, start_of(0), "refused(1 epoch 0 is not above 0)"},
      {"no program", nothing, bad([](start& s) { s.arguments.clear(); }),
       "refused(1 no program was named)"},
      {"a zero byte", nothing, bad([](start& s) { s.directory = std::string("/a\0b", 4); }),
       "refused(1 a text of the start request holds a zero byte)"},
      {"a nameless variable", nothing, bad([](start& s) { s.environment = {"=x"}; }),
       "refused(1 an entry of the environment is not NAME=value)"},
      {"stop of nothing", nothing, stop{epoch(1), 0}, "refused(2 incarnation 1 is not running)"},
      {"stop of another", running, stop{epoch(4), 0}, "refused(2 incarnation 4 is not running)"},
      {"stop after the end", ended, stop{epoch(5), 0}, "refused(2 incarnation 5 is not running)"},
      {"quit while running", running, quit{}, "refused(4 an agent is running)"},
  };
  for (const auto& row : table) {
    fixture f;
    f.connect(1, 1);
    row.before(f);
    EXPECT_EQ(f.ask(1, row.asked), "to 1 " + row.answer) << row.name;
  }
}

TEST(shim_core, the_exit_waits_for_descendants_and_for_output) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  EXPECT_EQ(f.take(main_exited{epoch(5), exit_3}), "");
  EXPECT_EQ(f.take(output_drained{epoch(5), 0}), "");
  EXPECT_EQ(f.take(tree_gone{epoch(5)}), "drain");
  EXPECT_EQ(f.ask(1, start_of(6)), "to 1 refused(1 incarnation 5 is running)");
  EXPECT_EQ(f.take(output_drained{epoch(5), 0}), "to 1 exited(5 exit code 3); persist");
}

TEST(shim_core, descendants_that_outlive_the_main_process_are_killed_until_all_are_gone) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  f.take(main_exited{epoch(5), exit_3});
  EXPECT_EQ(f.core.next_deadline(), f.now);
  EXPECT_EQ(f.wait(0ms), "kill");
  EXPECT_EQ(f.wait(4ms), "");
  EXPECT_EQ(f.wait(1ms), "kill");
  EXPECT_EQ(f.wait(5ms), "");
  EXPECT_EQ(f.wait(5ms), "kill");
  for (int i = 0; i < 20; ++i)
    f.wait(1s);
  EXPECT_EQ(f.core.next_deadline(), f.now + 1s) << "the wait is bounded";
  EXPECT_EQ(f.take(tree_gone{epoch(5)}), "drain");
  EXPECT_EQ(f.core.next_deadline(), std::nullopt);
}

TEST(shim_core, a_stop_terminates_waits_and_kills) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  EXPECT_EQ(f.ask(1, stop{epoch(5), 1000}), "signal 15; signal 18");
  EXPECT_EQ(f.wait(999ms), "");
  EXPECT_EQ(f.wait(1ms), "kill");
  EXPECT_EQ(f.end(5, environment::exit_status::signalled(9)),
            "drain; to 1 exited(5 signal 9 asked); persist");
}

TEST(shim_core, a_stop_without_grace_kills_at_once) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  EXPECT_EQ(f.ask(1, stop{epoch(5), 0}), "kill");
}

TEST(shim_core, a_second_stop_can_shorten_the_grace_time_but_not_lengthen_it) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  f.ask(1, stop{epoch(5), 1000});
  f.ask(1, stop{epoch(5), 5000});
  EXPECT_EQ(f.core.next_deadline(), f.now + 1s);
  f.ask(1, stop{epoch(5), 10});
  EXPECT_EQ(f.core.next_deadline(), f.now + 10ms);
  EXPECT_EQ(f.ask(1, stop{epoch(5), 0}), "kill");
  EXPECT_EQ(f.ask(1, stop{epoch(5), 1000}), "") << "killing has begun";
}

TEST(shim_core, a_stop_during_start_is_done_when_the_agent_is_there) {
  fixture f;
  f.connect(1, 1);
  f.ask(1, start_of(5));
  EXPECT_EQ(f.ask(1, stop{epoch(5), 100}), "");
  EXPECT_EQ(f.take(agent_spawned{epoch(5), agent_process, ""}),
            "to 1 started(5); signal 15; signal 18");
  EXPECT_EQ(f.wait(100ms), "kill");
}

TEST(shim_core, a_failed_start_is_kept_like_an_exit) {
  fixture f;
  f.connect(1, 1);
  f.ask(1, start_of(5));
  EXPECT_EQ(f.take(agent_spawn_failed{epoch(5), 2, "no such program"}),
            "to 1 start_failed(5 no such program); persist");
  EXPECT_EQ(f.connect(2, 1),
            "to 1 refused(0 a newer connection took over); close 1; "
            "to 2 hello(none 5 start_failed(5 no such program))");
  EXPECT_EQ(f.ask(2, acknowledge_exit{epoch(5)}), "forget");
  EXPECT_EQ(f.ask(2, start_of(6)), "spawn 6");
}

TEST(shim_core, a_new_core_learns_what_runs_and_what_has_ended) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  f.take(connection_closed{1});
  EXPECT_EQ(f.connect(2, 2), "to 2 hello(running 5)");
  f.take(connection_closed{2});
  EXPECT_EQ(f.end(5, exit_3), "drain; persist");
  EXPECT_EQ(f.connect(3, 3), "to 3 hello(none 5 exited(5 exit code 3))");
  EXPECT_EQ(f.connect(4, 3),
            "to 3 refused(0 a newer connection took over); close 3; "
            "to 4 hello(none 5 exited(5 exit code 3))");
  f.ask(4, acknowledge_exit{epoch(5)});
  f.take(connection_closed{4});
  EXPECT_EQ(f.connect(5, 3), "to 5 hello(none 5)");
}

TEST(shim_core, an_older_core_is_refused_even_when_the_newer_is_gone) {
  fixture f;
  f.connect(1, 7);
  EXPECT_EQ(f.connect(2, 6), "to 2 refused(0 core epoch 6 is older than 7); close 2");
  f.take(connection_closed{1});
  EXPECT_EQ(f.connect(3, 6), "to 3 refused(0 core epoch 6 is older than 7); close 3");
  EXPECT_EQ(f.connect(4, 7), "to 4 hello(none 0)");
}

TEST(shim_core, a_shim_just_begun_knows_which_cores_are_too_old) {
  shim_settings settings;
  settings.core_least = core_epoch(4);
  fixture f(settings);
  EXPECT_EQ(f.connect(1, 3), "to 1 refused(0 core epoch 3 is older than 4); close 1");
  EXPECT_EQ(f.connect(2, 4), "to 2 hello(none 0)");
}

TEST(shim_core, a_fenced_connection_commands_nothing) {
  fixture f;
  f.connect(1, 1);
  f.connect(2, 2);
  EXPECT_EQ(f.ask(1, start_of(5)), "") << "it is closed";
}

TEST(shim_core, the_first_message_must_be_hello_and_the_only_one) {
  fixture f;
  f.take(connection_opened{1});
  EXPECT_EQ(f.ask(1, start_of(5)),
            "to 1 refused(1 the first message of a connection must be hello); close 1");
  f.connect(2, 1);
  EXPECT_EQ(f.ask(2, core_hello{1, core_epoch(1)}), "to 2 refused(0 a second hello); close 2");
  f.take(connection_opened{3});
  EXPECT_EQ(f.ask(3, core_hello{0, core_epoch(1)}),
            "to 3 refused(0 no such protocol version: 0); close 3");
}

TEST(shim_core, a_core_of_a_newer_version_is_served_and_told_which_version_this_is) {
  fixture f;
  f.take(connection_opened{1});
  const auto actions =
      f.core.handle(request_received{1, core_hello{protocol_version + 1, core_epoch(1)}}, f.now);
  ASSERT_EQ(actions.size(), 1u);
  const auto& answer = std::get<send_event>(actions[0]).message;
  EXPECT_EQ(std::get<shim_hello>(answer).version, protocol_version);
  EXPECT_EQ(f.ask(1, start_of(5)), "spawn 5");
}

TEST(shim_core, a_silent_or_senseless_connection_is_closed) {
  fixture f;
  f.connect(1, 1);
  f.take(connection_opened{2});
  EXPECT_EQ(f.wait(5s), "close 2");
  f.take(connection_opened{3});
  EXPECT_EQ(f.take(protocol_violated{3, "x"}), "to 3 refused(0 protocol violated: x); close 3");
  EXPECT_EQ(f.take(protocol_violated{3, "x"}), "");
}

TEST(shim_core, connections_are_bounded_and_the_serving_one_is_kept) {
  fixture f;
  f.connect(1, 1);
  for (connection_id id = 2; id <= connections_most; ++id) {
    EXPECT_EQ(f.take(connection_opened{id}), "");
  }
  EXPECT_EQ(f.take(connection_opened{100}), "close 2");
  EXPECT_EQ(f.take(connection_opened{101}), "close 3");
  f.ask(1, start_of(1));
  EXPECT_EQ(f.core.incarnation(), epoch(1));
}

TEST(shim_core, without_a_core_the_guard_is_asked_for_ever_more_rarely) {
  shim_settings settings;
  settings.guard_wait = 2s;
  settings.guard_wait_most = 6s;
  settings.jitter = 0.5;
  fixture f(settings);
  EXPECT_EQ(f.wait(2999ms), "");
  EXPECT_EQ(f.wait(1ms), "guard");
  EXPECT_EQ(f.wait(5999ms), "");
  EXPECT_EQ(f.wait(1ms), "guard");
  EXPECT_EQ(f.wait(9s), "guard");
  EXPECT_EQ(f.wait(9s), "guard");
  f.connect(1, 1);
  EXPECT_EQ(f.wait(60s), "");
  f.take(connection_closed{1});
  EXPECT_EQ(f.wait(3s), "guard");
}

TEST(shim_core, a_shim_without_agent_and_core_ends_itself_but_never_one_with_an_agent) {
  shim_settings settings;
  settings.guard_wait = settings.guard_wait_most = 1h;
  fixture f(settings);
  f.connect(1, 1);
  f.run(1);
  f.take(connection_closed{1});
  EXPECT_EQ(f.wait(10min), "");
  EXPECT_EQ(f.end(1, exit_3), "drain; persist");
  EXPECT_EQ(f.wait(599s), "");
  EXPECT_EQ(f.wait(1s), "finish");
  EXPECT_EQ(f.core.next_deadline(), std::nullopt);
}

TEST(shim_core, quit_ends_an_idle_shim) {
  fixture f;
  f.connect(1, 1);
  EXPECT_EQ(f.ask(1, quit{}), "close 1; finish");
  EXPECT_EQ(f.connect(2, 1), "") << "nothing is done after the end";
}

TEST(shim_core, a_terminated_shim_stops_its_agent_first) {
  fixture idle;
  EXPECT_EQ(idle.take(terminate_requested{}), "finish");

  fixture f;
  f.connect(1, 1);
  f.run(5);
  EXPECT_EQ(f.take(terminate_requested{}), "signal 15; signal 18");
  EXPECT_EQ(f.wait(5s), "kill");
  EXPECT_EQ(f.end(5, environment::exit_status::signalled(9)),
            "drain; to 1 exited(5 signal 9); persist; close 1; finish")
      << "the core did not ask for the end of the agent";

  fixture starting;
  starting.connect(1, 1);
  starting.ask(1, start_of(5));
  EXPECT_EQ(starting.take(terminate_requested{}), "");
  EXPECT_EQ(starting.take(agent_spawned{epoch(5), agent_process, ""}),
            "to 1 started(5); signal 15; signal 18");
}

TEST(shim_core, what_an_older_incarnation_says_changes_nothing) {
  fixture f;
  f.connect(1, 1);
  f.run(5);
  f.end(5, exit_3);
  f.ask(1, acknowledge_exit{epoch(5)});
  f.run(6);
  EXPECT_EQ(f.take(main_exited{epoch(5), exit_3}), "");
  EXPECT_EQ(f.take(tree_gone{epoch(5)}), "");
  EXPECT_EQ(f.take(tree_gone{epoch(6)}), "") << "its main process is not reaped";
  EXPECT_EQ(f.take(agent_spawned{epoch(6), agent_process, ""}), "") << "it runs already";
  EXPECT_EQ(f.take(output_drained{epoch(6), 0}), "");
  EXPECT_TRUE(f.core.has_agent());
}

}  // namespace
}  // namespace nine::supervision::shim
