#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <deque>
#include <map>
#include <optional>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/guard.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"
#include "ninelives/supervision/guard/guard_starter.hpp"
#include "ninelives/supervision/guard/handover.hpp"

// Guard, link and starter over seams that the tests play by hand: nothing happens but what a test
// makes happen, and settle() runs every coroutine as far as it can go.
namespace nine::supervision::guard {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using environment::exit_status;
using environment::path;
using environment::process_identity;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class fake_clock : public environment::clock {
 public:
  monotonic_time now() const override { return now_; }
  wall_time wall_now() const override { return wall_time(now_.time_since_epoch()); }
  awaitable<void> sleep_until(monotonic_time deadline) override {
    while (now_ < deadline)
      co_await moved_.wait();
  }
  void advance(duration by) {
    now_ += by;
    moved_.notify_all();
  }

 private:
  monotonic_time now_{1000s};
  environment::async_event moved_;
};

class fake_random : public environment::random {
 public:
  std::uint64_t next() override { return 0; }
};

class fake_files : public environment::files {
 public:
  std::map<path, std::string> content;

  result<std::string> read(const path& file, bytes) override {
    if (!content.contains(file)) return fail(error_code::not_found, file.native());
    return content.at(file);
  }
  result<std::string> read_range(const path&, bytes, bytes) override { return ""; }
  result<void> write_durably(const path& file, std::string_view text) override {
    content[file] = text;
    return {};
  }
  result<void> make_directory(const path&) override { return {}; }
  result<std::vector<std::string>> list(const path&) override { return {}; }
  result<environment::file_information> information(const path&) override {
    return environment::file_information{.is_directory = true, .is_private = true};
  }
  result<void> remove(const path& file) override {
    content.erase(file);
    return {};
  }
};

class fake_listener : public environment::listener {
 public:
  fake_listener(std::string name, std::vector<std::string>& bound) : name_(std::move(name)) {
    bound.push_back(name_);
  }
  awaitable<result<std::unique_ptr<environment::stream>>> accept() override {
    co_return fail(error_code::cancelled, "nobody connects");
  }
  void close() override {}
  environment::endpoint local_endpoint() const override {
    return environment::unix_endpoint{name_};
  }

 private:
  std::string name_;
};

class fake_network : public environment::network {
 public:
  std::vector<std::string> inherited;  ///< names that a parent handed over
  std::vector<std::string> bound;      ///< paths and inherited names, in order
  bool refuse = false;

  awaitable<result<std::unique_ptr<environment::stream>>> connect(
      const environment::endpoint&) override {
    co_return fail(error_code::unavailable, "nobody listens");
  }
  result<std::unique_ptr<environment::listener>> listen(const environment::endpoint& at) override {
    if (refuse) return fail(error_code::io_error, "bind refused");
    const auto file = std::get<environment::unix_endpoint>(at).path.filename();
    return std::make_unique<fake_listener>(file, bound);
  }
  result<std::unique_ptr<environment::listener>> take_inherited(std::string_view name) override {
    if (std::erase(inherited, name) == 0) return fail(error_code::not_found, std::string(name));
    return std::make_unique<fake_listener>(std::string(name), bound);
  }
};

class fake_processes : public environment::processes {
 public:
  std::vector<environment::process_specification> spawned;
  std::vector<std::string> signals;  ///< "15 101"
  bool adopting = false;
  bool refuse_spawn = false;

  process_identity start() {  // one that is not our child
    const process_identity made{next_pid_, 5000u + static_cast<unsigned>(next_pid_), "boot"};
    ++next_pid_;
    alive_.emplace(made.pid, made);
    return made;
  }
  void end(std::int32_t pid, exit_status status = exit_status::signalled(SIGKILL)) {
    alive_.erase(pid);
    endings_[pid] = status;
    changed_.notify_all();
  }
  bool alive(std::int32_t pid) const { return alive_.contains(pid); }
  std::int32_t last_pid() const { return next_pid_ - 1; }

