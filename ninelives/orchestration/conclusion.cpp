#include "ninelives/orchestration/conclusion.hpp"

#include <fmt/format.h>

#include "ninelives/orchestration/child_role.hpp"
#include "ninelives/orchestration/judgement.hpp"
#include "ninelives/orchestration/kinds_of_error.hpp"
#include "ninelives/orchestration/next_action.hpp"
#include "ninelives/quality/validators.hpp"

namespace nine::orchestration {
namespace {

namespace asio = boost::asio;

execution::task_ended input_failure(std::string reason) {
  return {.status = execution::task_status::failed,
          .result = {},
          .missing = {},
          .reason = std::move(reason)};
}

/// What a child printed, free of the task's secrets: nothing, while these are not known (X3).
std::string shown(const result<const telemetry::redactor*>& secrets, const std::string& text) {
  return secrets ? (*secrets)->redact_values(text) : std::string();
}

}  // namespace

/// Neither cancelled nor out of time, and the same may succeed later: no verdict yet.
bool conclusion::can_wait(const task_run& run, const error& problem) const {
  return is_passing(problem) && !run.state.cancelled &&
         !is_out_of_time(run.state, clock_.wall_now());
}

/// What the disk did not take of a child that ended well is no fault of the child's: it is to run
/// again, when there may be room.
result<void> conclusion::refuse_lost_output(task_run& run, const std::string& child) {
  const auto found = run.state.children.find(child);
  if (found == run.state.children.end()) return {};
  const auto& ended = found->second;
  error lost{error_code::resource_exhausted,
             fmt::format("{} bytes of the output of {} could not be written: is the disk full?",
                         ended.stdout_bytes_lost, child)};
  const bool whole = ended.stdout_bytes_lost == 0 || !ended.exit.success() || ended.asked;
  if (whole || !can_wait(run, lost)) return {};
  execution::incarnation_ended fact;
  fact.child = child;
  fact.incarnation = ended.last;
  fact.exit = ended.exit;
  fact.interrupted = true;
  fact.reason = lost.message;
  ledger_.note(run, fact);
  return std::unexpected(std::move(lost));
}

asio::awaitable<result<void>> conclusion::conclude(run_pointer run, std::string child) {
  run->stopping.clear();
  const auto role = role_of_child(run->state, child);
  if (role.what == child_role::kind::input) co_return co_await conclude_input(run, child);
  if (role.what == child_role::kind::gate) co_return co_await conclude_gate(run, child, role.gate);
  co_return co_await conclude_attempt(run, child);
}

asio::awaitable<result<void>> conclusion::conclude_attempt(run_pointer run, std::string child) {
  const auto& agent = current_agent(run->state);
  const auto last = run->state.children[child].last;
  const auto paths = files_.of_incarnation(run->state.id, child, last);
  const bool from_file = agent.result.from == configuration::result_source::kind::file;
  const bool from_stdout = agent.result.from == configuration::result_source::kind::standard_output;
  if (from_stdout) NINE_CO_TRY(refuse_lost_output(*run, child));
  const auto result_file = from_file ? std::filesystem::path(run->state.specification.directory) /
                                           agent.directory / agent.result.path
                                     : paths.output;
  const auto lost = run->state.children[child].stdout_bytes_lost;
  auto collect = [this, from_file, lost, result_file, errors = paths.errors,
                  since = run->state.accepted_at] {
    leavings left;
    const auto limit = limits_.result_size;
    if (from_file) left.result_file_ns = files_.modified_ns(result_file);
    left.result = from_file ? files_.read_result(result_file, limit, since)
                            : files_.read_output(result_file, limit, lost);
    left.error_tail = tail_of(files_.read_tail(errors, 2 * KiB).text, 1 * KiB);
    return left;
  };
  auto left = co_await environment::run_on(worker_, std::move(collect));
  if (!left.result && can_wait(*run, left.result.error()))
    co_return std::unexpected(left.result.error());
  if (from_file && left.result && !was_written_again(run->state, left.result_file_ns))
    left.result = fail(error_code::not_found, "an earlier attempt left the result file " +
                                                  result_file.string() + "; this one wrote none");
  const auto secrets = co_await secrets_.of(run);
  if (!secrets && can_wait(*run, secrets.error())) co_return std::unexpected(secrets.error());
  if (!secrets) left.result = std::unexpected(secrets.error());
  if (left.result) left.result = shown(secrets, *left.result);
  left.error_tail = shown(secrets, left.error_tail);
  auto end = judge_attempt(run->state, agent, std::move(left), clock_.wall_now());
  auto kept = co_await contents_.keep(std::move(end.result.text));
  if (!kept && can_wait(*run, kept.error()))
    co_return with_context("keep the result", kept.error());
  if (!kept) {
    end.outcome = execution::attempt_outcome::failed;
    end.reason = "the result could not be kept: " + kept.error().message;
    kept = execution::content{};
  }
  end.result = *std::move(kept);
  ledger_.note(*run, end);
  co_return result<void>();
}

asio::awaitable<result<void>> conclusion::conclude_gate(run_pointer run, std::string child,
                                                        int gate) {
  const auto& state = run->state;
  const auto& ended = state.children.at(child);
  const auto paths = files_.of_incarnation(state.id, child, ended.last);
  auto collect = [this, paths, limit = limits_.evidence_size] {
    return tail_of(
        files_.read_tail(paths.output, limit).text + files_.read_tail(paths.errors, limit).text,
        limit);
  };
  auto output = co_await environment::run_on(worker_, std::move(collect));
  const auto secrets = co_await secrets_.of(run);
  if (!secrets && can_wait(*run, secrets.error())) co_return std::unexpected(secrets.error());
  output = shown(secrets, output);
  const auto& command = state.specification.plan.gates[static_cast<std::size_t>(gate)];
  const auto check = static_cast<int>(state.current_attempt()->checks.size());
  auto verdict = judge_gate(state, check, name_of(command), ended, output);
  if (const auto expired = expired_reason(state, child, clock_.wall_now());
      !verdict.passed && !expired.empty()) {
    verdict.evidence = expired + "\n" + verdict.evidence;
  }
  ledger_.note(*run, verdict);
  co_return result<void>();
}

asio::awaitable<result<void>> conclusion::conclude_input(run_pointer run, std::string child) {
  NINE_CO_TRY(refuse_lost_output(*run, child));
  const auto& ended = run->state.children.at(child);
  const auto paths = files_.of_incarnation(run->state.id, child, ended.last);
  auto collect = [this, paths, lost = ended.stdout_bytes_lost]() -> result<std::string> {
    return files_.read_output(paths.output, limits_.prompt_size, lost);
  };
  auto output = co_await environment::run_on(worker_, std::move(collect));
  if (!output && can_wait(*run, output.error())) co_return std::unexpected(output.error());
  const auto secrets = co_await secrets_.of(run);
  if (!secrets && can_wait(*run, secrets.error())) co_return std::unexpected(secrets.error());
  if (!secrets) output = std::unexpected(secrets.error());
  const auto exit = ended.exit;
  const bool whole = exit.success() && !ended.asked;
  if (!whole || !output) {
    const auto said = shown(secrets, files_.read_tail(paths.errors, 1 * KiB).text);
    const auto problem = output ? to_string(exit) + ": " + said : output.error().message;
    ledger_.note(*run, input_failure("the input command failed: " + problem));
    co_return result<void>();
  }
  auto input = shown(secrets, *output);
  auto kept = co_await contents_.keep(std::move(input));
  if (!kept && can_wait(*run, kept.error())) co_return with_context("keep the input", kept.error());
  if (kept) {
    ledger_.note(*run, execution::input_captured{*std::move(kept)});
  } else {
    ledger_.note(*run, input_failure("the input could not be kept: " + kept.error().message));
  }
  co_return result<void>();
}

asio::awaitable<result<void>> conclusion::validate(run_pointer run, int check) {
  const auto attempt = run->state.current_attempt()->number;
  const auto rule = run->state.specification.plan.validate[static_cast<std::size_t>(check)];
  const auto text = co_await contents_.read(run->state.current_attempt()->ended->result);
  const auto input = co_await contents_.read(run->state.input());
  if (!text && can_wait(*run, text.error())) co_return std::unexpected(text.error());
  if (!input && can_wait(*run, input.error())) co_return std::unexpected(input.error());
  quality::finding found{false, "the result cannot be read back"};
  if (text && input) {
    auto judge = [rule, text = *text, input = *input] {
      return quality::validate(rule, text, input);
    };
    found = co_await environment::run_on(worker_, std::move(judge));
  }
  ledger_.note(*run, execution::check_ended{attempt, check, quality::name_of(rule), found.passed,
                                            found.evidence});
  co_return result<void>();
}

}  // namespace nine::orchestration
