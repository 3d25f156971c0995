#include "ninelives/command_line/control_client.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <utility>

#include "ninelives/base/json_text.hpp"
#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/core_log.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/removed_home.hpp"
#include "ninelives/home/tombstone.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

constexpr duration first_pause = 20ms;
constexpr duration longest_pause = 1s;

/// The core is on its way up or down: that says nothing about the question.
constexpr unsigned status_unavailable = 503;

/// What another call may mend: there was no core, or it died or hung. All else comes again.
bool worth_waiting(const error& problem) {
  return problem.code == error_code::unavailable || problem.code == error_code::timed_out;
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
  constexpr std::size_t json_bytes_for_one = 6;  // "\u0001"
  http::client_limits limits;
  limits.connect = 5s;
  limits.answer = 120s;
  limits.idle = 120s;
  limits.total = duration::max();
  limits.size.body_bytes_most = json_bytes_for_one * result_bytes_most + 1 * MiB;
  return limits;
}

/// What a core that gives no stream says instead.
asio::awaitable<error> refusal_of(http::incoming_response& answer) {
  http::client_response refused;
  refused.status = answer.status();
  for (;;) {
    auto piece = co_await answer.next();
    if (!piece || piece->empty()) break;
    refused.body += *piece;
  }
  co_return error_of(refused);
}

}  // namespace

control_client::control_client(client_seams seams, home::home_layout layout,
                               supervision::guard::guard_command guard)
    : seams_(seams),
      layout_(std::move(layout)),
      guard_({seams.environment.clock, seams.environment.files, seams.locks,
              seams.environment.processes},
             layout_, std::move(guard)),
      http_(seams.environment.network, seams.environment.clock),
      home_key_(home::read_home_key(seams.environment.files, layout_).value_or("")) {}

error control_client::stopped_home() {
  const auto stone = home::find_tombstone(seams_.environment.files, layout_);
  const auto why = stone && *stone ? fmt::format(" ({})", printable((*stone)->reason)) : "";
  return {error_code::unavailable, fmt::format("this home is stopped{}; 'nine up' starts it", why)};
}

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
  const auto presence = guard_.ensure();
  if (!presence) co_return with_context("start the guard", presence.error());
  if (*presence == guard_presence::stopped) co_return std::unexpected(stopped_home());
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
    if (response && response->status != status_unavailable) {
      if (waiting_ && on_waiting) on_waiting(waiting_ = false, "");
      co_return value_of(*response);
    }
    auto problem = response ? error_of(*response) : response.error().as_error();
    if (!response && !worth_waiting(problem)) co_return std::unexpected(std::move(problem));
    // A core that answers is not one that does not.
    const bool too_late = seams_.environment.clock.now() >= deadline;
    if (response && too_late) co_return std::unexpected(std::move(problem));
    NINE_CO_TRY(co_await wait_for_home(pause, deadline, problem.message));
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
    auto problem = response ? co_await refusal_of(**response) : response.error().as_error();
    const bool passes =
        response ? (*response)->status() == status_unavailable : worth_waiting(problem);
    if (!passes) co_return std::unexpected(std::move(problem));
    NINE_CO_TRY(co_await wait_for_home(pause, deadline, problem.message));
  }
}

}  // namespace nine::command_line
