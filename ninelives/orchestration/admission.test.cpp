#include "ninelives/orchestration/admission.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

// proves: S13
TEST(admission, lets_in_up_to_the_limit_and_the_rest_in_order) {
  admission doors(2);
  EXPECT_TRUE(doors.request(task_id(1)));
  EXPECT_TRUE(doors.request(task_id(2)));
  EXPECT_FALSE(doors.request(task_id(3)));
  EXPECT_FALSE(doors.request(task_id(4)));
  EXPECT_EQ(doors.release(task_id(1)), task_id(3));
  EXPECT_TRUE(doors.request(task_id(3)));
  EXPECT_EQ(doors.release(task_id(3)), task_id(4));
  EXPECT_EQ(doors.release(task_id(4)), std::nullopt);
}

TEST(admission, asking_again_does_not_queue_twice) {
  admission doors(1);
  EXPECT_TRUE(doors.request(task_id(1)));
  EXPECT_FALSE(doors.request(task_id(2)));
  EXPECT_FALSE(doors.request(task_id(2)));
  EXPECT_EQ(doors.waiting(), 1u);
}

TEST(admission, who_leaves_the_queue_is_not_let_in) {
  admission doors(1);
  EXPECT_TRUE(doors.request(task_id(1)));
  EXPECT_FALSE(doors.request(task_id(2)));
  EXPECT_EQ(doors.release(task_id(2)), std::nullopt);
  EXPECT_EQ(doors.release(task_id(1)), std::nullopt);
  EXPECT_EQ(doors.working(), 0u);
}

TEST(admission, who_is_at_work_already_is_counted_beyond_the_limit) {
  admission doors(1);
  doors.grant(task_id(1));
  doors.grant(task_id(2));
  EXPECT_FALSE(doors.request(task_id(3)));
  EXPECT_EQ(doors.release(task_id(1)), std::nullopt);
  EXPECT_EQ(doors.release(task_id(2)), task_id(3));
}

}  // namespace
}  // namespace nine::orchestration
