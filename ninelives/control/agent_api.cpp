#include "ninelives/control/agent_api.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "ninelives/control/json_body.hpp"
#include "ninelives/control/routes.hpp"

namespace nine::control {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t tokens_most = 1'000'000'000;
constexpr std::size_t digest_bytes_most = 128;
constexpr std::size_t waiting_most = 64;

/// Lets go of the text: it may be large, and what was read from it holds it again.
result<json_body> take_body(http::request& request) {
  const auto text = std::exchange(request.body, {});
  return json_body::parse(text);
}

}  // namespace

/// One of a task's answers, while it is waited for. Requests may outlive the API: those that a
/// dying program leaves are destroyed with its executor.
class agent_api::place {
 public:
  place(std::shared_ptr<waiting> all, task_id task) : all_(std::move(all)), task_(task) {
    ++(*all_)[task_];
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  ~place() {
    if (--(*all_)[task_] == 0) all_->erase(task_);
  }

 private:
  std::shared_ptr<waiting> all_;
  task_id task_;
};

/// An agent works at a handful of steps at a time; thousands would be everybody's burden.
result<void> agent_api::check_room(task_id task) const {
  const auto found = waiting_->find(task);
  if (found == waiting_->end() || found->second < waiting_most) return {};
  return fail(
      error_code::resource_exhausted,
      fmt::format("{} waits for {} answers about steps already, which is the most; ask again "
                  "when some have come",
                  nine::to_string(task), found->second));
}

std::optional<http::response> agent_api::refusal(const http::request& head) const {
  const auto who = identify(head);
  if (!who) return http::problem(who.error());
  return std::nullopt;
}

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
  if (const auto room = check_room(who->task); !room) co_return http::problem(room.error());
  const place mine(waiting_, who->task);
  auto body = take_body(request);
  if (!body) co_return http::problem(body.error());
  execution::step_request step;
  step.writer = who->incarnation;
  step.attempt = who->attempt;
  step.key = body->required_text("key");
  const auto effect_name = body->text("effect");
  auto digest = body->text("input_digest");
  if (const auto finished = body->finish(); !finished) co_return http::problem(finished.error());
  if (digest.size() > digest_bytes_most) {
    co_return http::problem(error{
        error_code::invalid_argument,
        fmt::format("'input_digest' must have at most {} bytes: it is the digest of the input, not "
                    "the input",
                    digest_bytes_most)});
  }
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
  if (const auto room = check_room(who->task); !room) co_return http::problem(room.error());
  const place mine(waiting_, who->task);
  auto body = take_body(request);
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