  process_identity self() override { return {1, 5001, "boot"}; }
  result<process_identity> spawn(const environment::process_specification& what) override {
    if (refuse_spawn) return fail(error_code::not_found, "no such program");
    spawned.push_back(what);
    return start();
  }
  result<process_identity> identify(std::int32_t pid) override {
    if (!alive_.contains(pid)) return fail(error_code::not_found, "gone");
    return alive_.at(pid);
  }
  environment::liveness probe(const process_identity& process) override {
    return alive(process.pid) ? environment::liveness::alive : environment::liveness::gone;
  }
  result<void> signal(const process_identity& process, int number) override {
    signals.push_back(fmt::format("{} {}", number, process.pid));
    return {};
  }
  awaitable<exit_status> wait(const process_identity& process) override {
    const auto pid = process.pid;
    while (alive(pid))
      co_await changed_.wait();
    const auto found = endings_.find(pid);
    co_return found == endings_.end() ? exit_status{} : found->second;
  }
  result<std::vector<process_identity>> find_marked(std::string_view) override {
    return std::vector<process_identity>();
  }
  result<void> adopt_orphans() override {
    adopting = true;
    return {};
  }

 private:
  std::int32_t next_pid_ = 101;
  std::map<std::int32_t, process_identity> alive_;
  std::map<std::int32_t, exit_status> endings_;
  environment::async_event changed_;
};

struct notification_queue {
  std::deque<environment::notification> waiting;
  environment::async_event arrived;
};

class fake_notifications : public environment::notifications {
 public:
  notification_queue to_guard;    ///< what services tell the guard
  std::vector<std::string> sent;  ///< "address lines", by notifiers made here
  std::vector<std::string> sent_to(std::string_view address) const {
    std::vector<std::string> lines;
    for (const auto& one : sent) {
      if (one.starts_with(address)) lines.push_back(one.substr(address.size() + 1));
    }
    return lines;
  }
  void say(std::int32_t pid, std::string lines) {
    to_guard.waiting.push_back({pid, std::move(lines)});
    to_guard.arrived.notify_all();
  }

  result<std::unique_ptr<environment::notification_listener>> listen(const path&) override {
    return std::make_unique<fake_listening>(to_guard);
  }
  result<std::unique_ptr<environment::notifier>> connect(std::string_view address) override {
    return std::make_unique<fake_notifier>(sent, std::string(address));
  }

 private:
  class fake_listening : public environment::notification_listener {
   public:
    explicit fake_listening(notification_queue& queue) : queue_(queue) {}
    awaitable<result<environment::notification>> receive() override {
      while (queue_.waiting.empty())
        co_await queue_.arrived.wait();
      co_return *try_receive();
    }
    std::optional<environment::notification> try_receive() override {
      if (queue_.waiting.empty()) return std::nullopt;
      auto first = std::move(queue_.waiting.front());
      queue_.waiting.pop_front();
      return first;
    }
    void close() override {}

   private:
    notification_queue& queue_;
  };
  class fake_notifier : public environment::notifier {
   public:
    fake_notifier(std::vector<std::string>& sent, std::string address)
        : sent_(sent), address_(std::move(address)) {}
    result<void> notify(std::string_view lines) override {
      sent_.push_back(fmt::format("{} {}", address_, lines));
      return {};
    }

   private:
    std::vector<std::string>& sent_;
    std::string address_;
  };
};

class fake_locks : public environment::locks {
 public:
  std::map<path, process_identity> held;

