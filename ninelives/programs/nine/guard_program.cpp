#include <boost/asio/co_spawn.hpp>

#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/process_log.hpp"
#include "ninelives/supervision/guard/guard.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::programs {

int run_guard(composition& parts) {
  environment::real_termination termination(parts.world.executor());
  const auto configuration = read_home_configuration(parts);
  process_log log(parts, "guard", configuration);
  const auto& watchdog = configuration.settings.watchdog;
  supervision::guard::service_command core;
  core.specification.name = "core";
  core.specification.stale_after = watchdog.stale_after;
  core.specification.stop_grace = watchdog.terminate_grace;
  core.arguments = {parts.program.string(), "core"};
  core.environment = service_environment(parts.layout);
  core.log = parts.layout.logs() / "core.log";
  core.lock = parts.layout.core_lock();
  core.takes_sockets = true;

  supervision::guard::guard_options options{
      .layout = parts.layout,
      .services = {core},
      .notify_address = environment::environment_variable("NOTIFY_SOCKET").value_or(""),
      .watchdog = supervision::guard::parse_watchdog(
          environment::environment_variable("WATCHDOG_USEC").value_or("")),
      .adopt_core = environment::environment_variable("NINE_ADOPT_CORE").value_or(""),
      .check_interval = 1s,
      .log = log.logger()};
  const supervision::guard::guard_seams seams{parts.world.clock(),     parts.world.random(),
                                              parts.world.files(),     parts.world.network(),
                                              parts.world.processes(), parts.world.notifications(),
                                              parts.world.locks(),     termination};
  supervision::guard::guard_end end;
  boost::asio::co_spawn(
      parts.world.executor(), supervision::guard::run(std::move(options), seams),
      [&](const std::exception_ptr& thrown, supervision::guard::guard_end outcome) {
        log.tell_unhandled(thrown);
        end = std::move(outcome);
        parts.world.context().stop();
      });
  parts.world.context().run();
  log.leave(end.code);
}

}  // namespace nine::programs
