#include "ninelives/environment/real/system/event_loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment::system {
namespace {

duration read_clock(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// For epoll_wait: rounded up, so that a deadline has really passed afterwards.
int milliseconds_until(std::optional<monotonic_time> deadline) {
  if (!deadline) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - monotonic_now());
  constexpr std::int64_t longest = 24 * 60 * 60 * 1000;
  return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, longest));
}

static_assert(event_loop::readable == static_cast<std::uint32_t>(EPOLLIN));
static_assert(event_loop::writable == static_cast<std::uint32_t>(EPOLLOUT));

}  // namespace

monotonic_time monotonic_now() {
  return monotonic_time(read_clock(CLOCK_MONOTONIC));
}
wall_time wall_now() {
  return wall_time(read_clock(CLOCK_REALTIME));
}

double random_unit() {
  std::uint64_t value = 0;
  (void)::getrandom(&value, sizeof value, 0);
  return static_cast<double>(value >> 11) * 0x1.0p-53;
}

result<event_loop> event_loop::create() {
  descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return kernel_failure(errno, "make an event loop");
  return event_loop(std::move(epoll));
}

result<event_loop::watch_id> event_loop::watch(int native, std::uint32_t interests,
                                               std::function<void()> callback) {
  epoll_event wanted{};
  wanted.events = interests;
  wanted.data.u64 = ++last_;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, native, &wanted) != 0) {
    return kernel_failure(errno, "watch a descriptor");
  }
  watches_.emplace(last_, std::make_shared<watched_descriptor>(native, std::move(callback)));
  return last_;
}

result<void> event_loop::change(watch_id watch, std::uint32_t interests) {
  const auto found = watches_.find(watch);
  if (found == watches_.end()) return fail(error_code::not_found, "no such watch");
  epoll_event wanted{};
  wanted.events = interests;
  wanted.data.u64 = watch;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, found->second->native, &wanted) != 0) {
    return kernel_failure(errno, "watch a descriptor otherwise");
  }
  return {};
}

void event_loop::unwatch(watch_id watch) {
  const auto found = watches_.find(watch);
  if (found == watches_.end()) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second->native, nullptr);
  watches_.erase(found);
}

result<void> event_loop::watch_signals(std::initializer_list<int> signals,
                                       std::function<void(int)> callback) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) {
    ::sigaddset(&set, signal);
    ::signal(signal, SIG_DFL);  // one ignored since before this program would never be seen
  }
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return kernel_failure(errno, "watch signals");
  const int native = signals_.get();
  NINE_TRY(watch(native, readable, [native, callback = std::move(callback)] {
    std::array<signalfd_siginfo, 4> arrived;
    const auto got = ::read(native, arrived.data(), sizeof arrived);
    const auto count = got > 0 ? static_cast<std::size_t>(got) / sizeof arrived[0] : 0;
    for (std::size_t i = 0; i < count; ++i)
      callback(static_cast<int>(arrived[i].ssi_signo));
  }));
  return {};
}

result<void> event_loop::run_once(std::optional<monotonic_time> deadline) {
  std::array<epoll_event, 16> ready;
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()),
                                 milliseconds_until(deadline));
  if (count < 0 && errno != EINTR) return kernel_failure(errno, "wait for events");
  for (int i = 0; i < count; ++i) {
    const std::uint64_t watch = ready[static_cast<std::size_t>(i)].data.u64;  // it is packed: copy
    const auto found = watches_.find(watch);
    if (found == watches_.end()) continue;  // unwatched by a callback before it
    const auto held = found->second;        // it may unwatch itself
    held->callback();
  }
  return {};
}

}  // namespace nine::environment::system
