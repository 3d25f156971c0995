#include "ninelives/model_agent/step_client.hpp"

#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"

namespace nine::model_agent {
namespace {

namespace asio = boost::asio;

constexpr duration patience = 10min;
constexpr duration first_pause = 50ms;
constexpr duration longest_pause = 2s;

error refusal(const http::client_response& response) {
  boost::json::error_code problem;
  const auto body = boost::json::parse(response.body, problem);
  const auto* inner =
      !problem && body.is_object() ? body.get_object().if_contains("error") : nullptr;
  const auto* object = inner ? inner->if_object() : nullptr;
  error refused{error_code::protocol_error,
                "the core answered with status " + std::to_string(response.status)};
  if (!object) return refused;
  refused.message = text_in(*object, "message");
  if (text_in(*object, "code") == to_string(error_code::fenced)) refused.code = error_code::fenced;
  // A repeated report of a step that is finished: the first one arrived, its answer was lost.
  if (text_in(*object, "code") == to_string(error_code::precondition_failed)) {
    refused.code = error_code::precondition_failed;
  }
  return refused;
}

}  // namespace

asio::awaitable<result<std::string>> step_client::call(std::string target, std::string body) {
  const auto deadline = clock_.now() + patience;
  auto pause = first_pause;
  for (;;) {
    http::client_request request;
    request.server = environment::unix_endpoint{socket_};
    request.method = "POST";
    request.target = target;
    request.fields.set("authorization", "Bearer " + token_);
    request.fields.set("content-type", "application/json");
    request.body = body;
    const auto response = co_await http_.call(std::move(request));
    if (response && response->status == 200) co_return response->body;
    const bool answered = response && response->status != 503;
    if (answered) co_return std::unexpected(refusal(*response));
    if (clock_.now() >= deadline)
      co_return fail(error_code::timed_out, "Ninelives' core does not answer");
    co_await clock_.sleep_for(pause);
    pause = std::min<duration>(pause * 2, longest_pause);
  }
}

asio::awaitable<result<begun_step>> step_client::begin(std::string key, std::string effect) {
  auto body = boost::json::serialize(boost::json::object{{"key", key}, {"effect", effect}});
  NINE_CO_TRY_ASSIGN(const auto answer, co_await call("/v1/steps/begin", std::move(body)));
  boost::json::error_code problem;
  const auto value = boost::json::parse(answer, problem);
  if (problem || !value.is_object())
    co_return fail(error_code::protocol_error, "the core's answer is no JSON object");
  const auto& object = value.get_object();
  begun_step begun{text_in(object, "verdict"), false, text_in(object, "result")};
  const auto* succeeded = object.if_contains("succeeded");
  begun.succeeded = succeeded && succeeded->is_bool() && succeeded->get_bool();
  co_return begun;
}

asio::awaitable<result<void>> step_client::finish(finished_step step) {
  auto body = boost::json::serialize(boost::json::object{{"key", step.key},
                                                         {"result", step.result},
                                                         {"input_tokens", step.input_tokens},
                                                         {"output_tokens", step.output_tokens}});
  const auto answer = co_await call("/v1/steps/finish", std::move(body));
  if (!answer && answer.error().code != error_code::precondition_failed)
    co_return std::unexpected(answer.error());
  co_return result<void>();
}

}  // namespace nine::model_agent
