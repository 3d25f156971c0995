#include "ninelives/resilience/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace nine::resilience {
namespace {

constexpr double almost_one = 1.0 - std::numeric_limits<double>::epsilon();

struct expectation {
  jitter spread;
  std::uint32_t retry;
  duration previous;
  double chance;
  duration wait;
};

// proves: R2
TEST(backoff, each_kind_of_jitter_follows_its_formula) {
  // base 1 s, most 10 s
  const expectation cases[] = {
      {jitter::none, 1, 0s, 0.9, 1s},
      {jitter::none, 2, 0s, 0.9, 2s},
      {jitter::none, 4, 0s, 0.9, 8s},
      {jitter::none, 5, 0s, 0.9, 10s},
      {jitter::none, 4'000'000'000, 0s, 0.9, 10s},
      {jitter::full, 1, 0s, 0, 0s},
      {jitter::full, 1, 0s, 0.5, 500ms},
      {jitter::full, 3, 0s, 0.25, 1s},
      {jitter::full, 99, 0s, 0.5, 5s},
      {jitter::equal, 1, 0s, 0, 500ms},
      {jitter::equal, 3, 0s, 0, 2s},
      {jitter::equal, 3, 0s, 0.5, 3s},
      {jitter::equal, 99, 0s, 0.5, 7500ms},
      {jitter::decorrelated, 1, 0s, 0, 1s},
      {jitter::decorrelated, 1, 0s, 0.5, 2s},
      {jitter::decorrelated, 2, 2s, 0, 1s},
      {jitter::decorrelated, 2, 2s, 0.5, 3500ms},
      {jitter::decorrelated, 3, 10s, 0.5, 5500ms},
      {jitter::decorrelated, 3, duration::max(), 0.5, 5500ms},
  };
  for (const auto& [spread, retry, previous, chance, wait] : cases) {
    EXPECT_EQ(backoff({.base = 1s, .most = 10s, .spread = spread}, retry, previous, chance), wait)
        << static_cast<int>(spread) << " " << retry << " " << chance;
  }
}

TEST(backoff, no_wait_is_negative_or_longer_than_the_most) {
  const backoff_policy policies[] = {{},
                                     {.base = 0s, .most = 0s},
                                     {.base = 5s, .most = 2s},
                                     {.base = 1ns, .most = duration::max() / 4}};
  for (auto policy : policies) {
    for (const auto spread : {jitter::none, jitter::full, jitter::equal, jitter::decorrelated}) {
      policy.spread = spread;
      duration previous{};
      for (std::uint32_t retry = 1; retry < 100; ++retry) {
        previous = backoff(policy, retry, previous, retry % 2 == 0 ? almost_one : 0);
        EXPECT_GE(previous, 0s);
        EXPECT_LE(previous, policy.most);
      }
    }
  }
}

}  // namespace
}  // namespace nine::resilience
