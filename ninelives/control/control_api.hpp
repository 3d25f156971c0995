#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "ninelives/control/process_report.hpp"
#include "ninelives/control/submission_reader.hpp"
#include "ninelives/environment/async_event.hpp"
#include "ninelives/http/event_stream.hpp"
#include "ninelives/http/router.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/orchestration/orchestrator.hpp"

namespace nine::control {

struct control_seams {
  environment::clock& clock;
  environment::worker& worker;
  /// What the kernel tells about a process. Called on the worker: a thousand agents take a while.
  std::function<environment::process_facts(const environment::process_identity&)> inspect;
};

/// What the API asks of the home around the core, anew each time.
struct home_seams {
  /// Guard and core (and gateway).
  std::function<std::vector<reported_process>()> own_processes;
  /// `configuration` of GET /v1/status. Called on the worker.
  std::function<boost::json::object()> check_configuration;
  /// Makes `stopped` durable (the home's tombstone). Called on the worker.
  std::function<result<void>(std::string reason)> mark_stopped;
};

/// The API of people and their tools (api/openapi.yaml, tag "control"), on the home's control
/// socket: tasks, status, events. The command line is a client of it and nothing more.
class control_api {
 public:
  control_api(orchestration::orchestrator& orchestrator, journal::journal& journal,
              const submission_reader& submissions, control_seams seams, home_seams home);

  void add_routes(http::router& router);

  /// Set when somebody asked for the end of the home: the children are gone, the core shall exit.
  bool stopped() const { return stopped_; }
  environment::async_event& stopped_event() { return stopped_event_; }

 private:
  using answer = boost::asio::awaitable<http::response>;

  answer submit(http::request request);
  answer list(http::request request);
  answer show(http::request request);
  answer cancel(http::request request);
  answer retry(http::request request);
  answer explain(http::request request);
  answer logs(http::request request);
  answer tree(http::request request);
  answer status(http::request request);
  answer down(http::request request);
  answer events(http::request request);

  boost::asio::awaitable<result<task_id>> accept(orchestration::submission given);
  boost::asio::awaitable<result<boost::json::object>> view_of(task_id task);
  boost::asio::awaitable<result<void>> follow(http::body_writer& writer, sequence after,
                                              task_id only, bool stay);

  orchestration::orchestrator& orchestrator_;
  journal::journal& journal_;
  const submission_reader& submissions_;
  control_seams seams_;
  home_seams home_;
  bool stopped_ = false;
  environment::async_event stopped_event_;
};

}  // namespace nine::control
