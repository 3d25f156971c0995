#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"
#include "ninelives/environment/machine_facts.hpp"
#include "ninelives/environment/process_facts.hpp"

namespace nine::command_line {

/// What the doctor looks with, beyond what every command has.
struct doctor_seams {
  std::function<environment::machine_facts()> machine;
  std::function<environment::process_facts(const environment::process_identity&)> inspect;
  /// Reads the configuration that holds in a directory; the error tells file, line and column.
  std::function<result<void>(const std::filesystem::path& directory)> configuration;
  /// Looks at the home's journal without the core.
  std::function<result<void>()> journal;
  std::filesystem::path working_directory;
  std::filesystem::path shim_program;
};

/// `nine doctor`: looks at the machine, the configuration and the home from outside, and at the
/// core from inside; every finding says what is wrong and how to mend it. Starts nothing and leaves
/// nothing behind: what it writes to see whether it can, it removes. The exit code is 0 when
/// nothing is wrong (a warning is not), else 1.
boost::asio::awaitable<int> doctor(control_client& client, terminal& terminal, client_seams seams,
                                   doctor_seams look, const home::home_layout& layout);

}  // namespace nine::command_line
