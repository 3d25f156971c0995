#include "ninelives/orchestration/step_service.hpp"

namespace nine::orchestration {
namespace {

namespace asio = boost::asio;

std::unexpected<error> task_has_ended() {
  return fail(error_code::fenced, "the task has ended; this incarnation must stop");
}

}  // namespace

/// Who is told that a step was done never does it again, so that may not be forgotten any more.
asio::awaitable<result<void>> step_service::until_durable(task_id task, const std::string& key) {
  if (!unsynced_.contains({task, key})) co_return result<void>();
  co_return co_await ledger_.flush();
}

asio::awaitable<result<step_answer>> step_service::begin(task_id task,
                                                         execution::step_request request,
                                                         std::string input_digest) {
  NINE_CO_TRY(co_await until_durable(task, request.key));
  const auto run = ledger_.find(task);
  if (!run) co_return task_has_ended();
  step_answer answer;
  NINE_CO_TRY_ASSIGN(answer.verdict, execution::begin_step(run->state, request));
  if (answer.verdict == execution::step_verdict::finished) co_return co_await replay(run, request);
  const auto attempt = run->state.current_attempt()->number;
  execution::event fact =
      execution::step_intended{attempt, request.key, request.kind, std::move(input_digest)};
  if (answer.verdict == execution::step_verdict::uncertain)
    fact = execution::step_uncertain{attempt, request.key};
  NINE_CO_TRY(co_await ledger_.record_and_flush(run, std::move(fact), request.writer));
  if (run->state.current != request.writer) {
    co_return fail(error_code::fenced, "this incarnation was replaced meanwhile and must stop");
  }
  co_return answer;
}

asio::awaitable<result<step_answer>> step_service::replay(run_pointer run,
                                                          execution::step_request request) {
  const auto* attempt = run->state.current_attempt();
  const auto own = attempt->steps.find(request.key);
  const auto* earlier = run->state.earlier_step(attempt->number, request.key);
  const auto step = own != attempt->steps.end() ? own->second : *earlier;
  NINE_CO_TRY(ledger_.record(*run, execution::step_replayed{attempt->number, request.key},
                             request.writer, journal::durability::lazy));
  step_answer answer{execution::step_verdict::finished, step.succeeded, {}};
  NINE_CO_TRY_ASSIGN(answer.result, co_await contents_.read(step.result));
  co_return answer;
}

asio::awaitable<result<void>> step_service::finish(task_id task, step_report report) {
  NINE_CO_TRY(co_await until_durable(task, report.key));
  auto run = ledger_.find(task);
  if (!run) co_return task_has_ended();
  NINE_CO_TRY(execution::check_finish_step(run->state, report.writer, report.attempt, report.key));
  NINE_CO_TRY_ASSIGN(const auto* secrets, co_await secrets_.of(run));
  auto shown = secrets->redact_values(report.result);
  NINE_CO_TRY_ASSIGN(auto kept, co_await contents_.keep(std::move(shown)));
  // Keeping a long result takes time, in which the incarnation may have been replaced, and another
  // report of the same step may have come first.
  NINE_CO_TRY(co_await until_durable(task, report.key));
  NINE_CO_TRY(execution::check_finish_step(run->state, report.writer, report.attempt, report.key));
  const auto attempt = run->state.current_attempt()->number;
  execution::event fact =
      execution::step_finished{attempt,         report.key,          report.succeeded,
                               std::move(kept), report.input_tokens, report.output_tokens};
  unsynced_.emplace(task, report.key);
  NINE_CO_TRY(co_await ledger_.record_and_flush(run, std::move(fact), report.writer));
  unsynced_.erase({task, report.key});
  on_progress_(execution::attempt_child(task, attempt));
  co_return result<void>();
}

}  // namespace nine::orchestration
