#include "ninelives/control/agent_api.hpp"

#include <boost/json.hpp>

#include "ninelives/control/json_body.hpp"
#include "ninelives/control/routes.hpp"

namespace nine::control {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t tokens_most = 1'000'000'000;

}  // namespace

void agent_api::add_routes(http::router& router) {
  router.add("POST", agent_routes[0].path,
             [this](http::request request) { return begin_step(std::move(request)); });
  router.add("POST", agent_routes[1].path,
             [this](http::request request) { return finish_step(std::move(request)); });
}

result<agent_identity> agent_api::identify(const http::request& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = request.fields.find("authorization");
  if (!header || !header->starts_with(scheme)) {
    return fail(error_code::permission_denied,
                "no token: send 'Authorization: Bearer $NINE_TOKEN', as the agent finds it in its "
                "environment");
  }
  return tokens_.check(header->substr(scheme.size()));
}

asio::awaitable<http::response> agent_api::begin_step(http::request request) {
  const auto who = identify(request);
  if (!who) co_return http::problem(who.error());
  auto body = json_body::parse(request.body);
  if (!body) co_return http::problem(body.error());
  execution::step_request step;
  step.writer = who->incarnation;
  step.attempt = who->attempt;
  step.key = body->required_text("key");
  const auto effect_name = body->text("effect");
  auto digest = body->text("input_digest");
  if (const auto finished = body->finish(); !finished) co_return http::problem(finished.error());
  const auto kind = execution::parse_effect(effect_name.empty() ? "once" : effect_name);
  if (!kind) co_return http::problem(kind.error());
  step.kind = *kind;

  const auto answer = co_await steps_.begin(who->task, std::move(step), std::move(digest));
  if (!answer) co_return http::problem(answer.error());
  boost::json::object json{{"verdict", execution::to_string(answer->verdict)}};
  if (answer->verdict == execution::step_verdict::finished) {
    json["succeeded"] = answer->succeeded;
    json["result"] = answer->result;
  }
  co_return http::json_response(200, boost::json::serialize(json));
}

asio::awaitable<http::response> agent_api::finish_step(http::request request) {
  const auto who = identify(request);
  if (!who) co_return http::problem(who.error());
  auto body = json_body::parse(request.body);
  if (!body) co_return http::problem(body.error());
  orchestration::step_report report;
  report.writer = who->incarnation;
  report.attempt = who->attempt;
  report.key = body->required_text("key");
  report.succeeded = body->flag("succeeded", true);
  report.result = body->text("result");
  report.input_tokens = body->number("input_tokens", 0, 0, tokens_most);
  report.output_tokens = body->number("output_tokens", 0, 0, tokens_most);
  if (const auto finished = body->finish(); !finished) co_return http::problem(finished.error());

  const auto done = co_await steps_.finish(who->task, std::move(report));
  if (!done) co_return http::problem(done.error());
  co_return http::json_response(200, "{}");
}

}  // namespace nine::control
