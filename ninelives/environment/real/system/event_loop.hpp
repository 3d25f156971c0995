#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

/// CLOCK_MONOTONIC.
monotonic_time monotonic_now();

/// CLOCK_REALTIME.
wall_time wall_now();

/// Uniform in [0, 1), from getrandom(2).
double random_unit();

/// Waits for descriptors, signals and one deadline, and calls back. For programs too small for
/// Asio. Single-threaded.
class event_loop {
 public:
  enum interest : std::uint32_t { readable = 1, writable = 4 };  // as EPOLLIN, EPOLLOUT
  using watch_id = std::uint64_t;

  static result<event_loop> create();

  /// Calls back while the descriptor is ready or hung up. It must stay open until unwatched.
  result<watch_id> watch(int native, std::uint32_t interests, std::function<void()> callback);
  result<void> change(watch_id watch, std::uint32_t interests);
  /// From within a callback too, its own included. No error when there is none.
  void unwatch(watch_id watch);

  /// Blocks these signals and calls back with each that comes.
  result<void> watch_signals(std::initializer_list<int> signals, std::function<void(int)> callback);

  /// Waits until something is ready or `deadline` has passed, and calls back for what is ready.
  result<void> run_once(std::optional<monotonic_time> deadline);

  std::size_t watched() const { return watches_.size(); }

 private:
  struct watched_descriptor {
    int native;
    std::function<void()> callback;
  };

  explicit event_loop(descriptor epoll) : epoll_(std::move(epoll)) {}

  descriptor epoll_;
  descriptor signals_;
  std::map<watch_id, std::shared_ptr<watched_descriptor>> watches_;
  watch_id last_ = 0;
};

}  // namespace nine::environment::system
