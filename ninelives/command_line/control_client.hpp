#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "ninelives/environment/environment.hpp"
#include "ninelives/environment/exclusive_lock.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/http/client.hpp"
#include "ninelives/supervision/guard/guard_starter.hpp"

namespace nine::command_line {

/// The longest result of a task that a client takes (limits.result_size allows no more).
constexpr bytes result_bytes_most = 64 * MiB;

struct client_seams {
  environment::bundle environment;
  environment::locks& locks;
};

/// Talks to a home's core, through its death and rebirth: a call that finds nobody starts the guard
/// and tries again; what would only come again (a refusal, an answer too large) is told at once.
/// Calls may therefore reach the core twice; those that must not take effect twice carry a key.
/// Thread: its executor's.
class control_client {
 public:
  control_client(client_seams seams, home::home_layout layout,
                 supervision::guard::guard_command guard);

  /// The JSON of a 200 answer. Errors: what the core said, as it said it; unavailable, when the
  /// home is stopped, was removed, or nobody answers within `patience`.
  boost::asio::awaitable<result<boost::json::value>> call(std::string method, std::string target,
                                                          std::string body, duration patience);

  /// As call(), but asks once and starts nothing: for looking at a home that may be stopped.
  boost::asio::awaitable<result<boost::json::value>> look(std::string target,
                                                          duration patience = 120s);

  /// Opens the stream of events after `last_seen`; patient as call().
  boost::asio::awaitable<result<http::event_reader>> events(std::string target,
                                                            std::string last_seen,
                                                            duration patience);

  /// Told once, with the reason, when a call begins to wait for the core to come back or to answer,
  /// and once when it has answered.
  std::function<void(bool waiting, const std::string& why)> on_waiting;

 private:
  http::client_request request_of(std::string method, std::string target, std::string body) const;
  std::string cause_or(const std::string& why);
  void tell_waiting(const std::string& why);
  bool home_was_removed();
  error stopped_home();
  boost::asio::awaitable<void> tell_when_late();
  boost::asio::awaitable<result<void>> wait_for_home(duration& pause, monotonic_time deadline,
                                                     const std::string& why);

  client_seams seams_;
  home::home_layout layout_;
  supervision::guard::guard_starter guard_;
  http::client http_;
  bool waiting_ = false;
  bool home_was_tried_ = false;  ///< by this command
  std::string home_key_;         ///< of the home this command has found; empty: none yet
};

}  // namespace nine::command_line
