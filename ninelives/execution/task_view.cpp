#include "ninelives/execution/task_view.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ninelives/execution/fact_text.hpp"

namespace nine::execution {
namespace {

boost::json::array attempts_view(const task_state& state) {
  boost::json::array attempts;
  for (const auto& attempt : state.attempts) {
    boost::json::object view{{"attempt", attempt.number.value()}, {"agent", attempt.agent}};
    if (attempt.ended) {
      view["outcome"] = to_string(attempt.ended->outcome);
      if (!attempt.ended->reason.empty()) view["reason"] = attempt.ended->reason;
    }
    boost::json::array checks;
    for (const auto& check : attempt.checks) {
      checks.push_back(
          {{"name", check.name}, {"passed", check.passed}, {"evidence", check.evidence}});
    }
    if (!checks.empty()) view["checks"] = std::move(checks);
    attempts.push_back(std::move(view));
  }
  return attempts;
}

/// Of which nobody knows whether they happened: a person is to find out (P3).
boost::json::array uncertain_steps(const task_state& state) {
  boost::json::array keys;
  for (const auto& attempt : state.attempts) {
    for (const auto& [key, step] : attempt.steps) {
      const boost::json::value name(key);
      if (step.uncertain && std::ranges::find(keys, name) == keys.end()) keys.push_back(name);
    }
  }
  return keys;
}

}  // namespace

std::string_view phase_name(const task_state& state) {
  if (state.ended) return to_string(state.ended->status);
  const auto* child = state.live_child();
  if (!child) return "waiting";
  const auto* attempt = state.current_attempt();
  return attempt && *child == attempt_child(state.id, attempt->number) ? "running" : "checking";
}

boost::json::object task_view(const task_state& state, std::string_view result_text,
                              wall_time now) {
  const auto until = state.ended ? state.ended_at : now;
  const auto& text = state.specification.text;
  boost::json::object view{
      {"task", to_string(state.id)},
      {"status", phase_name(state)},
      {"result", state.ended ? boost::json::value(result_text) : boost::json::value()},
      {"missing", boost::json::array()},
      {"uncertain", uncertain_steps(state)},
      {"attempts", state.attempts.size()},
      {"restarts", state.restarts()},
      {"replayed_steps", state.replayed_steps},
      {"duration_ms", to_milliseconds(until - state.accepted_at)},
      {"cost", {{"input_tokens", state.input_tokens}, {"output_tokens", state.output_tokens}}},
      {"reason", state.ended ? state.ended->reason : state.postponed},
      {"type", state.specification.plan.type},
      {"text", text.empty() ? "(a long text, kept as the input)" : text.substr(0, 500)},
      {"directory", state.specification.directory},
      {"accepted_ms", to_milliseconds(state.accepted_at)},
      {"history", attempts_view(state)},
  };
  if (state.ended) {
    for (const auto& missing : state.ended->missing)
      view["missing"].as_array().emplace_back(missing);
    if (!state.ended->result.blob.empty()) view["result_blob"] = state.ended->result.blob;
  }
  if (!state.specification.retry_of.empty()) view["retry_of"] = state.specification.retry_of;
  return view;
}

std::string what_of(const journal::fact& fact) {
  const auto known = from_fact(fact);
  return known ? sentence_of(*known) : fact.kind;
}

boost::json::array task_timeline(const std::vector<journal::fact>& facts) {
  boost::json::array timeline;
  for (const auto& fact : facts) {
    boost::json::error_code problem;
    auto body = boost::json::parse(fact.body, problem);
    timeline.push_back({{"sequence", fact.number.value()},
                        {"at_ms", to_milliseconds(fact.at)},
                        {"epoch", fact.writer.value()},
                        {"kind", fact.kind},
                        {"what", what_of(fact)},
                        {"body", problem ? boost::json::value() : std::move(body)}});
  }
  return timeline;
}

}  // namespace nine::execution
