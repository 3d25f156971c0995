#pragma once

#include <cstdint>
#include <expected>
#include <memory>

#include "ninelives/base/time.hpp"
#include "ninelives/resilience/sliding_window.hpp"

/// A circuit breaker (R3): calls to a thing that fails are refused at once, for a time, instead of
/// being tried in vain. The words and, where not said otherwise, the behaviour are resilience4j's.
namespace nine::resilience {

/// A share of calls that none can reach.
constexpr double share_never = 2;

struct circuit_breaker_policy {
  std::uint32_t window_calls = 20;      ///< the window is the last calls …
  duration window_time{};               ///< … or, when not zero, the calls of this last time
  std::uint32_t calls_least = 5;        ///< fewer in the window decide nothing
  double failure_share = 0.5;           ///< opens at this share of failures or more …
  double slow_share = 0.5;              ///< … or of slow calls; share_never for either
  duration slow_after = 60s;            ///< a call that took this long is slow
  std::uint32_t failures_in_a_row = 3;  ///< opens after so many, whatever the window says; 0: never
  duration in_a_row_within = 60s;       ///< from the first of them to the last
  duration open_for = 30s;              ///< the first time; doubles each time it opens again
  duration open_most = 10min;
  double open_jitter = 0.2;        ///< up to this share is added by chance
  duration forget_after = 10min;   ///< closed for this long: the next opening is a first one
  std::uint32_t probes = 3;        ///< calls let through half-open, which then decide
  duration probe_wait_most = 60s;  ///< a probe that has not reported by then has failed

  bool operator==(const circuit_breaker_policy&) const = default;
};

enum class breaker_state {
  closed,     ///< calls go through
  open,       ///< calls are refused, until a time
  half_open,  ///< some calls go through, to see whether it works again
};

/// Why a call may not be made, and when it is worth asking again.
struct breaker_refusal {
  breaker_state state = breaker_state::open;
  monotonic_time retry_at{};  ///< half-open: now, for nobody knows

  bool operator==(const breaker_refusal&) const = default;
};

/// Pure: time and chance are passed in. One thread at a time.
class circuit_breaker {
 public:
  class permit;

  explicit circuit_breaker(const circuit_breaker_policy& policy);

  /// Asks to make a call. `chance`, uniform in [0, 1), spreads the time it stays open if this very
  /// call opens it. The permit has to be told how the call ended.
  std::expected<permit, breaker_refusal> acquire(monotonic_time now, double chance);

  /// The state now. `open` is reported until a call is let through to probe.
  breaker_state state(monotonic_time now);

 private:
  class core;
  std::shared_ptr<core> core_;
};

/// The right to make one call. Exactly one report counts; a permit that is destroyed without one
/// (an exception, a forgotten path, a lost coroutine) reports a failure, so that no probe can keep
/// a breaker half-open for ever (resilience4j #903, #935, #1389). A report that comes after the
/// breaker has changed its state says nothing about the present one and is ignored.
class circuit_breaker::permit {
 public:
  permit(permit&& other) noexcept = default;
  permit& operator=(permit&& other) noexcept;
  ~permit();

  /// The call worked, and took this long.
  void succeeded(monotonic_time now, duration took);

  /// It failed, in a way that tells something about the other side (a timeout, a 503).
  void failed(monotonic_time now, duration took);

  /// It says nothing about the other side: it was cancelled, or the request itself was wrong (400).
  /// A probe's place is free again.
  void release();

 private:
  friend class circuit_breaker;
  permit(std::shared_ptr<core> owner, std::uint64_t era, double chance)
      : owner_(std::move(owner)), era_(era), chance_(chance) {}

  std::shared_ptr<core> owner_;  ///< null once reported or moved from
  std::uint64_t era_ = 0;
  double chance_ = 0;
};

}  // namespace nine::resilience
