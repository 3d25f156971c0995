#include "ninelives/environment/real/this_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "ninelives/environment/real/system/descriptor_limit.hpp"

extern char** environ;

namespace nine::environment {
namespace {

std::string with_reason(std::string what, int number) {
  return what + ": " + std::generic_category().message(number);
}

}  // namespace

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

result<std::string> read_descriptor(int descriptor, std::string_view name, std::size_t limit) {
  std::string text;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(error_code::io_error, with_reason(std::string(name), errno));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) {
      return fail(error_code::too_large,
                  std::string(name) + " has more than " + std::to_string(limit) + " bytes");
    }
  }
}

result<std::string> read_standard_input(std::size_t limit) {
  return read_descriptor(STDIN_FILENO, "standard input", limit);
}

result<std::string> read_input(const std::filesystem::path& file, std::size_t limit) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const auto code = errno == ENOENT ? error_code::not_found : error_code::io_error;
    return fail(code, with_reason(file.string(), errno));
  }
  auto text = read_descriptor(descriptor, file.string(), limit);
  ::close(descriptor);
  return text;
}

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void fill_missing_descriptors() {
  // An output that can only be read tells whoever writes a result that it went nowhere.
  constexpr std::array<int, 3> ways{O_RDONLY, O_RDONLY, O_WRONLY};
  for (int descriptor = 0; descriptor < std::ssize(ways); ++descriptor) {
    struct stat there{};
    if (::fstat(descriptor, &there) == 0 || errno != EBADF) continue;
    // The lowest free number is the missing one.
    static_cast<void>(::open("/dev/null", ways[static_cast<std::size_t>(descriptor)]));
  }
}

void allow_many_files() {
  system::raise_descriptor_limit();
}

void outlive_readers() {
  ::signal(SIGPIPE, SIG_IGN);
}

result<void> write_all_to(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE)
      return fail(error_code::unavailable, "nobody reads it any more");
    if (count <= 0) return fail(error_code::io_error, std::generic_category().message(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

void write_to(int descriptor, std::string_view text) {
  static_cast<void>(write_all_to(descriptor, text));
}

void exit_now(int code) {
  ::_exit(code);
}

}  // namespace nine::environment
