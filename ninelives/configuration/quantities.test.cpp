#include "ninelives/configuration/quantities.hpp"

#include <gtest/gtest.h>

namespace nine::configuration {
namespace {

TEST(quantities, durations_are_read) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(quantities, sizes_are_read) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 64 * KiB);
  EXPECT_EQ(parse_size("16MiB"), 16 * MiB);
  EXPECT_EQ(parse_size("2GiB"), 2 * GiB);
}

TEST(quantities, what_is_neither_is_refused) {
  for (const auto* text : {"", "s", "1", "-1s", "+1s", " 1s", "1 s", "1.5s", "1S", "1s1", "0x1s",
                           "99999999999999999999s", "9999999999999999d", "10MB", "1kib"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(quantities, what_is_written_reads_back_the_same_in_the_largest_unit) {
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(24h), "1d");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_size(1536 * KiB), "1536KiB");
  EXPECT_EQ(format_size(0), "0B");
  for (const auto value : {duration(0s), duration(1ms), duration(61s), duration(90min)}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  }
  for (const bytes value : {bytes{0}, bytes{1}, KiB + 1, 3 * MiB, 5 * GiB}) {
    EXPECT_EQ(parse_size(format_size(value)), value);
  }
}

}  // namespace
}  // namespace nine::configuration
