#include "ninelives/environment/real/this_program.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "ninelives/environment/real/system/descriptor_limit.hpp"

extern char** environ;

namespace nine::environment {

result<std::filesystem::path> program_path() {
  std::error_code problem;
  auto path = std::filesystem::read_symlink("/proc/self/exe", problem);
  if (problem) return fail(error_code::io_error, "/proc/self/exe: " + problem.message());
  return path;
}

std::filesystem::path working_directory() {
  std::error_code problem;
  return std::filesystem::current_path(problem);
}

std::uint32_t user_id() {
  return ::getuid();
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

std::map<std::string, std::string> environment_variables() {
  std::map<std::string, std::string> variables;
  for (auto** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

result<std::string> read_standard_input(std::size_t limit) {
  std::string text;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(error_code::io_error, "standard input cannot be read");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) {
      return fail(error_code::too_large,
                  "standard input has more than " + std::to_string(limit) + " bytes");
    }
  }
}

void allow_many_files() {
  system::raise_descriptor_limit();
}

void outlive_readers() {
  ::signal(SIGPIPE, SIG_IGN);
}

void write_to(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void exit_now(int code) {
  ::_exit(code);
}

}  // namespace nine::environment
