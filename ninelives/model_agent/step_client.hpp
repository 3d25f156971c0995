#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>

#include "ninelives/base/units.hpp"
#include "ninelives/http/client.hpp"

namespace nine::model_agent {

struct begun_step {
  std::string verdict;  ///< run, finished, verify, compensate, uncertain
  bool succeeded = false;
  std::string result;
};

struct finished_step {
  std::string key;
  std::string result;
  tokens input_tokens = 0;
  tokens output_tokens = 0;
};

/// The agent's side of the agent API, on $NINE_SOCKET with $NINE_TOKEN. Waits through restarts of
/// the core: an answer is owed, and both calls may be repeated. Errors: fenced (this incarnation
/// was replaced and must end), timed_out (nobody answers for minutes), and what the core refuses.
class step_client {
 public:
  step_client(http::client& http, environment::clock& clock, std::filesystem::path socket,
              std::string token)
      : http_(http), clock_(clock), socket_(std::move(socket)), token_(std::move(token)) {}

  boost::asio::awaitable<result<begun_step>> begin(std::string key, std::string effect);
  boost::asio::awaitable<result<void>> finish(finished_step step);

 private:
  boost::asio::awaitable<result<std::string>> call(std::string target, std::string body);

  http::client& http_;
  environment::clock& clock_;
  std::filesystem::path socket_;
  std::string token_;
};

}  // namespace nine::model_agent
