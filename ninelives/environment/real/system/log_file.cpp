#include "ninelives/environment/real/system/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "ninelives/environment/rotated_file.hpp"

namespace nine::environment::system {

descriptor open_to_append(const std::string& path) {
  // O_NONBLOCK: should the path be a fifo that nobody reads, opening it fails instead of hanging.
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  return descriptor(::open(path.c_str(), flags, 0600));
}

void log_file::open() {
  if (file_) return;
  file_ = open_to_append(path_);
  struct ::stat status{};
  if (file_ && ::fstat(file_.get(), &status) == 0) size_ = static_cast<bytes>(status.st_size);
}

bool log_file::in_place() const {
  struct ::stat named{}, opened{};
  return !file_ || (::stat(path_.c_str(), &named) == 0 && ::fstat(file_.get(), &opened) == 0 &&
                    named.st_ino == opened.st_ino && named.st_dev == opened.st_dev);
}

void log_file::append(std::string_view data) {
  open();  // when it cannot be made, what comes is lost
  while (!data.empty()) {
    if (bytes_most_ > 0 && size_ >= bytes_most_) rotate();
    if (lost_untold_ > 0) tell_what_was_lost();
    const bytes room = bytes_most_ > size_ ? bytes_most_ - size_ : bytes_most_;
    const auto piece = bytes_most_ > 0 ? data.substr(0, room) : data;
    if (!write_all(piece)) {
      lost_ += data.size();
      lost_untold_ += data.size();
      return;
    }
    data.remove_prefix(piece.size());
  }
}

void log_file::clear() {
  const auto emptied = file_ ? ::ftruncate(file_.get(), 0) : ::truncate(path_.c_str(), 0);
  if (emptied == 0) size_ = 0;
}

void log_file::rotate() {
  ::rename(path_.c_str(), rotated(path_).c_str());
  if (auto next = open_to_append(path_)) file_ = std::move(next);
  size_ = 0;  // also when it failed: then the old file goes on for another length
}

void log_file::tell_what_was_lost() {
  const auto note = "\n[" + std::to_string(lost_untold_) + " bytes of output were lost here]\n";
  if (write_all(note)) lost_untold_ = 0;
}

/// On failure, what was written before it stays.
bool log_file::write_all(std::string_view data) {
  while (!data.empty()) {
    const auto written = ::write(file_.get(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    size_ += static_cast<bytes>(written);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace nine::environment::system
