#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/guard.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

// Guard, link and starter over seams that the tests play by hand: nothing happens but what a test
// makes happen, and settle() runs every coroutine as far as it can go.
namespace nine::supervision::guard {

namespace asio = boost::asio;
using asio::awaitable;
using environment::exit_status;
using environment::path;
using environment::process_identity;

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
  std::set<path> missing;
  std::map<path, wall_time> modified;

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
  result<environment::file_information> information(const path& file) override {
    if (missing.contains(file)) return fail(error_code::not_found, file.native());
    environment::file_information found{.is_directory = true, .is_private = true};
    if (modified.contains(file)) found.modified = modified.at(file);
    return found;
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

inline const home::home_layout layout("/home/ann/nine", 1000);

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
    made.log = telemetry::logger(said_, clock_, {});
    return made;
  }
  void start(guard_options with) {
    guard_seams seams{clock_,     random_,        files_, network_,
                      processes_, notifications_, locks_, termination_};
    asio::co_spawn(context_, run(std::move(with), seams),
                   [this](std::exception_ptr problem, const guard_end& end) {
                     ASSERT_FALSE(problem);
                     exit_code_ = end.code;
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
  telemetry::memory_log_sink said_;
  std::optional<int> exit_code_;
};

}  // namespace nine::supervision::guard
