#include "ninelives/supervision/core_fence.hpp"

#include <gtest/gtest.h>

#include "ninelives/supervision/shim_world.test.hpp"

namespace nine::supervision {
namespace {

// proves: D3
TEST(core_fence, lets_the_newest_core_pass_and_no_older_one) {
  testing_world::memory_files files;
  ASSERT_TRUE(files.make_directory("/home"));
  core_fence older(files, "/home/core_epoch", core_epoch(1));
  EXPECT_TRUE(older.check()) << "a home without a record";
  ASSERT_TRUE(older.take_over());
  core_fence newer(files, "/home/core_epoch", core_epoch(2));
  ASSERT_TRUE(newer.take_over());
  EXPECT_TRUE(newer.check());
  EXPECT_EQ(older.check().error().code, error_code::fenced);
  EXPECT_TRUE(older.is_fenced());
}

// proves: D3
TEST(core_fence, tells_the_next_core_which_epoch_is_known) {
  testing_world::memory_files files;
  ASSERT_TRUE(files.make_directory("/home"));
  EXPECT_EQ(core_fence::newest(files, "/home/core_epoch"), core_epoch());
  ASSERT_TRUE(core_fence(files, "/home/core_epoch", core_epoch(13)).take_over());
  EXPECT_EQ(core_fence::newest(files, "/home/core_epoch"), core_epoch(13));
}

}  // namespace
}  // namespace nine::supervision
