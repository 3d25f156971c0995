#include "ninelives/supervision/restart_intensity.hpp"

#include <gtest/gtest.h>

namespace nine::supervision {
namespace {

const monotonic_time begin{1000s};

TEST(restart_intensity, allows_five_in_sixty_seconds_and_refuses_the_sixth) {
  restart_intensity intensity;
  for (int restart = 0; restart < 5; ++restart)
    EXPECT_TRUE(intensity.charge(begin + restart * 1ms));
  EXPECT_FALSE(intensity.charge(begin + 5ms));
}

TEST(restart_intensity, counts_a_stamp_exactly_one_period_old_and_no_older_one) {
  restart_intensity at_the_edge({1, 60s});
  EXPECT_TRUE(at_the_edge.charge(begin));
  EXPECT_FALSE(at_the_edge.charge(begin + 60s));
  restart_intensity beyond({1, 60s});
  EXPECT_TRUE(beyond.charge(begin));
  EXPECT_TRUE(beyond.charge(begin + 60s + 1ns));
}

TEST(restart_intensity, slides_so_that_no_burst_passes_at_a_boundary) {
  restart_intensity intensity({2, 10s});
  EXPECT_TRUE(intensity.charge(begin + 9s));
  EXPECT_TRUE(intensity.charge(begin + 9s));
  EXPECT_FALSE(intensity.charge(begin + 11s));
  EXPECT_EQ(intensity.charged(begin + 11s), 2U);
  EXPECT_EQ(intensity.charged(begin + 22s), 0U);
}

// proves: S3
TEST(restart_intensity, does_not_count_the_time_in_which_a_child_rests_and_others_work) {
  restart_intensity intensity({1, 60s});
  EXPECT_TRUE(intensity.charge(begin, 1));
  intensity.rests(1, 120s);
  EXPECT_FALSE(intensity.charge(begin + 121s, 1));
  restart_intensity of_another({1, 60s});
  EXPECT_TRUE(of_another.charge(begin, 1));
  of_another.rests(2, 120s);
  EXPECT_TRUE(of_another.charge(begin + 121s, 2));
}

TEST(restart_intensity, of_zero_allows_no_restart) {
  restart_intensity intensity({0, 60s});
  EXPECT_FALSE(intensity.charge(begin));
}

TEST(restart_intensity, names_bad_limits) {  // OTP 22
  EXPECT_TRUE(validate(intensity_limits{}));
  EXPECT_FALSE(validate(intensity_limits{5, 0s}));
  EXPECT_FALSE(validate(intensity_limits{10'001, 60s}));
}

}  // namespace
}  // namespace nine::supervision
