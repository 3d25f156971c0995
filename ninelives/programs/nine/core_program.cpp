#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "ninelives/core/core.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/refuse_home.hpp"

namespace nine::programs {
namespace {

void say(std::string_view line) {
  environment::write_to(2, fmt::format("core: {}\n", line));
}

supervision::guard::guard_link_options guard_options(const composition& parts) {
  return {.layout = parts.layout,
          .notify_address = environment::environment_variable("NOTIFY_SOCKET").value_or(""),
          .guard = environment::environment_variable("NINE_GUARD").value_or(""),
          .command = parts.guard_command(),
          .beat_interval = 1s,
          .backoff = {},
          .say = say};
}

orchestration::orchestrator_options orchestrator_options(composition& parts) {
  const auto settings = home_settings(parts, say);
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
  return options;
}

core::core_options core_options(composition& parts) {
  return {.layout = parts.layout,
          .orchestration = orchestrator_options(parts),
          .guard = guard_options(parts),
          .built_in_configuration = built_in_text(parts),
          .open_store = [&parts]() -> result<std::unique_ptr<journal::store>> {
            auto opened = journal::stores::sqlite_store::open(
                parts.world.files(), {.path = parts.layout.journal_database()});
            if (opened || opened.error().code != error_code::corrupted) return opened;
            return std::unexpected(damaged_journal(parts, opened.error()));
          },
          .say = say};
}

}  // namespace

int run_core(composition& parts) {
  environment::allow_many_files();  // some for each shim, and for each waiting client
  environment::real_termination termination(parts.world.executor());
  environment::thread_worker journal_worker;
  environment::thread_worker worker;
  core::core core(core_options(parts),
                  {parts.world.executor(), parts.bundle(), parts.world.locks(),
                   parts.world.notifications(), termination, journal_worker, worker});
  if (const auto built = core.build(); !built) {
    say(built.error().message);
    if (!is_for_a_person(built.error())) environment::exit_now(core::exit_failed);
    refuse_home(parts, built.error());
    environment::exit_now(core::exit_refused);
  }
  int code = core::exit_failed;
  boost::asio::co_spawn(parts.world.executor(), core.run(),
                        [&](const std::exception_ptr& thrown, int outcome) {
                          code = thrown ? core::exit_failed : outcome;
                          parts.world.context().stop();
                        });
  parts.world.context().run();
  environment::exit_now(code);
}

}  // namespace nine::programs
