#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/random.hpp"
#include "ninelives/model_agent/step_client.hpp"
#include "ninelives/model_client/model_client.hpp"
#include "ninelives/resilience/circuit_breaker.hpp"
#include "ninelives/resilience/retry.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::model_agent {

/// What it ends with, by the convention of sysexits.h that Ninelives knows of every agent.
constexpr int exit_delivered = 0;
constexpr int exit_failed = 1;
constexpr int exit_unavailable = 69;  ///< the model cannot be had: no use trying the same again
constexpr int exit_fenced = 75;

struct agent_answer {
  int exit_code = exit_failed;
  std::string text;    ///< for stdout, when delivered
  std::string reason;  ///< for stderr, one line, otherwise
};

struct model_agent_seams {
  environment::clock& clock;
  environment::random& random;
  telemetry::logger log = {};  ///< each call that failed and is tried again
};

/// Ninelives' own small agent: asks the model once, as one journaled step. Failed calls are tried
/// again within one budget of tries and time, and a model that hangs is given up before it is used
/// up; an incarnation that finds the step finished takes the recorded answer.
boost::asio::awaitable<agent_answer> answer_prompt(model_agent_seams seams, step_client& steps,
                                                   model_client::model_client& model,
                                                   model_client::chat_request request,
                                                   resilience::retry_policy policy);

}  // namespace nine::model_agent
