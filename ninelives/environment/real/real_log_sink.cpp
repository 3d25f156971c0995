#include "ninelives/environment/real/real_log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <exception>
#include <string>

#include "ninelives/environment/real/system_error.hpp"
#include "ninelives/environment/rotated_file.hpp"

namespace nine::environment {
namespace {

/// A pipe whose reader does not read must not hang the writer.
bool takes_more(int target) {
  pollfd wanted{.fd = target, .events = POLLOUT, .revents = 0};
  return ::poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLOUT) != 0;
}

/// The line and its end, in pieces of at most `piece` bytes; a file takes it with one call, so that
/// lines of several processes do not mix. False: not all was written (disk full, reader gone or
/// asleep). After a line that was cut, the next one begins with the end that is missing.
bool write_whole(int target, std::string_view line, std::size_t piece, bool& cut) {
  std::string text = cut ? "\n" : "";
  text.append(line).push_back('\n');
  std::string_view rest = text;
  while (!rest.empty() && takes_more(target)) {
    const auto written = ::write(target, rest.data(), std::min(rest.size(), piece));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (rest.size() < text.size()) cut = !rest.empty();
  return rest.empty();
}

bool is_same_file(const path& file, int target) {
  struct stat named{};
  struct stat ours{};
  return ::stat(file.c_str(), &named) == 0 && ::fstat(target, &ours) == 0 &&
         named.st_ino == ours.st_ino && named.st_dev == ours.st_dev;
}

}  // namespace

file_log_sink::file_log_sink(path file, bytes size_most)
    : file_(std::move(file)),
      size_most_(size_most),
      has_standard_error_(is_same_file(file_, STDERR_FILENO)) {}

bool descriptor_log_sink::write_line(std::string_view line) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    return write_whole(target_, line, PIPE_BUF, cut_);
  } catch (const std::exception&) {
    return false;
  }
}

result<void> file_log_sink::open() {
  const std::lock_guard lock(mutex_);
  return make_room(0);
}

bool file_log_sink::write_line(std::string_view line) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    return make_room(line.size() + 1) &&
           write_whole(opened_.get(), line, std::string_view::npos, cut_);
  } catch (const std::exception&) {
    return false;
  }
}

/// Whether the name stands for another file by now, because somebody else rotated or removed it.
bool file_log_sink::was_moved() const {
  return !is_same_file(file_, opened_.get());
}

result<void> file_log_sink::make_room(bytes needed) {
  for (int rotation = 0; rotation < 2; ++rotation) {
    if (!opened_ || was_moved()) {
      opened_ = system::descriptor(
          ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600));
      if (!opened_) return system_failure(errno, "open log '" + file_.string() + "'");
      if (has_standard_error_) ::dup2(opened_.get(), STDERR_FILENO);
    }
    struct stat information{};
    if (::fstat(opened_.get(), &information) != 0) return system_failure(errno, "look at the log");
    const auto size = static_cast<bytes>(information.st_size);
    if (size == 0 || size + needed <= size_most_) return {};
    const auto aside = rotated(file_);
    if (::rename(file_.c_str(), aside.c_str()) != 0) {
      return system_failure(errno, "move log '" + file_.string() + "' aside");
    }
  }
  return {};
}

}  // namespace nine::environment
