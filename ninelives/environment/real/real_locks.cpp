#include "ninelives/environment/real/real_locks.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <sstream>
#include <string>
#include <utility>

#include "ninelives/environment/real/system/descriptor.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

std::string context_of(const std::filesystem::path& file) {
  return "lock '" + file.native() + "'";
}

struct flock whole_file() {
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

/// The file's form, for people too: "pid 12 start_time 3456 boot_id 1ae6…" and a line feed.
std::string describe(const process_identity& self) {
  return "pid " + std::to_string(self.pid) + " start_time " + std::to_string(self.start_time) +
         " boot_id " + self.boot_id + "\n";
}

result<process_identity> read_holder(int file, const std::string& context) {
  std::array<char, 256> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  if (size < 0) return system_failure(errno, context);
  std::istringstream words(std::string(text.data(), static_cast<std::size_t>(size)));
  std::string pid_word, start_word, boot_word;
  process_identity holder;
  words >> pid_word >> holder.pid >> start_word >> holder.start_time >> boot_word >> holder.boot_id;
  if (words && holder && pid_word == "pid" && start_word == "start_time" &&
      boot_word == "boot_id") {
    return holder;
  }
  return fail(error_code::unavailable, context + ": its holder has not said who it is yet");
}

class real_lock : public exclusive_lock {
 public:
  explicit real_lock(system::descriptor locked) : locked_(std::move(locked)) {}
  real_lock(const real_lock&) = delete;
  real_lock& operator=(const real_lock&) = delete;
  /// Emptied, so that the next holder is not taken for this one before it has written its name.
  ~real_lock() override { [[maybe_unused]] const int ignored = ::ftruncate(locked_.get(), 0); }

  result<void> sign(const process_identity& self, const std::string& context) {
    const auto text = describe(self);
    if (::ftruncate(locked_.get(), 0) != 0 ||
        ::pwrite(locked_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      return system_failure(errno, context);
    }
    return {};
  }

 private:
  system::descriptor locked_;
};

/// For those who look with flock(), such as shims and flock(1). Who only looks may hold it for an
/// instant; should it stay that way, the lock proper is held all the same.
void take_flock_too(int file) {
  constexpr int tries_most = 1000;
  for (int tried = 0; tried < tries_most && ::flock(file, LOCK_EX | LOCK_NB) != 0; ++tried) {
    ::sched_yield();
  }
}

std::unexpected<error> held_by_another(int file, const std::string& context) {
  const auto holder = read_holder(file, context);
  return fail(error_code::already_exists,
              context + ": held by " +
                  (holder ? "process " + std::to_string(holder->pid) : "another process"));
}

}  // namespace

result<std::unique_ptr<exclusive_lock>> real_locks::try_lock(const std::filesystem::path& file,
                                                             const process_identity& self) {
  const auto context = context_of(file);
  system::descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!opened) return system_failure(errno, context);
  auto range = whole_file();
  if (::fcntl(opened.get(), F_OFD_SETLK, &range) != 0) {
    if (errno == EAGAIN || errno == EACCES) return held_by_another(opened.get(), context);
    return system_failure(errno, context);
  }
  take_flock_too(opened.get());
  auto lock = std::make_unique<real_lock>(std::move(opened));
  NINE_TRY(lock->sign(self, context));
  return lock;
}

result<process_identity> real_locks::holder(const std::filesystem::path& file) {
  const auto context = context_of(file);
  const system::descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!opened) return system_failure(errno, context);
  auto range = whole_file();
  if (::fcntl(opened.get(), F_OFD_GETLK, &range) != 0) return system_failure(errno, context);
  if (range.l_type == F_UNLCK) return fail(error_code::not_found, context + ": nobody holds it");
  return read_holder(opened.get(), context);
}

}  // namespace nine::environment
