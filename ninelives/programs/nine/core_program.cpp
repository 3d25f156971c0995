#include <boost/asio/co_spawn.hpp>

#include "ninelives/core/core.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_process_facts.hpp"
#include "ninelives/environment/real/real_process_sights.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/environment/real/wakeful_loop.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/process_log.hpp"
#include "ninelives/programs/nine/refuse_home.hpp"

namespace nine::programs {
namespace {

supervision::guard::guard_link_options guard_options(const composition& parts,
                                                     const configuration::settings& settings,
                                                     const telemetry::logger& log) {
  return {.layout = parts.layout,
          .notify_address = environment::environment_variable("NOTIFY_SOCKET").value_or(""),
          .guard = environment::environment_variable("NINE_GUARD").value_or(""),
          .command = parts.guard_command(),
          .beat_interval = settings.watchdog.heartbeat,
          .backoff = {},
          .log = log};
}

orchestration::orchestrator_options orchestrator_options(composition& parts,
                                                         const configuration::settings& settings,
                                                         const telemetry::logger& log) {
  orchestration::orchestrator_options options;
  options.program = parts.program;
  options.tasks = parts.layout.tasks();
  options.agent_socket = parts.layout.agent_socket();
  options.limits = settings.limits;
  options.supervision = settings.supervision;
  options.children.shims = parts.layout.shims();
  options.children.shim_program = shim_program(parts);
  options.children.look_at_processes = environment::see_processes;
  options.children.shim_environment = service_environment(parts.layout);
  options.children.shim_environment.push_back("NINE_GUARD_PROGRAM=" + parts.program.string());
  options.log = log;
  return options;
}

/// What holds was read at the start; what the file says now holds from the next start on.
boost::json::object configuration_json(composition& parts, const std::string& refused_at_start) {
  boost::json::object shown{{"file", (parts.layout.root() / "nine.yaml").string()}};
  const auto now = read_home_configuration(parts);
  shown["health"] = refused_at_start.empty() && now.refused.empty() ? "good" : "refused";
  if (!refused_at_start.empty()) shown["refused_at_start"] = refused_at_start;
  if (!now.refused.empty()) shown["refused_now"] = now.refused;
  return shown;
}

core::core_options core_options(composition& parts, const home_configuration& configuration,
                                const telemetry::logger& log) {
  return {
      .layout = parts.layout,
      .orchestration = orchestrator_options(parts, configuration.settings, log),
      .guard = guard_options(parts, configuration.settings, log),
      .built_in_configuration = built_in_text(parts),
      .open_store = [&parts]() -> result<std::unique_ptr<journal::store>> {
        return journal::stores::sqlite_store::open(parts.world.files(),
                                                   {.path = parts.layout.journal_database()});
      },
      .kept = configuration.settings.journal,
      .inspect = environment::facts_of,
      .check_configuration =
          [&parts, refused = configuration.refused] { return configuration_json(parts, refused); },
      .log = log};
}

}  // namespace

int run_core(composition& parts) {
  environment::allow_many_files();  // some for each shim, and for each waiting client
  const auto configuration = read_home_configuration(parts);
  process_log log(parts, "core", configuration);
  environment::real_termination termination(parts.world.executor());
  environment::thread_worker journal_worker(journal::journal::next_commit_within);
  environment::thread_worker worker;
  core::core core(core_options(parts, configuration, log.logger()),
                  {parts.world.executor(), parts.bundle(), parts.world.locks(),
                   parts.world.notifications(), termination, journal_worker, worker});
  if (const auto built = core.build(); !built) {
    const auto why =
        core.journal_damage() ? damaged_journal(parts, *core.journal_damage()) : built.error();
    log.logger().error("core_cannot_start", why.message);
    if (!is_for_a_person(why)) log.leave(core::exit_failed);
    refuse_home(parts, why);
    log.leave(core::exit_refused);
  }
  int code = core::exit_failed;
  boost::asio::co_spawn(parts.world.executor(), core.run(),
                        [&](const std::exception_ptr& thrown, int outcome) {
                          log.tell_unhandled(thrown);
                          code = thrown ? core::exit_failed : outcome;
                          parts.world.context().stop();
                        });
  environment::wakeful_loop(parts.world.context(), [&] { return core.is_about_to_answer(); }).run();
  if (code == core::exit_refused) {
    const auto why = damaged_journal(parts, *core.journal_damage());
    log.logger().error("journal_damaged", why.message);
    refuse_home(parts, why);
  }
  log.leave(code);
}

}  // namespace nine::programs
