#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/control/agent_api.hpp"
#include "ninelives/control/control_api.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/http/server.hpp"
#include "ninelives/journal/blob/file/file_blob_store.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"
#include "ninelives/programs/nine/composition.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

void say(std::string_view line) {
  environment::write_to(2, fmt::format("core: {}\n", line));
}

constexpr int exit_fenced = 3;

/// What holds the core together, in the order in which it is built.
struct core_parts {
  std::unique_ptr<environment::exclusive_lock> lock;
  std::unique_ptr<environment::listener> control_listener;
  std::unique_ptr<environment::listener> agent_listener;
  environment::thread_worker journal_worker;
  environment::thread_worker worker;
  std::unique_ptr<journal::blob_store> blobs;
  std::unique_ptr<journal::journal> journal;
  std::unique_ptr<orchestration::orchestrator> orchestrator;
  std::unique_ptr<control::submission_reader> submissions;
  std::unique_ptr<control::control_api> control;
  std::unique_ptr<control::agent_api> agents;
  std::unique_ptr<http::server> control_server;
  std::unique_ptr<http::server> agent_server;
  std::unique_ptr<supervision::guard::guard_link> guard;
};

supervision::guard::guard_link_options guard_options(const composition& parts) {
  return {.layout = parts.layout,
          .notify_address = environment::environment_variable("NOTIFY_SOCKET").value_or(""),
          .guard = environment::environment_variable("NINE_GUARD").value_or(""),
          .command = parts.guard_command(),
          .beat_interval = 1s,
          .backoff = {},
          .say = say};
}

orchestration::orchestrator_options orchestrator_options(composition& parts,
                                                         const configuration::settings& settings,
                                                         core_epoch core) {
  orchestration::orchestrator_options options;
  options.program = parts.program;
  options.tasks = parts.layout.tasks();
  options.agent_socket = parts.layout.agent_socket();
  options.limits = settings.limits;
  options.supervision = settings.supervision;
  options.children.shims = parts.layout.shims();
  options.children.shim_program = shim_program(parts);
  options.children.shim_environment = service_environment(parts.layout);
  options.children.shim_environment.push_back("NINE_GUARD_PROGRAM=" + parts.program.string());
  options.children.core = core;
  return options;
}

boost::json::array own_processes(composition& parts, const supervision::guard::guard_link& guard) {
  boost::json::array processes;
  if (const auto& identity = guard.guard()) {
    const bool alive = parts.world.processes().probe(*identity) == environment::liveness::alive;
    processes.push_back(
        {{"role", "guard"}, {"pid", identity->pid}, {"state", alive ? "running" : "gone"}});
  }
  processes.push_back(
      {{"role", "core"}, {"pid", parts.world.processes().self().pid}, {"state", "running"}});
  return processes;
}

result<void> open_journal(composition& parts, core_parts& core, core_epoch& claimed) {
  NINE_TRY_ASSIGN(auto store, journal::stores::sqlite_store::open(
                                  parts.world.files(), {.path = parts.layout.journal_database()}));
  NINE_TRY_ASSIGN(claimed, store->claim());
  core.journal = std::make_unique<journal::journal>(parts.world.executor(), parts.world.clock(),
                                                    core.journal_worker, std::move(store));
  core.blobs =
      std::make_unique<journal::blob::file_blob_store>(parts.world.files(), parts.layout.blobs());
  return {};
}

result<void> build(composition& parts, core_parts& core) {
  NINE_TRY(home::prepare_home(parts.world.files(), parts.layout));
  NINE_TRY_ASSIGN(core.lock, parts.world.locks().try_lock(parts.layout.core_lock(),
                                                          parts.world.processes().self()));
  NINE_TRY_ASSIGN(core.control_listener, parts.world.network().take_inherited("control"));
  NINE_TRY_ASSIGN(core.agent_listener, parts.world.network().take_inherited("agent"));
  NINE_TRY_ASSIGN(const auto home_key,
                  home::ensure_home_key(parts.world.files(), parts.world.random(), parts.layout));
  core_epoch claimed;
  NINE_TRY(open_journal(parts, core, claimed));

  core.submissions = std::make_unique<control::submission_reader>(
      parts.world.files(), built_in_text(parts), parts.layout.root() / "nine.yaml");
  const auto settings = home_settings(parts, say);
  const control::agent_tokens tokens(home_key);
  core.orchestrator = std::make_unique<orchestration::orchestrator>(
      parts.world.executor(), parts.bundle(), core.worker, *core.journal, *core.blobs,
      [tokens](task_id task, attempt_number attempt, epoch incarnation) {
        return tokens.make({task, attempt, incarnation});
      },
      orchestrator_options(parts, settings, claimed));
  core.guard = std::make_unique<supervision::guard::guard_link>(
      guard_options(parts),
      supervision::guard::guard_link_seams{parts.world.clock(), parts.world.random(),
                                           parts.world.files(), parts.world.processes(),
                                           parts.world.notifications(), parts.world.locks()});
  core.control = std::make_unique<control::control_api>(
      *core.orchestrator, *core.journal, *core.submissions,
      control::control_seams{parts.world.clock(), core.worker},
      [&parts, &core] { return own_processes(parts, *core.guard); },
      [&parts](std::string reason) {
        return home::mark_stopped(parts.world.files(), parts.layout, reason,
                                  parts.world.clock().wall_now());
      });
  core.agents = std::make_unique<control::agent_api>(*core.orchestrator, tokens);
  return {};
}

