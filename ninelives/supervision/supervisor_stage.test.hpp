#pragma once

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/supervision/supervisor.hpp"

/// A supervisor played from short texts, for its tests.
namespace nine::supervision {

/// "b:transient:significant"
inline child_specification child_from_text(const std::string& text) {
  std::istringstream parts(text);
  child_specification child;
  std::getline(parts, child.id, ':');
  for (std::string part; std::getline(parts, part, ':');) {
    if (part == "transient") child.restart = restart_type::transient;
    if (part == "temporary") child.restart = restart_type::temporary;
    if (part == "significant") child.significant = true;
    if (part == "brutal") child.shutdown = shutdown_policy::brutal_kill();
    if (part == "infinity") child.shutdown = shutdown_policy::infinity();
    if (part == "supervisor") child.type = child_type::supervisor;
  }
  return child;
}

inline std::vector<child_specification> children_from_text(const std::string& text) {
  std::istringstream words(text);
  std::vector<child_specification> children;
  for (std::string word; words >> word;)
    children.push_back(child_from_text(word));
  return children;
}

inline supervisor_flags without_delays(strategy how = strategy::one_for_one) {
  supervisor_flags flags;
  flags.how = how;
  flags.delay.base = 0s;
  flags.crash_loop.crashes = 0;
  return flags;
}

inline supervisor_flags slow_restarts(strategy how) {
  auto flags = without_delays(how);
  flags.delay = {.base = 10s, .most = 10s};
  return flags;
}

/// Plays the driver: carries out actions and writes them down as "+a" (start), "-a" (stop), "end".
class stage {
 public:
  explicit stage(supervisor_flags flags) : core(flags) {}

  supervisor core;
  moment at;
  bool answers = true;                ///< starts and stops succeed at once
  std::map<std::string, int> refuse;  ///< so many starts of this child fail

  /// What was done since the last call.
  std::string done() {
    carry_out();
    return std::exchange(log_, {});
  }

  /// One step of a script, see the tables; gives what was done about it.
  std::string play(const std::string& step) {
    at.now += 1ms;
    at.wall += 1ms;
    std::istringstream words(step);
    std::string verb, id;
    words >> verb >> id;
    const auto outcome = obey(verb, id, words);
    auto text = done();
    if (!outcome)
      text += fmt::format("{}{}", text.empty() ? "" : " ", to_string(outcome.error().code));
    return text;
  }

 private:
  result<void> obey(const std::string& verb, const std::string& id, std::istringstream& words) {
    if (verb == "crash") core.child_exited(id, child_end::abnormal, at);
    if (verb == "finish") core.child_exited(id, child_end::normal, at);
    if (verb == "exit") core.child_exited(id, child_end::shutdown, at);
    if (verb == "up") core.child_started(id, at);
    if (verb == "broken") core.child_start_failed(id, at);
    if (verb == "wait") pass(std::chrono::milliseconds(std::stoi(id)));
    if (verb == "stop-all") core.stop(at);
    if (verb == "by-hand") answers = false;
    if (verb == "refuse") words >> refuse[id];
    if (verb == "start") return core.start(children_from_text(rest_of(id, words)), at);
    if (verb == "add") return core.add_child(child_from_text(id), at);
    if (verb == "stop") return core.stop_child(id, at);
    if (verb == "restart") return core.restart_child(id, at);
    if (verb == "delete") return core.delete_child(id);
    return {};
  }

  static std::string rest_of(std::string first, std::istringstream& words) {
    for (std::string word; words >> word;)
      first += ' ' + word;
    return first;
  }

  void pass(duration time) {
    at.now += time;
    at.wall += time;
    core.time_passed(at);
  }

  void carry_out() {
    for (auto actions = core.take_actions(); !actions.empty(); actions = core.take_actions())
      for (const auto& action : actions)
        carry_out(action);
  }

  void carry_out(const supervisor_action& action) {
    if (!log_.empty()) log_ += ' ';
    if (action.what == supervisor_action::kind::ended) {
      log_ += fmt::format("end:{}", to_string(core.reason()));
      return;
    }
    const bool start = action.what == supervisor_action::kind::start;
    log_ += (start ? '+' : '-') + action.child;
    if (start && refuse[action.child] > 0) {
      --refuse[action.child];
      log_ += '!';
      core.child_start_failed(action.child, at);
    } else if (answers && start) {
      core.child_started(action.child, at);
    } else if (answers) {
      core.child_exited(action.child, child_end::shutdown, at);
    }
  }

  std::string log_;
};

}  // namespace nine::supervision
