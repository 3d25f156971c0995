#pragma once

#include <cstdint>
#include <optional>

#include "ninelives/base/time.hpp"
#include "ninelives/resilience/backoff.hpp"
#include "ninelives/resilience/deadline.hpp"

namespace nine::resilience {

/// The bounds of one request, over all its tries and all its fallbacks (R2).
struct retry_policy {
  std::uint32_t attempts_most = 3;  ///< the first one included
  duration time_most = 60s;         ///< from the first try; no try begins after it
  backoff_policy waits;
  duration retry_after_most = 5min;  ///< a server that asks for a longer wait is not waited for

  bool operator==(const retry_policy&) const = default;
};

/// 3 tries, waits from 1 s: for what answers quickly.
retry_policy fast_retry();
/// 5 tries, waits from 2 s: for what recovers slowly.
retry_policy slow_retry();

/// Why there is no further try.
enum class retry_refusal {
  not_retryable,     ///< trying again cannot help (R5)
  attempts_used_up,  ///< attempts_most
  time_used_up,      ///< the wait would end at or after the deadline
  retry_after_long,  ///< the server asks for a longer wait than retry_after_most
};

/// What to do after a failure: try again at `at`, or not, and why.
struct retry_decision {
  std::optional<monotonic_time> at;
  retry_refusal refusal = retry_refusal::not_retryable;  ///< only without `at`

  explicit operator bool() const { return at.has_value(); }
  bool operator==(const retry_decision&) const = default;
};

/// What is known about a failure.
struct failure {
  bool retryable = true;
  std::optional<duration> retry_after = std::nullopt;  ///< from the failure on, as the server asks
};

/// Counts the tries of one request. One object for the request and all its fallbacks: a chain of
/// three models does not get three times the tries. Pure; one thread at a time.
class retry {
 public:
  /// The request begins now and has to end before `end`.
  retry(const retry_policy& policy, monotonic_time now, deadline end)
      : policy_(policy), end_(deadline(end).at_most(now, policy.time_most)) {}

  /// Whether one more try may begin, and counts it. False after attempts_most or the deadline.
  bool begin_attempt(monotonic_time now);

  /// After a try failed: when the next one may begin. `chance` is uniform in [0, 1). Honours
  /// retry_after: the next try is not earlier than asked for.
  retry_decision next(monotonic_time now, const failure& why, double chance);

  /// May a fallback be tried at once, without a wait? Uses up one try when it begins.
  bool may_fall_back(monotonic_time now) const;

  std::uint32_t attempts() const { return attempts_; }
  deadline end() const { return end_; }

 private:
  retry_policy policy_;
  deadline end_;
  std::uint32_t attempts_ = 0;
  duration last_wait_{};
};

}  // namespace nine::resilience
