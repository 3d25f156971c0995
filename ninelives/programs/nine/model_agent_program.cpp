#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <cstdlib>

#include "ninelives/base/printable.hpp"
#include "ninelives/base/thrown.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_log_sink.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/model_agent/model_agent.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;

constexpr std::size_t prompt_bytes_most = 64 * MiB;

std::string variable(const char* name) {
  return environment::environment_variable(name).value_or("");
}

std::int64_t number(const char* name, std::int64_t otherwise) {
  const auto text = variable(name);
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

telemetry::redactor own_secrets() {
  return telemetry::redactor({variable("NINE_MODEL_API_KEY"), variable("NINE_TOKEN")});
}

/// Its log is its stderr, which Ninelives keeps beside the task: JSON lines, and last, when it does
/// not deliver, the reason in words.
telemetry::logger logger_to(environment::log_sink& sink, const environment::clock& clock) {
  return telemetry::logger(sink, clock, {.secrets = own_secrets()})
      .with({.role = "agent",
             .task = parse_task_id(variable("NINE_TASK")).value_or(task_id()),
             .attempt = attempt_number(number("NINE_ATTEMPT", 0)),
             .epoch = epoch(number("NINE_EPOCH", 0))});
}

asio::awaitable<model_agent::agent_answer> work(composition& parts) {
  const auto where = model_client::parse_base_url(variable("NINE_MODEL_BASE_URL"));
  if (!where)
    co_return model_agent::agent_answer{model_agent::exit_unavailable, "", where.error().message};
  auto prompt = environment::read_standard_input(prompt_bytes_most);
  if (!prompt)
    co_return model_agent::agent_answer{model_agent::exit_failed, "", prompt.error().message};

  http::client http(parts.world.network(), parts.world.clock());
  http::client_limits limits;
  limits.total = std::chrono::milliseconds(number("NINE_MODEL_TIMEOUT_MS", 120'000));
  limits.answer = std::chrono::milliseconds(number("NINE_MODEL_FIRST_BYTE_TIMEOUT_MS", 30'000));
  limits.idle = limits.answer;
  model_agent::step_client steps(http, parts.world.clock(), variable("NINE_SOCKET"),
                                 variable("NINE_TOKEN"));
  model_client::model_client model(
      parts.world.network(), parts.world.clock(),
      {.where = *where, .api_key = variable("NINE_MODEL_API_KEY"), .limits = limits});
  model_client::chat_request request;
  request.model = variable("NINE_MODEL");
  request.messages.push_back({"user", *std::move(prompt)});
  if (const auto most = number("NINE_MODEL_MAX_OUTPUT_TOKENS", 0); most > 0) {
    request.completion_tokens_most = most;
    request.completion_limit_field = variable("NINE_MODEL_OUTPUT_LIMIT_FIELD");
  }
  if (const auto temperature = variable("NINE_MODEL_TEMPERATURE"); !temperature.empty())
    request.temperature = std::strtod(temperature.c_str(), nullptr);
  auto policy = resilience::slow_retry();
  policy.time_most = std::chrono::minutes(5);
  environment::descriptor_log_sink standard_error(2);
  const model_agent::model_agent_seams seams{parts.world.clock(), parts.world.random(),
                                             logger_to(standard_error, parts.world.clock())};
  co_return co_await model_agent::answer_prompt(seams, steps, model, std::move(request), policy);
}

}  // namespace

int run_model_agent(composition& parts) {
  model_agent::agent_answer answer;
  asio::co_spawn(parts.world.executor(), work(parts),
                 [&](const std::exception_ptr& thrown, model_agent::agent_answer given) {
                   answer = std::move(given);
                   if (thrown) answer = {model_agent::exit_failed, "", describe_thrown(thrown)};
                   parts.world.context().stop();
                 });
  parts.world.context().run();
  if (answer.exit_code == model_agent::exit_delivered)
    environment::write_to(1, answer.text + "\n");
  else
    environment::write_to(2, printable_line(own_secrets().redact(answer.reason)) + "\n");
  return answer.exit_code;
}

}  // namespace nine::programs
