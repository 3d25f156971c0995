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

agent_answer refusal(const error& problem) {
  return {problem.code == error_code::fenced ? exit_fenced : exit_failed, "", problem.message};
}

/// Within the tries of one request it has one thing to end early: a model that hangs. Each such try
/// costs a whole time limit, and two of them are enough to turn to the next agent. How often a
/// model that says no is asked again, the retry alone decides.
resilience::circuit_breaker_policy breaker_for_hanging() {
  return {.calls_least = 2,
          .failure_share = resilience::share_never,
          .slow_share = 0.6,
          .slow_after = 20s,
          .failures_in_a_row = 0};
}

/// All tries of one request, until the model answers, repeating is no use, or the budget is used
/// up.
class patient_call {
 public:
  patient_call(model_agent_seams seams, model_client::model_client& model,
               model_client::chat_request request, const resilience::retry_policy& policy)
      : seams_(std::move(seams)),
        model_(model),
        request_(std::move(request)),
        retry_(policy, seams_.clock.now(), resilience::deadline::never()) {}

  asio::awaitable<model_client::model_result<chat_result>> run();

 private:
  void report(resilience::circuit_breaker::permit& permit, duration took);
  std::optional<monotonic_time> next_try();
  failure cause() const;

  model_agent_seams seams_;
  model_client::model_client& model_;
  model_client::chat_request request_;
  resilience::retry retry_;
  resilience::circuit_breaker breaker_{breaker_for_hanging()};
  std::string first_message_;
  failure last_{.message = "the model was not asked"};
};

asio::awaitable<model_client::model_result<chat_result>> patient_call::run() {
  while (retry_.begin_attempt(seams_.clock.now())) {
    const auto begun = seams_.clock.now();
    auto permit = breaker_.acquire(begun, seams_.random.next_unit());
    if (!permit) break;
    auto answer = co_await model_.complete(request_, retry_.end().left(begun));
    const auto took = seams_.clock.now() - begun;
    if (answer) {
      permit->succeeded(seams_.clock.now(), took);
      co_return answer;
    }
    last_ = std::move(answer).error();
    if (first_message_.empty()) first_message_ = last_.message;
    report(*permit, took);
    const auto again = next_try();
    if (!again) break;
    co_await seams_.clock.sleep_until(*again);
  }
  co_return std::unexpected(cause());
}

/// A rate limit is a pause, not a death, and a wrong request says nothing about the model.
void patient_call::report(resilience::circuit_breaker::permit& permit, duration took) {
  const bool says_nothing =
      !may_retry(last_.kind) || last_.kind == model_client::failure_class::rate_limited;
  if (says_nothing) return permit.release();
  permit.failed(seams_.clock.now(), took);
}

/// When to ask once more. What would be refused then is not waited for.
std::optional<monotonic_time> patient_call::next_try() {
  const auto now = seams_.clock.now();
  resilience::failure why{.retryable = may_retry(last_.kind)};
  if (last_.retry_at) why.retry_after = *last_.retry_at - seams_.clock.wall_now();
  const auto again = retry_.next(now, why, seams_.random.next_unit());
  if (!again) return std::nullopt;
  if (breaker_.state(now) == resilience::breaker_state::open) {
    seams_.log.warning("model_given_up", last_.message + "; it hangs and is not asked again");
    return std::nullopt;
  }
  const auto wait_ms = to_milliseconds(*again.at - now);
  seams_.log.warning("model_asked_again",
                     fmt::format("{}; asked again in {} ms", last_.message, wait_ms),
                     {{"wait_ms", wait_ms}});
  return again.at;
}

/// The last failure; the first one is told with it, for what came later may only follow from it.
failure patient_call::cause() const {
  auto told = last_;
  if (!first_message_.empty() && first_message_ != last_.message)
    told.message += "; at first: " + first_message_;
  return told;
}

}  // namespace

asio::awaitable<agent_answer> answer_prompt(model_agent_seams seams, step_client& steps,
                                            model_client::model_client& model,
                                            model_client::chat_request request,
                                            resilience::retry_policy policy) {
  const auto begun = co_await steps.begin(step_key, "pure");
  if (!begun) co_return refusal(begun.error());
  if (begun->verdict == "finished") co_return agent_answer{exit_delivered, begun->result, ""};
  patient_call call(std::move(seams), model, std::move(request), policy);
  const auto answer = co_await call.run();
  if (!answer) co_return agent_answer{exit_code_of(answer.error()), "", answer.error().message};
  finished_step step{step_key, answer->content, answer->usage.prompt, answer->usage.completion};
  const auto finished = co_await steps.finish(std::move(step));
  if (!finished) co_return refusal(finished.error());
  co_return agent_answer{exit_delivered, answer->content, ""};
}

}  // namespace nine::model_agent