  result<std::unique_ptr<environment::exclusive_lock>> try_lock(
      const path& file, const process_identity& self) override {
    if (!held.try_emplace(file, self).second) {
      return fail(error_code::already_exists, "held by process 9");
    }
    return std::make_unique<environment::exclusive_lock>();
  }
  result<process_identity> holder(const path& file) override {
    if (!held.contains(file)) return fail(error_code::not_found, "nobody");
    return held.at(file);
  }
};

class fake_termination : public environment::termination {
 public:
  environment::async_event asked;
  awaitable<void> requested() override { co_await asked.wait(); }
};

const home::home_layout layout("/home/ann/nine", 1000);

class guard_world : public ::testing::Test {
 protected:
  guard_options options() {
    guard_options made{.layout = layout};
    service_command core;
    core.specification.name = "core";
    core.arguments = {"/usr/bin/nine", "core"};
    core.environment = {"PATH=/bin", "NOTIFY_SOCKET=/init's"};
    core.lock = layout.core_lock();
    core.takes_sockets = true;
    made.services = {core};
    made.say = [this](std::string_view line) { said_.emplace_back(line); };
    return made;
  }
  void start(guard_options with) {
    guard_seams seams{clock_,     random_,        files_, network_,
                      processes_, notifications_, locks_, termination_};
    asio::co_spawn(context_, run(std::move(with), seams),
                   [this](std::exception_ptr problem, int code) {
                     ASSERT_FALSE(problem);
                     exit_code_ = code;
                   });
    settle();
  }
  void start() { start(options()); }
  void settle() {
    context_.restart();
    context_.poll();
  }
  void pass(duration wait) {
    for (const auto end = clock_.now() + wait; clock_.now() < end; settle()) {
      clock_.advance(std::min<duration>(end - clock_.now(), 500ms));
    }
  }
  void end(std::int32_t pid) {
    processes_.end(pid);
    settle();
  }
  void hear(std::int32_t pid, std::string lines) {
    notifications_.say(pid, std::move(lines));
    settle();
  }
  void ask_to_stop() {
    termination_.asked.notify_all();
    settle();
  }
  std::size_t spawns() const { return processes_.spawned.size(); }
  void stop_home() {
    ASSERT_TRUE(home::mark_stopped(files_, layout, "nine down", clock_.wall_now()));
  }

  asio::io_context context_;
  fake_clock clock_;
  fake_random random_;
  fake_files files_;
  fake_network network_;
  fake_processes processes_;
  fake_notifications notifications_;
  fake_locks locks_;
  fake_termination termination_;
  std::vector<std::string> said_;
  std::optional<int> exit_code_;
};

class guard_driver_test : public guard_world {};

TEST_F(guard_driver_test, starts_the_core_with_sockets_and_systemds_variables) {
  start();
  ASSERT_EQ(spawns(), 1u);
  EXPECT_TRUE(processes_.adopting);
  EXPECT_THAT(network_.bound, ElementsAre("control.sock", "agent.sock"));
  const auto& core = processes_.spawned[0];
  EXPECT_THAT(core.arguments, ElementsAre("/usr/bin/nine", "core"));
  EXPECT_THAT(core.environment, ElementsAre("PATH=/bin", "NINE_HOME=/home/ann/nine",
                                            "NOTIFY_SOCKET=/home/ann/nine/run/notify.sock",
                                            "WATCHDOG_USEC=10000000", "NINE_GUARD=1:5001"));
  ASSERT_EQ(core.listeners.size(), 2u);
  EXPECT_EQ(core.listeners[0].name, "control");
  EXPECT_EQ(core.listeners[1].name, "agent");
  EXPECT_FALSE(exit_code_);
}

TEST_F(guard_driver_test, starts_a_dead_core_again_on_the_same_sockets) {
  start();
  hear(101, "READY=1");
  end(101);
  ASSERT_EQ(spawns(), 2u);
  EXPECT_EQ(network_.bound.size(), 2u) << "bound once";
  EXPECT_EQ(processes_.spawned[0].listeners[0].socket, processes_.spawned[1].listeners[0].socket);
}

TEST_F(guard_driver_test, waits_before_the_second_restart) {
  start();
  end(101);
  end(102);
  EXPECT_EQ(spawns(), 2u);
  pass(500ms);
  EXPECT_EQ(spawns(), 3u);
}

TEST_F(guard_driver_test, replaces_a_core_whose_beats_stop) {
  start();
  hear(101, "READY=1");
  pass(11s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
  pass(30s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101", "9 101"));
  EXPECT_EQ(spawns(), 1u) << "the first may still live";
  end(101);
  EXPECT_EQ(spawns(), 2u);
}

TEST_F(guard_driver_test, hears_beats_that_queued_up_before_it_judges) {
  start();
  hear(101, "READY=1");
  pass(9s);
  notifications_.to_guard.waiting.push_back({101, "WATCHDOG=1"});  // arrived, nobody woken
  pass(9s);
  EXPECT_THAT(processes_.signals, IsEmpty());
  pass(2s);
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
}

TEST_F(guard_driver_test, takes_sockets_that_were_handed_over) {
  network_.inherited = {"control", "agent"};
  start();
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent"));
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, adopts_the_core_that_started_it) {
  const auto core = processes_.start();
  network_.inherited = {"control", "agent"};
  auto with = options();
  with.adopt_core = to_string(name_of(core));
  start(with);
  EXPECT_EQ(spawns(), 0u);
  end(core.pid);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(network_.bound, ElementsAre("control", "agent")) << "the same sockets";
}

TEST_F(guard_driver_test, leaves_the_sockets_to_a_core_it_found_by_its_lock) {
  const auto core = processes_.start();
  locks_.held[layout.core_lock()] = core;
  start();
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(network_.bound, IsEmpty()) << "binding would cut the living core off";
  locks_.held.erase(layout.core_lock());
  end(core.pid);
  EXPECT_EQ(spawns(), 1u);
  EXPECT_THAT(network_.bound, ElementsAre("control.sock", "agent.sock"));
}

TEST_F(guard_driver_test, does_not_adopt_a_core_that_is_gone) {
  auto with = options();
  with.adopt_core = "77:88";
  start(with);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, refuses_to_be_the_second_guard) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  start();
  EXPECT_EQ(exit_code_, exit_failed);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_, Contains(HasSubstr("held by process 9")));
}

TEST_F(guard_driver_test, does_not_start_a_stopped_home) {
  stop_home();
  start();
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_, Contains(HasSubstr("nine up")));
}

