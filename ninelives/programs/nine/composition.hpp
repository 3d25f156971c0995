#pragma once

#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/command_line/control_client.hpp"
#include "ninelives/configuration/settings.hpp"
#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/home/home_layout.hpp"
#include "ninelives/supervision/guard/guard_link.hpp"

namespace nine::programs {

/// The operating system as every process of `nine` uses it, and where its home is.
struct composition {
  composition(std::filesystem::path program_file, home::home_layout home)
      : program(std::move(program_file)), layout(std::move(home)) {}

  environment::real_environment world;
  std::filesystem::path program;  ///< this program's file
  home::home_layout layout;

  environment::bundle bundle() {
    return {world.clock(), world.random(), world.files(), world.network(), world.processes()};
  }
  /// How this home's guard is started; the environment of services is clean, by list.
  supervision::guard::guard_command guard_command() const;
};

/// nine-shim: beside this program in a build, in ../lib/ninelives when installed.
std::filesystem::path shim_program(composition& parts);

/// Finds the home by the rule of home_root(). Error: invalid_argument.
result<home::home_layout> find_home();

/// What services of the home get of the environment: enough to find programs and places, nothing
/// else.
std::vector<std::string> service_environment(const home::home_layout& layout);

/// The configuration agents are started from when nothing else is said.
std::string built_in_text(const composition& parts);

/// The home's own settings on top of the built-in ones. A home file that is wrong is refused whole;
/// then the built-in settings hold.
struct home_configuration {
  configuration::settings settings;
  std::string refused;  ///< why, with its place; empty: it holds
};
home_configuration read_home_configuration(composition& parts);

/// Whether the configuration that holds in a directory can be read. Error: invalid_argument, with
/// file, line and column.
result<void> check_configuration(composition& parts, const std::filesystem::path& directory);

/// The programs themselves. Each runs until it is done and returns its exit code.
int run_guard(composition& parts);
int run_core(composition& parts);
int run_model_agent(composition& parts);
int run_demo_reader(composition& parts);
int run_simulated_model(composition& parts, int argc, char** argv);
/// `homeless` says why no home was found; help and version need none.
int run_command_line(composition& parts, const result<void>& homeless, int argc, char** argv);

}  // namespace nine::programs
