#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "ninelives/base/stable_hash.hpp"
#include "ninelives/base/time.hpp"

namespace nine::simulation {

/// What happened in a run, as one number to compare two runs by, and as text for whoever asked for
/// it. Two runs of a seed must give the same trace; if not, something outside the seed was at work.
class trace {
 public:
  using listener = std::function<void(std::string_view line)>;

  /// Every line goes there; `decisions` adds a line for each choice of the scheduler.
  void listen(listener where, bool decisions);

  void decision(monotonic_time at, int lane, std::uint64_t task);
  void event(monotonic_time at, std::string_view text);

  std::uint64_t hash() const { return mark_.value(); }
  std::uint64_t events() const { return events_; }

 private:
  stable_hash mark_;
  std::uint64_t events_ = 0;
  listener listener_;
  bool decisions_ = false;
};

}  // namespace nine::simulation
