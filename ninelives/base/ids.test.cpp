#include "ninelives/base/ids.hpp"

#include <gtest/gtest.h>

namespace nine {
namespace {

TEST(ids, a_task_id_reads_back_as_it_is_shown) {
  EXPECT_EQ(parse_task_id(to_string(task_id(12))), task_id(12));
  EXPECT_EQ(parse_task_id("7"), task_id(7));
}

TEST(ids, what_is_not_a_task_id_is_refused) {
  for (const auto* text : {"", "t", "t0", "t-1", "t1x", "x1", "99999999999999999999", "t 1"}) {
    EXPECT_FALSE(parse_task_id(text)) << text;
  }
}

}  // namespace
}  // namespace nine
