#include <fmt/format.h>

#include <string_view>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/programs/nine/composition.hpp"

int main(int argc, char** argv) {
  using namespace nine;
  const std::string_view name = argc > 1 ? argv[1] : "";
  // Those who serve others outlive whoever reads what they print; a command ends with its reader.
  const bool serves = name == "guard" || name == "core" || name == "sim-model";
  if (serves) environment::outlive_readers();
  const bool needs_home = name != "model-agent" && name != "sim-model";
  auto home = programs::find_home();
  const auto program = environment::program_path();
  if (!program || (needs_home && !home)) {
    environment::write_to(
        2, fmt::format("nine: {}\n", program ? home.error().message : program.error().message));
    return command_line::exit_usage;
  }
  programs::composition parts(*program,
                              home ? *std::move(home) : home::home_layout("/nonexistent", 0));
  int code = 0;
  if (name == "guard") {
    code = programs::run_guard(parts);
  } else if (name == "core") {
    code = programs::run_core(parts);
  } else if (name == "model-agent") {
    code = programs::run_model_agent(parts);
  } else if (name == "sim-model") {
    code = programs::run_simulated_model(parts, argc, argv);
  } else {
    code = programs::run_command_line(parts, argc, argv);
  }
  environment::exit_now(code);
}
