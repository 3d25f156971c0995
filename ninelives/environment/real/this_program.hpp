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

/// All that can be read from a descriptor. Error: too_large beyond `limit`, io_error.
result<std::string> read_descriptor(int descriptor, std::string_view name, std::size_t limit);

/// All of standard input. Errors as read_descriptor().
result<std::string> read_standard_input(std::size_t limit);

/// All of what a person named as input: a file, a pipe, a terminal. Errors as read_descriptor(),
/// and not_found.
result<std::string> read_input(const std::filesystem::path& file, std::size_t limit);

/// How wide the terminal is; 0 when it does not say or is none.
std::size_t terminal_columns(int descriptor);

/// Puts something in the place of standard descriptors that are missing, so that nothing opened
/// later takes their numbers: an empty input, an output that refuses everything, messages to
/// nobody. At the start of main only.
void fill_missing_descriptors();

/// Writes all of it. Errors: unavailable (its reader has gone), io_error.
result<void> write_all_to(int descriptor, std::string_view text);

/// Writes to a descriptor as far as it goes: for words whose loss nobody can be told of.
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
