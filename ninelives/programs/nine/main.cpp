#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/usage.hpp"

namespace {

using namespace nine;

/// A program that others start: it takes no arguments.
struct service {
  std::string_view name;
  int (*run)(programs::composition& parts);
  bool needs_home;
  std::string_view about;
};

constexpr service services[] = {
    {"guard", programs::run_guard, true,
     "keeps the home's core alive and holds its sockets. Started by an init system, or by whatever "
     "finds none; 'nine up' is the way to start a home. No arguments; the home is $NINE_HOME."},
    {"core", programs::run_core, true,
     "does the home's tasks. Started by the guard. No arguments; the home is $NINE_HOME."},
    {"model-agent", programs::run_model_agent, false,
     "the agent that asks a model, started for agents of 'kind: model'. No arguments: the prompt "
     "is "
     "on standard input, all else in variables."},
    {"demo-reader", programs::run_demo_reader, false,
     "the first step of the agent of 'nine demo': reads a diff down to what matters. No "
     "arguments."},
};

/// Tells why there is nothing to run on, as the exit code.
int refuse(const error& problem) {
  environment::write_to(2, fmt::format("nine: {}\n", problem.message));
  return command_line::exit_usage;
}

int run(std::string_view name, int argc, char** argv) {
  const auto* service = std::ranges::find(services, name, &service::name);
  const bool is_service = service != std::end(services);
  if (is_service) {
    if (const auto answered = programs::answer_arguments(name, service->about, argc, argv))
      return *answered;
  }
  auto home = programs::find_home();
  const auto program = environment::program_path();
  if (!program) return refuse(program.error());
  if (is_service && service->needs_home && !home) return refuse(home.error());
  const auto homeless = home ? result<void>() : std::unexpected(home.error());
  programs::composition parts(*program,
                              home ? *std::move(home) : home::home_layout("/nonexistent", 0));
  if (is_service) return service->run(parts);
  if (name == "sim-model") return programs::run_simulated_model(parts, argc, argv);
  return programs::run_command_line(parts, homeless, argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  environment::fill_missing_descriptors();
  // Those who serve others outlive whoever reads what they print; a command ends with its reader.
  if (name == "guard" || name == "core" || name == "sim-model") environment::outlive_readers();
  environment::exit_now(run(name, argc, argv));
}
