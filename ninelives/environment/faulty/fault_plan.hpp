#pragma once

#include "ninelives/base/time.hpp"
#include "ninelives/environment/random.hpp"

namespace nine::environment {

/// How often which fault is added; each a probability between 0 and 1.
struct fault_rates {
  double fail = 0;   ///< an operation fails though it was not tried
  double cut = 0;    ///< a connection breaks; a write to a file stops half-way and fails
  double delay = 0;  ///< an operation waits for up to `delay_most` first
  double part = 0;   ///< a read gives less than there is
  duration delay_most = 100ms;
};

/// Draws faults; with a seeded source of chance the same run meets the same faults. The rates are
/// their owner's, who may change them at any time.
class fault_plan {
 public:
  fault_plan(random& chance, const fault_rates& rates) : chance_(chance), rates_(rates) {}

  bool fails() { return happens(rates_.fail); }
  bool cuts() { return happens(rates_.cut); }

  /// How long to wait first; zero mostly.
  duration delay() {
    if (!happens(rates_.delay)) return duration::zero();
    const auto share = chance_.next_unit() * static_cast<double>(rates_.delay_most.count());
    return duration(static_cast<duration::rep>(share));
  }

  /// At least 1 and at most `size`; all of it mostly. `size` is not 0.
  std::size_t part_of(std::size_t size) {
    if (!happens(rates_.part)) return size;
    return 1 + static_cast<std::size_t>(chance_.next_unit() * static_cast<double>(size - 1));
  }

 private:
  /// A rate of 0 draws nothing, so that faults that are off do not move the others.
  bool happens(double rate) { return rate > 0 && chance_.next_unit() < rate; }

  random& chance_;
  const fault_rates& rates_;
};

}  // namespace nine::environment
