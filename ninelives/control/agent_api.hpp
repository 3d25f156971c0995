#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "ninelives/control/agent_token.hpp"
#include "ninelives/http/router.hpp"
#include "ninelives/orchestration/step_service.hpp"

namespace nine::control {

/// The API of agents (api/openapi.yaml, tag "agent"), on the socket $NINE_SOCKET: what a
/// co-operating agent tells about its steps. Every call carries its incarnation's token; an older
/// incarnation gets 409 `fenced`.
class agent_api {
 public:
  agent_api(orchestration::step_service& steps, agent_tokens tokens)
      : steps_(steps), tokens_(std::move(tokens)) {}

  void add_routes(http::router& router);

  /// For the server, before it reads a body: why whoever sent this head is not listened to.
  std::optional<http::response> refusal(const http::request& head) const;

 private:
  boost::asio::awaitable<http::response> begin_step(http::request request);
  boost::asio::awaitable<http::response> finish_step(http::request request);
  result<agent_identity> identify(const http::request& request) const;

  /// The answers that each task waits for.
  using waiting = std::map<task_id, std::size_t>;
  class place;
  result<void> check_room(task_id task) const;

  orchestration::step_service& steps_;
  agent_tokens tokens_;
  std::shared_ptr<waiting> waiting_ = std::make_shared<waiting>();
};

}  // namespace nine::control
