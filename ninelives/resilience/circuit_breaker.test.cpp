#include "ninelives/resilience/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace nine::resilience {
namespace {

constexpr monotonic_time start{100'000s};

/// Only the window decides; no chance in the open time.
circuit_breaker_policy window_only() {
  return {.window_calls = 10,
          .calls_least = 4,
          .slow_after = 5s,
          .failures_in_a_row = 0,
          .open_for = 30s,
          .open_jitter = 0,
          .probes = 2,
          .probe_wait_most = 60s};
}

/// One call a second: '+' works, '-' fails, 's' works slowly, 'c' is cancelled, 'x' is refused,
/// 'a' is abandoned. Returns what each letter did where it differs.
std::string play(circuit_breaker& breaker, monotonic_time& now, std::string_view script) {
  std::string seen;
  for (const char letter : script) {
    now += 1s;
    auto permit = breaker.acquire(now, 0);
    if (!permit) {
      seen += 'x';
      continue;
    }
    seen += letter == 'x' ? '?' : letter;
    if (letter == '+') permit->succeeded(now, 1s);
    if (letter == 's') permit->succeeded(now, 5s);
    if (letter == '-') permit->failed(now, 1s);
    if (letter == 'c') permit->release();
  }
  return seen;
}

struct scenario {
  const char* what;
  const char* script;
  breaker_state end;
};

void expect_all(const circuit_breaker_policy& policy, const std::vector<scenario>& scenarios) {
  for (const auto& [what, script, end] : scenarios) {
    circuit_breaker breaker(policy);
    auto now = start;
    EXPECT_EQ(play(breaker, now, script), script) << what;
    EXPECT_EQ(breaker.state(now), end) << what;
  }
}

TEST(circuit_breaker, the_window_opens_it) {
  using enum breaker_state;
  expect_all(window_only(),
             {
                 {"less than half failed", "+++--", closed},
                 {"exactly half is enough (>=)", "++--x", open},
                 {"too few calls decide nothing", "---", closed},
                 {"the fewest calls that decide", "----x", open},
                 {"slow calls count as failures do", "+s+sx", open},
                 {"slow and failed are counted apart", "+++s-", closed},
                 {"what left the window is forgotten", "++++++++++++++++++++-----x", open},
                 {"cancelled calls count nowhere", "c-c-c-cc", closed},
                 {"an abandoned call failed", "++aax", open},
             });
}

TEST(circuit_breaker, the_fewest_calls_are_no_more_than_the_window_holds) {
  auto policy = window_only();
  policy.window_calls = 3;
  policy.calls_least = 100;
  expect_all(policy, {{"three calls fill it", "---x", breaker_state::open}});
}

TEST(circuit_breaker, failures_in_a_row_open_it_whatever_the_window_says) {
  using enum breaker_state;
  auto policy = window_only();
  policy.failures_in_a_row = 3;
  policy.in_a_row_within = 60s;
  expect_all(policy, {{"three in a row", "++++++++---x", open},
                      {"a success between them", "++++++--+--+", closed},
                      {"a cancelled call between them is none", "++++++--c-x", open}});
  circuit_breaker breaker(policy);
  auto now = start;
  play(breaker, now, "++++++--");
  now += 60s;
  play(breaker, now, "-");
  EXPECT_EQ(breaker.state(now), closed) << "too far apart";
}

TEST(circuit_breaker, a_share_that_none_can_reach_opens_nothing) {
  auto policy = window_only();
  policy.failure_share = share_never;
  expect_all(policy, {{"failures alone", "--------", breaker_state::closed},
                      {"slow calls still do", "-sssx", breaker_state::open}});
}

TEST(circuit_breaker, a_window_of_time_forgets_by_time) {
  auto policy = window_only();
  policy.window_time = 10s;
  circuit_breaker breaker(policy);
  auto now = start;
  EXPECT_EQ(play(breaker, now, "---"), "---");
  now += 10s;
  EXPECT_EQ(play(breaker, now, "---"), "---");
  EXPECT_EQ(breaker.state(now), breaker_state::closed);
  EXPECT_EQ(play(breaker, now, "-x"), "-x");
}

TEST(circuit_breaker, it_tells_until_when_it_is_open) {
  circuit_breaker breaker(window_only());
  auto now = start;
  play(breaker, now, "----");
  const auto refused = breaker.acquire(now + 29s, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (breaker_refusal{breaker_state::open, now + 30s}));
  EXPECT_TRUE(breaker.acquire(now + 30s, 0));
}

/// A breaker that has just become ready to probe.
struct opened {
  explicit opened(circuit_breaker_policy policy = window_only()) : breaker(policy) {
    play(breaker, now, "----");
    now += 30s;
  }
  circuit_breaker breaker;
  monotonic_time now = start;
};

TEST(circuit_breaker, probes_that_work_close_it) {
  opened it;
  EXPECT_EQ(play(it.breaker, it.now, "+"), "+");
  EXPECT_EQ(it.breaker.state(it.now), breaker_state::half_open);
  EXPECT_EQ(play(it.breaker, it.now, "+"), "+");
  EXPECT_EQ(it.breaker.state(it.now), breaker_state::closed);
  EXPECT_EQ(play(it.breaker, it.now, "---"), "---") << "what was counted before is forgotten";
  EXPECT_EQ(it.breaker.state(it.now), breaker_state::closed);
}

TEST(circuit_breaker, half_of_the_probes_failing_opens_it_again_at_once) {
  opened it;
  EXPECT_EQ(play(it.breaker, it.now, "-xx"), "-xx");
  EXPECT_EQ(it.breaker.state(it.now), breaker_state::open);
}

TEST(circuit_breaker, the_share_of_failed_probes_decides_once_one_has_worked) {
  using enum breaker_state;
  auto policy = window_only();
  policy.probes = 3;
  for (const auto& [what, script, end] :
       std::vector<scenario>{{"one of three failed", "+-+", closed},
                             {"two of three failed", "+--x", open},
                             {"the first one failed", "-x", open},
                             {"two were slow", "+ssx", open},
                             {"a cancelled one is tried again", "+c-c+", closed}}) {
    opened it(policy);
    EXPECT_EQ(play(it.breaker, it.now, script), script) << what;
    EXPECT_EQ(it.breaker.state(it.now), end) << what;
  }
}

TEST(circuit_breaker, no_more_probes_than_allowed_run_at_a_time) {
  opened it;
  auto one = it.breaker.acquire(it.now, 0);
  auto other = it.breaker.acquire(it.now, 0);
  EXPECT_TRUE(one && other);
  EXPECT_EQ(it.breaker.acquire(it.now, 0).error().state, breaker_state::half_open);
  one->release();
  EXPECT_TRUE(it.breaker.acquire(it.now, 0)) << "a cancelled probe gives its place back";
}

TEST(circuit_breaker, a_probe_that_never_reports_has_failed_after_a_finite_wait) {
  opened it;
  auto lost = it.breaker.acquire(it.now, 0);
  ASSERT_TRUE(lost);
  EXPECT_EQ(it.breaker.state(it.now + 59s), breaker_state::half_open);
  EXPECT_EQ(it.breaker.state(it.now + 60s), breaker_state::open);
  lost->succeeded(it.now + 61s, 61s);
  EXPECT_EQ(it.breaker.state(it.now + 61s), breaker_state::open) << "too late to count";
}

TEST(circuit_breaker, a_probe_whose_permit_is_destroyed_has_failed) {
  opened it;
  EXPECT_EQ(play(it.breaker, it.now, "ax"), "ax");
  EXPECT_EQ(it.breaker.state(it.now), breaker_state::open);
}

TEST(circuit_breaker, calls_begun_before_it_opened_are_no_probes) {
  circuit_breaker breaker(window_only());
  auto now = start;
  auto old = breaker.acquire(now, 0);
  play(breaker, now, "----");
  now += 30s;
  auto probe = breaker.acquire(now, 0);
  ASSERT_TRUE(old && probe);
  old->failed(now, 60s);
  EXPECT_EQ(breaker.state(now), breaker_state::half_open);
  probe->succeeded(now, 1s);
  EXPECT_EQ(play(breaker, now, "+"), "+");
  EXPECT_EQ(breaker.state(now), breaker_state::closed);
}

TEST(circuit_breaker, each_opening_in_a_row_lasts_twice_as_long_up_to_the_most) {
  auto policy = window_only();
  policy.open_most = 100s;
  circuit_breaker breaker(policy);
  auto now = start;
  play(breaker, now, "----");
  for (const auto expected : {30s, 60s, 100s, 100s}) {
    EXPECT_EQ(breaker.acquire(now, 0).error().retry_at - now, expected);
    now += expected - 1s;
    play(breaker, now, "-");
  }
}

TEST(circuit_breaker, after_a_calm_time_an_opening_is_a_first_one_again) {
  for (const bool calm : {false, true}) {
    opened it;
    play(it.breaker, it.now, "++");
    it.now += calm ? duration(10min) : duration(1min);
    play(it.breaker, it.now, "----");
    EXPECT_EQ(it.breaker.acquire(it.now, 0).error().retry_at - it.now, calm ? 30s : 60s);
  }
}

TEST(circuit_breaker, chance_spreads_the_open_time) {
  auto policy = window_only();
  policy.calls_least = 1;
  policy.open_jitter = 0.2;
  circuit_breaker breaker(policy);
  breaker.acquire(start, 0.5)->failed(start, 1s);
  EXPECT_EQ(breaker.acquire(start, 0).error().retry_at, start + 33s);
}

TEST(circuit_breaker, an_outage_of_a_minute_costs_at_most_four_tries) {
  circuit_breaker breaker({});
  int tries = 0;
  for (auto now = start; now < start + 60s; now += 4s) {
    if (auto permit = breaker.acquire(now, 0)) {
      ++tries;
      permit->failed(now, 100ms);
    }
  }
  EXPECT_LE(tries, 4);
}

TEST(circuit_breaker, a_permit_may_outlive_its_breaker_and_may_be_moved) {
  std::optional<circuit_breaker::permit> kept;
  {
    circuit_breaker breaker(window_only());
    auto permit = breaker.acquire(start, 0);
    kept.emplace(*std::move(permit));
    permit = breaker.acquire(start, 0);
    permit->release();
    auto now = start;
    EXPECT_EQ(play(breaker, now, "---"), "---");
    EXPECT_EQ(breaker.state(now), breaker_state::closed) << "moved is not abandoned";
  }
  kept->failed(start, 1s);
}

}  // namespace
}  // namespace nine::resilience