TEST_F(guard_driver_test, ends_with_the_core_of_a_home_that_was_stopped) {
  start();
  hear(101, "READY=1");
  stop_home();
  end(101);
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, stops_in_good_order_when_asked) {
  start();
  hear(101, "READY=1");
  ask_to_stop();
  EXPECT_THAT(processes_.signals, ElementsAre("15 101"));
  EXPECT_FALSE(exit_code_);
  end(101);
  pass(1s);
  EXPECT_EQ(exit_code_, exit_stopped);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, goes_on_trying_while_a_socket_cannot_be_bound) {
  network_.refuse = true;
  start();
  EXPECT_EQ(spawns(), 0u);
  EXPECT_THAT(said_, Contains(HasSubstr("bind refused")));
  network_.refuse = false;
  pass(1s);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_driver_test, speaks_to_its_own_init_system) {
  auto with = options();
  with.notify_address = "@init";
  with.watchdog = 4s;
  start(with);
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("READY=1"));
  EXPECT_THAT(processes_.spawned[0].environment, Not(Contains(StartsWith("NINE_GUARD="))))
      << "the init system replaces a dead guard";
  hear(101, "READY=1");
  pass(8s);
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("WATCHDOG=1").Times(testing::Ge(4u)));
  ask_to_stop();
  EXPECT_THAT(notifications_.sent_to("@init"), Contains("STOPPING=1"));
}

class guard_link_test : public guard_world {
 protected:
  guard_link made(std::string guard) {
    guard_link_options with{.layout = layout};
    with.notify_address = "/notify";
    with.guard = std::move(guard);
    with.command = {.arguments = {"/usr/bin/nine", "guard"}, .environment = {"NOTIFY_SOCKET=/x"}};
    return guard_link(
        with, guard_link_seams{clock_, random_, files_, processes_, notifications_, locks_});
  }
  void keep(guard_link& link) {
    asio::co_spawn(context_, link.keep_guard(control_, agent_),
                   [this](std::exception_ptr) { ended_ = true; });
    settle();
  }

  std::vector<std::string> bound_;
  fake_listener control_{"control", bound_};
  fake_listener agent_{"agent", bound_};
  bool ended_ = false;
};

