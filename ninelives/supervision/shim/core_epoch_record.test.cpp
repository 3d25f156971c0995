#include "ninelives/supervision/shim/core_epoch_record.hpp"

#include <gtest/gtest.h>

namespace nine::supervision::shim {
namespace {

TEST(core_epoch_record, is_read_as_it_was_written_and_else_corrupted) {
  EXPECT_EQ(parse_core_epoch(format_core_epoch(core_epoch(17))), core_epoch(17));
  for (const auto* text : {"", "17", "\n", "x\n", "17 \n", "0\n", "-1\n", "17\n18\n"}) {
    EXPECT_EQ(parse_core_epoch(text).error().code, error_code::corrupted) << text;
  }
}

// proves: D3
TEST(core_epoch_record, fences_older_cores_only) {
  EXPECT_TRUE(check_core_epoch(core_epoch(2), core_epoch(2)));
  EXPECT_TRUE(check_core_epoch(core_epoch(3), core_epoch(2)));
  EXPECT_EQ(check_core_epoch(core_epoch(1), core_epoch(2)).error().code, error_code::fenced);
}

}  // namespace
}  // namespace nine::supervision::shim
