#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ninelives/base/time.hpp"

namespace nine::resilience {

struct retry_budget_policy {
  double share_most = 0.2;        ///< retries per first try
  double per_second_least = 0.5;  ///< retries that are always free, so that quiet times can retry
  duration window = 10s;          ///< how long a first try counts

  bool operator==(const retry_budget_policy&) const = default;
};

/// Keeps the retries of all requests to one dependency a small share of its traffic (R2), so that
/// retries cannot multiply an outage. Within the window: retries ≤ share · first tries + floor
/// (the shape of Finagle's budget; Finagle and Envoy use 20 %). Pure; one thread at a time.
class retry_budget {
 public:
  explicit retry_budget(const retry_budget_policy& policy = {}) : policy_(policy) {}

  /// A request's first try begins.
  void first_try(monotonic_time now);

  /// Takes one retry out of the budget; false when none is left.
  bool take_retry(monotonic_time now);

  /// How many retries are left.
  double left(monotonic_time now);

 private:
  static constexpr std::size_t slots = 10;
  struct slot {
    std::int64_t index = -1;  ///< which stretch of time it counts
    std::uint32_t first_tries = 0;
    std::uint32_t retries = 0;
  };

  slot& slot_at(monotonic_time now);

  retry_budget_policy policy_;
  std::array<slot, slots> ring_{};
};

}  // namespace nine::resilience