void serve(composition& parts, core_parts& core) {
  auto control_routes = std::make_shared<http::router>();
  core.control->add_routes(*control_routes);
  auto agent_routes = std::make_shared<http::router>();
  core.agents->add_routes(*agent_routes);
  http::server_options options;
  options.limits.body_bytes_most = 64 * MiB;
  options.connections_most = 4096;
  core.control_server = std::make_unique<http::server>(
      parts.world.clock(),
      [control_routes](http::request request) { return (*control_routes)(std::move(request)); },
      options);
  core.agent_server = std::make_unique<http::server>(
      parts.world.clock(),
      [agent_routes](http::request request) { return (*agent_routes)(std::move(request)); },
      options);
  asio::co_spawn(parts.world.executor(), core.control_server->serve(*core.control_listener),
                 asio::detached);
  asio::co_spawn(parts.world.executor(), core.agent_server->serve(*core.agent_listener),
                 asio::detached);
}

/// One pass of the event loop a beat: a loop that hangs falls silent, and the guard acts.
asio::awaitable<void> keep_beating(environment::clock& clock,
                                   supervision::guard::guard_link& guard) {
  for (;;) {
    guard.beat();
    co_await clock.sleep_for(500ms);
  }
}

asio::awaitable<void> until_fenced(orchestration::orchestrator& orchestrator) {
  while (orchestrator.fenced_reason().empty())
    co_await orchestrator.fenced_event().wait();
}

asio::awaitable<void> until_stopped(control::control_api& control) {
  while (!control.stopped())
    co_await control.stopped_event().wait();
}

asio::awaitable<int> work(composition& parts, core_parts& core) {
  environment::real_termination termination(parts.world.executor());
  const auto booted = co_await core.orchestrator->boot();
  if (!booted) {
    say("cannot take over: " + booted.error().message);
    co_return 1;
  }
  serve(parts, core);
  core.guard->ready();
  asio::co_spawn(parts.world.executor(), keep_beating(parts.world.clock(), *core.guard),
                 asio::detached);
  asio::co_spawn(parts.world.executor(),
                 core.guard->keep_guard(*core.control_listener, *core.agent_listener),
                 asio::detached);
  say(fmt::format("ready with {} unfinished tasks", core.orchestrator->live_tasks().size()));

  const auto end = co_await (until_fenced(*core.orchestrator) || until_stopped(*core.control) ||
                             termination.requested());
  if (end.index() == 0) {
    say("fenced: " + core.orchestrator->fenced_reason());
    co_return exit_fenced;
  }
  core.guard->stopping();
  co_await core.control_server->stop(2s);
  co_await core.agent_server->stop(1s);
  const auto flushed = co_await core.journal->flush();
  if (!flushed) say("the journal could not be flushed: " + flushed.error().message);
  say(end.index() == 1 ? "the home is stopped" : "asked to end; agents go on");
  co_return 0;
}

}  // namespace

int run_core(composition& parts) {
  core_parts core;
  if (const auto built = build(parts, core); !built) {
    say(built.error().message);
    environment::exit_now(1);
  }
  int code = 1;
  asio::co_spawn(parts.world.executor(), work(parts, core),
                 [&](const std::exception_ptr& thrown, int outcome) {
                   code = thrown ? 1 : outcome;
                   parts.world.context().stop();
                 });
  parts.world.context().run();
  environment::exit_now(code);
}

}  // namespace nine::programs
