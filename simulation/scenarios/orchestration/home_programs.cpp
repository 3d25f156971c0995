#include "simulation/scenarios/orchestration/home_programs.hpp"

#include <fmt/format.h>

#include <optional>

#include "ninelives/core/core.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/supervision/guard/guard.hpp"
#include "ninelives/supervision/guard/handover.hpp"
#include "ninelives/telemetry/logger.hpp"
#include "simulation/machine/function_program.hpp"
#include "simulation/machine/process_sights.hpp"

namespace nine::simulation {
namespace {

namespace guard = supervision::guard;

result<configuration::settings> settings_of(process_context& context,
                                            const orchestration_home& home) {
  const control::submission_reader reader(context.files(),
                                          std::string(orchestration_configuration()),
                                          home.layout.root() / "nine.yaml");
  return reader.settings_for(home.layout.root());
}

/// What a process writes into its log goes into the story.
class story_sink final : public environment::log_sink {
 public:
  story_sink(const orchestration_home& home, const char* who, const process_context& context)
      : home_(home), name_(fmt::format("{} {}", who, context.self().pid)) {}

  bool write_line(std::string_view line) noexcept override {
    home_.say(fmt::format("{}: {}", name_, line));
    return true;
  }

 private:
  const orchestration_home& home_;
  std::string name_;
};

telemetry::logger logger_to(story_sink& sink, process_context& context) {
  return {sink, context.clock(), {.format = telemetry::log_format::human}};
}

guard::service_command core_service(const orchestration_home& home,
                                    const configuration::watchdog& watchdog) {
  guard::service_command core;
  core.specification.name = "core";
  core.specification.stale_after = watchdog.stale_after;
  core.specification.stop_grace = watchdog.terminate_grace;
  core.arguments = {orchestration_home::core_program};
  core.environment = service_variables(home);
  core.lock = home.layout.core_lock();
  core.takes_sockets = true;
  return core;
}

boost::asio::awaitable<int> run_guard(process_context& context, const orchestration_home& home) {
  const auto settings = settings_of(context, home);
  if (!settings) co_return guard::exit_failed;
  story_sink log(home, "guard", context);
  guard::guard_options options{.layout = home.layout,
                               .services = {core_service(home, settings->watchdog)},
                               .notify_address = context.variable("NOTIFY_SOCKET"),
                               .watchdog = {},
                               .adopt_core = context.variable("NINE_ADOPT_CORE"),
                               .check_interval = 1s,
                               .log = logger_to(log, context)};
  faulty_seams faulty(context.bundle(), home.seam_plan);
  const auto around = faulty.bundle();
  const guard::guard_seams seams{around.clock,    around.random,        around.files,
                                 around.network,  around.processes,     context.notifications(),
                                 context.locks(), context.termination()};
  auto running = guard::run(std::move(options), seams);
  const auto end = co_await std::move(running);
  co_return end.code;
}

class core_of_home final : public program {
 public:
  core_of_home(process_context& context, orchestration_home& home)
      : program(context),
        home_(home),
        seams_(context.bundle(), home.seam_plan),
        journal_worker_(context.make_worker()),
        worker_(context.make_worker()),
        log_(home, "core", context) {}

  boost::asio::awaitable<int> run() override;

 private:
  core::core_options options(const configuration::settings& settings);
  orchestration::orchestrator_options orchestration(const configuration::settings& settings);

  orchestration_home& home_;
  faulty_seams seams_;
  std::unique_ptr<environment::worker> journal_worker_;
  std::unique_ptr<environment::worker> worker_;
  story_sink log_;
  std::optional<core::core> core_;
};

boost::asio::awaitable<int> core_of_home::run() {
  const auto settings = settings_of(context_, home_);
  if (!settings) co_return core::exit_failed;
  core_.emplace(options(*settings),
                core::core_seams{context_.executor(), seams_.bundle(), context_.locks(),
                                 context_.notifications(), context_.termination(), *journal_worker_,
                                 *worker_});
  if (const auto built = core_->build(); !built) {
    log_.write_line(built.error().message);
    co_return core::exit_failed;
  }
  co_return co_await core_->run();
}

core::core_options core_of_home::options(const configuration::settings& settings) {
  const auto log = logger_to(log_, context_);
  return {.layout = home_.layout,
          .orchestration = orchestration(settings),
          .guard = {.layout = home_.layout,
                    .notify_address = context_.variable("NOTIFY_SOCKET"),
                    .guard = context_.variable("NINE_GUARD"),
                    .command = {.arguments = {orchestration_home::guard_program, "guard"},
                                .environment = service_variables(home_)},
                    .log = log},
          .built_in_configuration = std::string(orchestration_configuration()),
          .open_store = [this]() -> result<std::unique_ptr<journal::store>> {
            auto inner = std::make_unique<journal::stores::memory_store>(home_.medium);
            return std::make_unique<journal::stores::faulty_store>(
                std::move(inner),
                drawn_faults(random_stream(context_.random().next()), home_.store_plan));
          },
          .log = log};
}

orchestration::orchestrator_options core_of_home::orchestration(
    const configuration::settings& settings) {
  orchestration::orchestrator_options options;
  options.program = "/usr/bin/nine";
  options.tasks = home_.layout.tasks();
  options.agent_socket = home_.layout.agent_socket();
  options.limits = settings.limits;
  options.log = logger_to(log_, context_);
  options.supervision = settings.supervision;
  options.children.shims = home_.layout.shims();
  options.children.shim_program = orchestration_home::shim_program;
  options.children.look_at_processes = look_at(context_.host());
  options.children.shim_environment = service_variables(home_);
  options.children.shim_environment.push_back(std::string("NINE_GUARD_PROGRAM=") +
                                              orchestration_home::guard_program);
  return options;
}

}  // namespace

std::string_view orchestration_configuration() {
  return R"yaml(
agents:
  steady:  {command: [/usr/bin/agent, steady], prompt: file, timeout: 20s, grace: 2s}
  flaky:   {command: [/usr/bin/agent, flaky], prompt: stdin, timeout: 15s, grace: 1s}
  useless: {command: [/usr/bin/agent, useless], timeout: 10s, grace: 0s}
tasks:
  plain:  {prompt: do it, ladder: [steady], retries: 1}
  ladder: {prompt: "{input}", ladder: [useless, flaky, steady], validate: [non_empty], retries: 1}
  gated:  {prompt: do it well, ladder: [flaky, steady], gates: [[/usr/bin/gate, gate]], retries: 2}
defaults: {timeout: 10m, gate_timeout: 10s}
limits: {concurrent_agents: 3, queued_tasks: 20}
supervision:
  restart_intensity: 3
  restart_period: 60s
  restart_delay: {max: 4s}
  crash_loop: {cool_down: 5s}
  shutdown_timeout: 5s
watchdog: {terminate_grace: 5s}
)yaml";
}

std::vector<std::string> service_variables(const orchestration_home& home) {
  return {"NINE_HOME=" + home.layout.root().string()};
}

program_factory guard_of(orchestration_home& home) {
  return program_of([&home](process_context& context) { return run_guard(context, home); });
}

program_factory core_of(orchestration_home& home) {
  return
      [&home](process_context& context) { return std::make_unique<core_of_home>(context, home); };
}

}  // namespace nine::simulation
