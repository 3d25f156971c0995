#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/shim_world.test.hpp"

/// An agent_supervisor on a machine that the tests play, and an owner that writes down what it is
/// told.
namespace nine::supervision {

using testing_world::world;

inline constexpr std::string_view outcome_names[] = {"normal", "stopped", "crashed-too-often",
                                                     "start-failed", "lost"};

/// The owner of the children: gives epochs, writes down what it is told.
class owner final : public child_events {
 public:
  std::vector<std::string> heard;
  std::vector<std::string> gone;  ///< kept apart from the rest
  std::map<std::string, std::int64_t> epochs;
  std::vector<incarnation_ending> endings;
  std::vector<restart_decision> decisions;
  std::vector<child_outcome> outcomes;
  std::optional<error> refuse_start;
  bytes memory = 0;  ///< the limit of those that are started
  std::function<void(const incarnation_ending&)> on_ending;
  bool inside_a_call = false;

  result<shim::start> incarnation_starting(const std::string& child) override {
    hear("starting " + child);
    if (refuse_start) return std::unexpected(*refuse_start);
    shim::start message;
    message.incarnation = epoch(++epochs[child]);
    message.arguments = {"/bin/agent"};
    message.environment = {"PATH=/bin"};
    message.memory_bytes_most = memory;
    return message;
  }
  void incarnation_started(const std::string& child, epoch incarnation,
                           const environment::process_identity&) override {
    hear(fmt::format("started {} {}", child, incarnation.value()));
  }
  void memory_not_limited(const std::string& child, const std::string& why) override {
    hear(fmt::format("not limited {}: {}", child, why));
  }
  void incarnation_ended(const std::string& child, const incarnation_ending& ending,
                         const restart_decision& decision) override {
    const auto what = ending.how == incarnation_ending::kind::exited ? to_string(ending.exit)
                      : ending.how == incarnation_ending::kind::lost ? "lost"
                                                                     : "start failed";
    hear(fmt::format("ended {} {} {}{}", child, ending.incarnation.value(), what,
                     decision.will_restart ? ", restart" : ""));
    endings.push_back(ending);
    decisions.push_back(decision);
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

inline child_request request_for(std::string name, restart_type restart = restart_type::transient) {
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
    options.look_at_processes = [this](const auto& prefixes) {
      return machine.processes.look(prefixes);
    };
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
    shim_of(child).agent_exits(environment::exit_status::signalled(9));
    machine.settle();
  }
  testing_world::fake_shim& shim_of(const std::string& child) {
    return *machine.shims.at("/home/shims/" + child);
  }
  /// An empty one, as the shim makes it for its agent.
  void give_cgroup(const std::string& child) {
    const auto path = "/cgroup/nine-" + child;
    machine.files.content[path + "/cgroup.procs"] = "";
    machine.files.content["/home/shims/" + child + "/cgroup"] = path;
  }
  void kill_shim_of(const std::string& child) {
    machine.kill_shim(machine.shims.at("/home/shims/" + child));
    machine.settle();
  }
  /// No process, file or entry is left of any child.
  void clear_away_dead() {
    auto clear = [](agent_supervisor& cleared) -> boost::asio::awaitable<result<void>> {
      co_await cleared.clear_away_dead();
      co_return result<void>();
    };
    const auto done = machine.begin(clear(*supervisor));
    machine.settle();
    ASSERT_TRUE(done->has_value());
  }
  void expect_nothing_left() {
    machine.settle();
    EXPECT_THAT(machine.processes.alive, testing::IsEmpty());
    EXPECT_THAT(machine.files.directories, testing::IsEmpty());
    EXPECT_THAT(machine.files.content, testing::IsEmpty());
    EXPECT_THAT(supervisor->children(), testing::IsEmpty());
  }

  boost::asio::io_context context;
  world machine{context.get_executor(), [this] {
                  context.restart();
                  context.poll();
                }};
  owner events;
  std::unique_ptr<agent_supervisor> supervisor;
};

}  // namespace nine::supervision
