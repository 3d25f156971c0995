#include "ninelives/execution/fact_text.hpp"

#include <fmt/format.h>

namespace nine::execution {
namespace {

/// ": text" when there is one.
std::string because(std::string_view reason) {
  return reason.empty() ? std::string() : fmt::format(": {}", reason);
}

struct message_rule {
  std::string operator()(const task_accepted& fact) const {
    const auto& type = fact.specification.plan.type;
    return fmt::format("accepted a task{} in {}", type.empty() ? type : " of type " + type,
                       fact.specification.directory);
  }
  std::string operator()(const input_captured&) const { return "the input is there"; }
  std::string operator()(const rung_skipped& fact) const {
    return fmt::format("agent {} is passed over{}", fact.agent, because(fact.reason));
  }
  std::string operator()(const attempt_started& fact) const {
    return fmt::format("attempt {} by agent {} begins", fact.attempt.value(), fact.agent);
  }
  std::string operator()(const incarnation_started& fact) const {
    return fmt::format("{} is to begin life {}", fact.child, fact.incarnation.value());
  }
  std::string operator()(const incarnation_running& fact) const {
    return fmt::format("{} runs as process {}", fact.child, fact.process.pid);
  }
  std::string operator()(const incarnation_ended& fact) const {
    return fmt::format("{} ended{}: {}{}{}", fact.child, fact.asked ? " as asked" : "",
                       to_string(fact.exit), because(fact.reason),
                       fact.will_restart ? "; it is started again" : "");
  }
  std::string operator()(const step_intended& fact) const {
    return fmt::format("step {} begins", fact.key);
  }
  std::string operator()(const step_finished& fact) const {
    return fmt::format("step {} {}", fact.key, fact.succeeded ? "succeeded" : "failed");
  }
  std::string operator()(const step_replayed& fact) const {
    return fmt::format("step {} was finished before; its result is given again", fact.key);
  }
  std::string operator()(const step_uncertain& fact) const {
    return fmt::format("nobody knows whether step {} happened; it is not done again", fact.key);
  }
  std::string operator()(const attempt_ended& fact) const {
    return fmt::format("attempt {} {}{}", fact.attempt.value(), to_string(fact.outcome),
                       because(fact.reason));
  }
  std::string operator()(const check_ended& fact) const {
    return fmt::format("check {} {}", fact.name, fact.passed ? "passed" : "failed");
  }
  std::string operator()(const work_postponed& fact) const {
    return "waits" + because(fact.reason);
  }
  std::string operator()(const cancel_requested& fact) const {
    return "to be cancelled" + because(fact.reason);
  }
  std::string operator()(const task_ended& fact) const {
    return fmt::format("the task ended {}{}", to_string(fact.status), because(fact.reason));
  }
};

}  // namespace

std::string sentence_of(const event& fact) {
  return std::visit(message_rule(), fact);
}

}  // namespace nine::execution
