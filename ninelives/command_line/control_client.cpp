#include "ninelives/command_line/control_client.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <utility>

#include "ninelives/base/json_text.hpp"
#include "ninelives/command_line/core_log.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/removed_home.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

constexpr duration first_pause = 20ms;
constexpr duration longest_pause = 1s;

/// Answers that say nothing about the question: the core is on its way up or down.
bool worth_waiting(const http::client_response& response) {
  return response.status == 503;
}

error_code code_named(std::string_view name) {
  for (int index = 0; index <= static_cast<int>(error_code::internal); ++index) {
    if (to_string(static_cast<error_code>(index)) == name) return static_cast<error_code>(index);
  }
  return error_code::internal;
}

/// What the core says went wrong, as an error of ours.
error error_of(const http::client_response& response) {
  boost::json::error_code problem;
  const auto body = boost::json::parse(response.body, problem);
  const auto* object = problem ? nullptr : body.if_object();
  const auto* inner = object ? object->if_contains("error") : nullptr;
  if (!inner || !inner->is_object()) {
    return {error_code::protocol_error,
            fmt::format("the core answered with status {}", response.status)};
  }
  const auto& told = inner->get_object();
  return {code_named(text_in(told, "code")), text_in(told, "message")};
}

result<boost::json::value> value_of(const http::client_response& response) {
  if (response.status != 200) return std::unexpected(error_of(response));
  boost::json::error_code problem;
  auto value = boost::json::parse(response.body, problem);
  if (problem)
    return fail(error_code::protocol_error, "the core answered with something that is no JSON");
  return value;
}

http::client_limits limits() {
  http::client_limits limits;
  limits.connect = 5s;
  limits.answer = 120s;
  limits.idle = 120s;
  limits.total = duration::max();
  return limits;
}

}  // namespace

control_client::control_client(client_seams seams, home::home_layout layout,
                               supervision::guard::guard_command guard)
    : seams_(seams),
      layout_(std::move(layout)),
      guard_(std::move(guard)),
      http_(seams.environment.network, seams.environment.clock),
      home_key_(home::read_home_key(seams.environment.files, layout_).value_or("")) {}

bool control_client::home_was_removed() {
  auto& files = seams_.environment.files;
  if (!home_key_.empty()) return home::is_removed(files, layout_, home_key_);
  home_key_ = home::read_home_key(files, layout_).value_or("");
  return false;
}

http::client_request control_client::request_of(std::string method, std::string target,
                                                std::string body) const {
  http::client_request request;
  request.server = environment::unix_endpoint{layout_.control_socket()};
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  if (!request.body.empty()) request.fields.set("content-type", "application/json");
  return request;
}

/// Why there is no core, from its log; else what the call met.
std::string control_client::cause_or(const std::string& why) {
  auto cause = last_core_error(seams_.environment.files, layout_);
  return cause.empty() ? why : cause;
}

void control_client::tell_waiting(const std::string& why) {
  if (waiting_ || !on_waiting) return;
  waiting_ = true;
  on_waiting(true, cause_or(why));
}

/// Never ends. A call may wait long without an error: the guard holds the socket while there is no
/// core that could accept from it.
asio::awaitable<void> control_client::tell_when_late() {
  constexpr duration late = 3s;
  co_await seams_.environment.clock.sleep_for(late);
  tell_waiting("no answer yet");
  for (;;)
    co_await seams_.environment.clock.sleep_for(24h);
}

asio::awaitable<result<void>> control_client::wait_for_home(duration& pause,
                                                            monotonic_time deadline,
                                                            const std::string& why) {
  using supervision::guard::guard_presence;
  auto& environment = seams_.environment;
  // One from before this command is no answer: the cause may be gone, so the home is tried once.
  const auto refusal = std::exchange(home_was_tried_, true)
                           ? home::find_refusal(environment.files, layout_)
                           : std::nullopt;
  if (refusal) co_return fail(error_code::precondition_failed, *refusal);
  if (home_was_removed()) {  // to start a guard would make it anew, without what is waited for
    co_return fail(
        error_code::unavailable,
        fmt::format("the home {} was removed, and with it all its tasks", layout_.root().native()));
  }
  const auto presence = supervision::guard::ensure_guard(environment.files, seams_.locks,
                                                         environment.processes, layout_, guard_);
  if (!presence) co_return with_context("start the guard", presence.error());
  if (*presence == guard_presence::stopped) {
    co_return fail(error_code::unavailable, "this home is stopped; 'nine up' starts it");
  }
  if (environment.clock.now() >= deadline) {
    co_return fail(
        error_code::unavailable,
        fmt::format("the core does not answer ({}); 'nine doctor' looks into it", cause_or(why)));
  }
  if (pause >= 300ms) tell_waiting(why);
  co_await environment.clock.sleep_for(pause);
  pause = std::min<duration>(pause * 2, longest_pause);
  co_return result<void>();
}

asio::awaitable<result<boost::json::value>> control_client::call(std::string method,
                                                                 std::string target,
                                                                 std::string body,
                                                                 duration patience) {
  const auto deadline = seams_.environment.clock.now() + patience;
  auto pause = first_pause;
  for (;;) {
    auto request = request_of(method, target, body);
    auto outcome = co_await (http_.call(std::move(request), limits()) || tell_when_late());
    auto& response = std::get<0>(outcome);
    if (response && !worth_waiting(*response)) {
      if (waiting_ && on_waiting) on_waiting(waiting_ = false, "");
      co_return value_of(*response);
    }
    const auto why = response ? error_of(*response).message : response.error().message;
    // A core that answers is not one that does not.
    const bool too_late = seams_.environment.clock.now() >= deadline;
    if (response && too_late) co_return std::unexpected(error_of(*response));
    NINE_CO_TRY(co_await wait_for_home(pause, deadline, why));
  }
}

asio::awaitable<result<boost::json::value>> control_client::look(std::string target,
                                                                 duration patience) {
  auto request = request_of("GET", std::move(target), "");
  auto within = limits();
  within.total = patience;
  auto response = co_await http_.call(std::move(request), within);
  if (!response) co_return std::unexpected(response.error().as_error());
  co_return value_of(*response);
}

asio::awaitable<result<http::event_reader>> control_client::events(std::string target,
                                                                   std::string last_seen,
                                                                   duration patience) {
  const auto deadline = seams_.environment.clock.now() + patience;
  auto pause = first_pause;
  for (;;) {
    auto request = request_of("GET", target, "");
    if (!last_seen.empty()) request.fields.set("last-event-id", last_seen);
    auto outcome = co_await (http_.open(std::move(request), limits()) || tell_when_late());
    auto& response = std::get<0>(outcome);
    if (response && (*response)->status() == 200)
      co_return http::event_reader(*std::move(response));
    const auto why =
        response ? fmt::format("status {}", (*response)->status()) : response.error().message;
    NINE_CO_TRY(co_await wait_for_home(pause, deadline, why));
  }
}

}  // namespace nine::command_line
