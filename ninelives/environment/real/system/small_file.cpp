#include "ninelives/environment/real/system/small_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {
namespace {

result<void> write_once(const std::string& file, int flags, std::string_view content) {
  descriptor opened(::open(file.c_str(), flags | O_WRONLY | O_CLOEXEC, 0600));
  if (!opened) return kernel_failure(errno, "open " + file);
  const auto written = ::write(opened.get(), content.data(), content.size());
  if (written < 0) return kernel_failure(errno, "write " + file);
  if (static_cast<std::size_t>(written) != content.size()) {
    return kernel_failure(ENOSPC, "write " + file);
  }
  return {};
}

}  // namespace

result<std::string> read_file(const std::string& file, bytes limit) {
  descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) return kernel_failure(errno, "open " + file);
  std::string content;
  constexpr std::size_t piece = 4096;
  while (content.size() < limit) {
    const auto before = content.size();
    content.resize(before + std::min<bytes>(piece, limit - before));
    const auto got = ::read(opened.get(), content.data() + before, content.size() - before);
    if (got < 0 && errno != EINTR) return kernel_failure(errno, "read " + file);
    content.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) break;
  }
  return content;
}

result<void> write_to(const std::string& file, std::string_view content) {
  return write_once(file, 0, content);
}

result<void> replace_file(const std::string& file, std::string_view content) {
  const auto beside = file + ".new";
  NINE_TRY(write_once(beside, O_CREAT | O_TRUNC, content));
  if (::rename(beside.c_str(), file.c_str()) != 0) return kernel_failure(errno, "rename " + beside);
  return {};
}

bool exists(const std::string& file) {
  return ::access(file.c_str(), F_OK) == 0;
}

result<void> remove_file(const std::string& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT)
    return kernel_failure(errno, "remove " + file);
  return {};
}

result<bool> is_locked(const std::string& file) {
  descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return false;
  if (!opened) return kernel_failure(errno, "open " + file);
  // A shared try disturbs nobody else who only looks; closing gives it back.
  if (::flock(opened.get(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return kernel_failure(errno, "lock " + file);
}

}  // namespace nine::environment::system
