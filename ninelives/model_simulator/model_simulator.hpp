#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/http/message.hpp"
#include "ninelives/http/router.hpp"
#include "ninelives/model_simulator/script.hpp"

namespace nine::model_simulator {

/// Takes one line of JSON, without its end, for each request: {"n", "time_ms", "model", "stream",
/// "hash", "occurrence", "fault", "messages", "prompt_bytes", "prompt"}. Keys of the client stand
/// nowhere in it.
using log_sink = std::function<void(std::string_view line)>;

/// A model that answers by a script: POST /v1/chat/completions, GET /v1/models, and GET /log with
/// the last requests as JSON lines. Paths work without /v1, too. Thread: one executor.
class model_simulator {
 public:
  model_simulator(environment::clock& clock, script rules, std::uint64_t seed, log_sink log = {});
  model_simulator(const model_simulator&) = delete;
  model_simulator& operator=(const model_simulator&) = delete;

  /// The handler of a server. The simulator must live until the answer has ended.
  boost::asio::awaitable<http::response> answer(http::request asked) const;

  static constexpr std::size_t log_lines_most = 10'000;
  static constexpr std::size_t log_prompt_bytes_most = 500;

 private:
  /// What a request comes to, before any waiting.
  struct plan {
    decision decided;
    struct answer answer;
    bool stream = false;
    bool include_usage = false;
  };

  boost::asio::awaitable<http::response> chat(http::request asked);
  boost::asio::awaitable<http::response> models(http::request asked);
  boost::asio::awaitable<http::response> log(http::request asked);
  plan make_plan(const question& asked);
  void record(const question& asked, const plan& made);
  http::response whole_answer(plan made);
  boost::asio::awaitable<result<void>> write_events(plan made, http::body_writer& writer);
  boost::asio::awaitable<result<void>> write_half(plan made, http::body_writer& writer);

  environment::clock& clock_;
  decider decider_;
  log_sink log_;
  std::deque<std::string> lines_;
  std::uint64_t requests_ = 0;
  http::router router_;
};

/// Serves a simulated model on this listener until it is closed or the caller is cancelled.
boost::asio::awaitable<void> run_model_simulator(environment::clock& clock,
                                                 environment::listener& source, script rules,
                                                 std::uint64_t seed, log_sink log = {});

}  // namespace nine::model_simulator
