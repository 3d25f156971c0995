#include "ninelives/orchestration/task_files.hpp"

#include <gtest/gtest.h>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::orchestration {
namespace {

class task_files_test : public ::testing::Test {
 protected:
  environment::testing::temporary_directory directory_;
  environment::real_files files_;
  task_files tasks_of(std::int64_t core) {
    return {files_,
            directory_ / "tasks",
            {files_, directory_ / "core_epoch", core_epoch(core)},
            {[](std::string_view text) { return std::string(text); },
             [](std::string_view text) -> result<std::string> { return std::string(text); }}};
  }
  task_files tasks_ = tasks_of(1);
};

TEST_F(task_files_test, the_callers_variables_read_back_whatever_they_hold) {
  const variables caller{{"PATH", "/bin"}, {"EMPTY", ""}, {"LINES", "a\nb=c"}, {"BYTES", "\xE9"}};
  ASSERT_TRUE(tasks_.create(task_id(1), caller));
  EXPECT_EQ(tasks_.read_environment(task_id(1)), caller);
}

// proves: D3
TEST_F(task_files_test, a_core_that_was_replaced_writes_and_removes_nothing) {
  ASSERT_TRUE(files_.write_durably(directory_ / "core_epoch", "2\n"));
  const variables theirs{{"PATH", "/bin"}};
  ASSERT_TRUE(tasks_of(2).create(task_id(1), theirs));
  EXPECT_EQ(tasks_.create(task_id(1), {}).error().code, error_code::fenced);
  EXPECT_EQ(tasks_.write_prompt(task_id(1), attempt_number(1), "").error().code,
            error_code::fenced);
  EXPECT_EQ(tasks_.remove(task_id(1)).error().code, error_code::fenced);
  EXPECT_EQ(tasks_.read_environment(task_id(1)), theirs);
}

// proves: Q8
TEST_F(task_files_test, an_incarnation_finds_nothing_where_it_writes) {
  const auto mine = tasks_.of_incarnation(task_id(1), "t1.a1", epoch(3));
  const auto other = tasks_.of_incarnation(task_id(1), "t1.a1", epoch(2));
  const auto later = tasks_.of_incarnation(task_id(1), "t1.g1", epoch(12));
  ASSERT_TRUE(tasks_.create(task_id(1), {}));
  for (const auto& file : {mine.output, mine.errors, other.output, later.output}) {
    ASSERT_TRUE(files_.write_durably(file, "half a res"));
    ASSERT_TRUE(files_.write_durably(file.native() + ".1", "rotated"));
  }
  const auto prompt = tasks_.prompt(task_id(1), attempt_number(1));
  ASSERT_TRUE(files_.write_durably(prompt, "stays"));
  ASSERT_TRUE(tasks_.clear_outputs_above(task_id(1), epoch(2)));
  for (const auto& file : {mine.output, mine.errors, later.output}) {
    EXPECT_FALSE(files_.information(file));
    EXPECT_FALSE(files_.information(file.native() + ".1"));
  }
  EXPECT_TRUE(files_.information(other.output));
  EXPECT_TRUE(files_.information(prompt));
  EXPECT_TRUE(files_.information(tasks_.environment(task_id(1))));
}

TEST_F(task_files_test, an_output_that_is_not_whole_or_too_long_is_no_result) {
  const auto file = directory_ / "a1.e1.out";
  EXPECT_EQ(tasks_.read_output(file, 5, 0), "") << "made by its first byte";
  ASSERT_TRUE(files_.write_durably(file, "12345"));
  EXPECT_EQ(tasks_.read_output(file, 5, 0), "12345");
  EXPECT_EQ(tasks_.read_output(file, 5, 1).error().code, error_code::corrupted);
  EXPECT_EQ(tasks_.read_output(file, 4, 0).error().code, error_code::too_large);
  ASSERT_TRUE(files_.write_durably(directory_ / "a1.e1.out.1", "before"));
  EXPECT_EQ(tasks_.read_output(file, 5, 0).error().code, error_code::too_large);
}

// proves: Q8
TEST_F(task_files_test, a_result_file_counts_only_when_it_was_written_since_the_task_began) {
  const auto file = directory_ / "answer";
  EXPECT_EQ(tasks_.read_result(file, 10, wall_time()).error().code, error_code::not_found);
  ASSERT_TRUE(files_.write_durably(file, "42"));
  const auto written = files_.information(file)->modified;
  EXPECT_EQ(tasks_.read_result(file, 10, written), "42");
  EXPECT_EQ(tasks_.read_result(file, 10, written + 1h).error().code, error_code::not_found);
  EXPECT_EQ(tasks_.read_result(file, 1, written).error().code, error_code::too_large);
}

}  // namespace
}  // namespace nine::orchestration
