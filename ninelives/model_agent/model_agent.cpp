#include "ninelives/model_agent/model_agent.hpp"

#include <fmt/format.h>

namespace nine::model_agent {
namespace {

namespace asio = boost::asio;
using model_client::chat_result;
using model_client::failure;

constexpr auto step_key = "model-call";

/// What another attempt with other words may mend is a failure; everything else means that there is
/// no model.
int exit_code_of(const failure& problem) {
  using enum model_client::failure_class;
  const bool about_the_words = problem.kind == malformed || problem.kind == content_policy ||
                               problem.kind == context_overflow;
  return about_the_words ? exit_failed : exit_unavailable;
}

/// How long the provider wants us to wait, from now.
std::optional<duration> retry_after(const failure& problem, wall_time now) {
  if (!problem.retry_at) return {};
  return std::max<duration>(0s, *problem.retry_at - now);
}

agent_answer refusal(const error& problem) {
  return {problem.code == error_code::fenced ? exit_fenced : exit_failed, "", problem.message};
}

/// Tries until the model answers, the failure is no use repeating, or the budget is used up. The
/// first cause is told when a later one hides it.
asio::awaitable<model_client::model_result<chat_result>> ask_patiently(
    model_agent_seams seams, model_client::model_client& model, model_client::chat_request request,
    resilience::retry_policy policy) {
  resilience::retry retry(policy, seams.clock.now(), resilience::deadline::never());
  resilience::circuit_breaker breaker(resilience::fast_breaker());
  failure last{.message = "the model was not asked"};
  while (retry.begin_attempt(seams.clock.now())) {
    auto permit = breaker.acquire(seams.clock.now(), seams.random.next_unit());
    if (!permit) break;
    const auto begun = seams.clock.now();
    auto answer = co_await model.complete(request);
    const auto now = seams.clock.now();
    if (answer) {
      permit->succeeded(now, now - begun);
      co_return answer;
    }
    last = std::move(answer).error();
    const bool retryable = may_retry(last.kind);
    if (retryable) {
      permit->failed(now, now - begun);
    } else {
      permit->release();
    }
    const resilience::failure why{retryable, retry_after(last, seams.clock.wall_now())};
    const auto again = retry.next(now, why, seams.random.next_unit());
    if (!again) break;
    const auto wait_ms = to_milliseconds(*again.at - now);
    seams.log.warning("model_asked_again",
                      fmt::format("{}; asked again in {} ms", last.message, wait_ms),
                      {{"wait_ms", wait_ms}});
    co_await seams.clock.sleep_until(*again.at);
  }
  co_return std::unexpected(std::move(last));
}

}  // namespace

asio::awaitable<agent_answer> answer_prompt(model_agent_seams seams, step_client& steps,
                                            model_client::model_client& model,
                                            model_client::chat_request request,
                                            resilience::retry_policy policy) {
  const auto begun = co_await steps.begin(step_key, "pure");
  if (!begun) co_return refusal(begun.error());
  if (begun->verdict == "finished") co_return agent_answer{exit_delivered, begun->result, ""};
  const auto answer = co_await ask_patiently(seams, model, std::move(request), policy);
  if (!answer) co_return agent_answer{exit_code_of(answer.error()), "", answer.error().message};
  finished_step step{step_key, answer->content, answer->usage.prompt, answer->usage.completion};
  const auto finished = co_await steps.finish(std::move(step));
  if (!finished) co_return refusal(finished.error());
  co_return agent_answer{exit_delivered, answer->content, ""};
}

}  // namespace nine::model_agent