TEST_F(guard_link_test, sends_what_it_is_told_and_one_beat_each_interval) {
  auto link = made("");
  link.ready();
  link.beat();
  link.beat();
  clock_.advance(1s);
  link.beat();
  link.status("two tasks");
  link.stopping();
  EXPECT_THAT(notifications_.sent_to("/notify"),
              ElementsAre("READY=1", "WATCHDOG=1", "WATCHDOG=1", "STATUS=two tasks", "STOPPING=1"));
}

TEST_F(guard_link_test, replaces_a_dead_guard_and_hands_over_sockets_and_itself) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  EXPECT_EQ(spawns(), 0u);
  end(guard.pid);
  ASSERT_EQ(spawns(), 1u);
  const auto& next = processes_.spawned[0];
  EXPECT_THAT(next.environment, ElementsAre("NINE_HOME=/home/ann/nine", "NINE_ADOPT_CORE=1:5001"));
  ASSERT_EQ(next.listeners.size(), 2u);
  EXPECT_EQ(next.listeners[0].socket, &control_);
  EXPECT_EQ(next.listeners[1].socket, &agent_);
  EXPECT_EQ(link.guard()->pid, processes_.last_pid());
  pass(1min);
  end(processes_.last_pid());
  EXPECT_EQ(spawns(), 2u) << "and the next one, at once after a stable life";
}

TEST_F(guard_link_test, replaces_a_guard_that_died_before_it_looked) {
  auto link = made("77:88");
  keep(link);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_link_test, is_not_tight_when_guards_keep_dying) {
  auto link = made("77:88");
  keep(link);
  for (int life = 0; life < 5; ++life)
    end(processes_.last_pid());
  EXPECT_EQ(spawns(), 1u);
  pass(500ms);
  EXPECT_EQ(spawns(), 2u);
}

TEST_F(guard_link_test, accepts_the_guard_that_was_quicker) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  const auto other = processes_.start();
  locks_.held[layout.guard_lock()] = other;
  end(guard.pid);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_EQ(link.guard(), other);
  locks_.held.clear();
  pass(1min);
  end(other.pid);
  EXPECT_EQ(spawns(), 1u) << "and watches it from then on";
}

TEST_F(guard_link_test, tries_again_when_a_guard_cannot_be_started) {
  processes_.refuse_spawn = true;
  auto link = made("77:88");
  keep(link);
  processes_.refuse_spawn = false;
  pass(1s);
  EXPECT_EQ(spawns(), 1u);
}

TEST_F(guard_link_test, starts_no_guard_for_a_stopped_home) {
  const auto guard = processes_.start();
  auto link = made(to_string(name_of(guard)));
  keep(link);
  stop_home();
  end(guard.pid);
  EXPECT_EQ(spawns(), 0u);
  EXPECT_TRUE(ended_);
}

TEST_F(guard_link_test, leaves_the_guard_to_an_init_system) {
  auto link = made("");
  keep(link);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(spawns(), 0u);
}

class guard_starter_test : public guard_world {
 protected:
  result<guard_presence> ensure() {
    const guard_command command{
        .arguments = {"/usr/bin/nine", "guard"}, .environment = {}, .log = {}};
    return ensure_guard(files_, locks_, processes_, layout, command);
  }
};

TEST_F(guard_starter_test, starts_a_guard_where_none_is) {
  EXPECT_EQ(ensure(), guard_presence::started);
  ASSERT_EQ(spawns(), 1u);
  EXPECT_THAT(processes_.spawned[0].environment, ElementsAre("NINE_HOME=/home/ann/nine"));
}

TEST_F(guard_starter_test, leaves_a_guarded_home_alone) {
  locks_.held[layout.guard_lock()] = {9, 9, "boot"};
  EXPECT_EQ(ensure(), guard_presence::running);
  EXPECT_EQ(spawns(), 0u);
}

TEST_F(guard_starter_test, leaves_a_stopped_home_alone) {
  stop_home();
  EXPECT_EQ(ensure(), guard_presence::stopped);
  EXPECT_EQ(spawns(), 0u);
}

TEST_F(guard_starter_test, says_why_it_cannot_start_one) {
  processes_.refuse_spawn = true;
  EXPECT_EQ(ensure().error().message, "no such program");
}

}  // namespace
}  // namespace nine::supervision::guard
