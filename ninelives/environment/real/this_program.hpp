#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

/// What only a program's main may ask; everybody else is told through constructors.
namespace nine::environment {

/// The file this program runs from, links followed. Error: io_error.
result<std::filesystem::path> program_path();

std::filesystem::path working_directory();
std::uint32_t user_id();
bool is_terminal(int descriptor);

/// All environment variables.
std::map<std::string, std::string> environment_variables();

/// All of standard input. Error: too_large beyond `limit`, io_error.
result<std::string> read_standard_input(std::size_t limit);

/// Writes to a descriptor as far as it goes; what a closed pipe refuses is dropped.
void write_to(int descriptor, std::string_view text);

/// As many open files as the machine allows; children get what this program was given. At the start
/// of main only.
void allow_many_files();

/// From now on writing to a pipe whose reader has gone is an error for whoever writes instead of
/// the end of this process; children meet it as usual. At the start of main only.
void outlive_readers();

/// Ends the process without destructors: what must survive is on disk already, and what is still
/// running must not see its surroundings disappear piece by piece.
[[noreturn]] void exit_now(int code);

}  // namespace nine::environment
