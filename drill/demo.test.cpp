// What a newcomer tries first, and what a user tries when a task has failed.

#include <gtest/gtest.h>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

// proves: P1
TEST(demo, brings_every_task_to_a_result_under_fire_and_leaves_nothing_behind) {
  home place;
  running_program history({"/bin/sh", "-c",
                           "git init -q . && for n in 1 2 3; do echo $n >> a && git add a && "
                           "git -c user.name=n -c user.email=n@example.org commit -qm $n; done"},
                          {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", place.root()}},
                          place.workspace(), place.root() + "/history");
  ASSERT_EQ(history.wait().exit_code, 0);
  const auto demo = place.start({"demo", "--tasks", "3", "--kills", "5", "--seed", "7", "--json"});
  const auto ended = demo->wait(std::chrono::seconds(300));
  ASSERT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  const auto told = boost::json::parse(ended.out).as_object();
  EXPECT_EQ(told.at("problems"), boost::json::array());
  ASSERT_EQ(told.at("tasks").as_array().size(), 3U);
  const auto scratch = text(told.at("tasks").at(0).as_object(), "directory");
  ASSERT_TRUE(scratch.starts_with("/tmp/nine-demo-")) << scratch;
  EXPECT_FALSE(exists(scratch));
  EXPECT_TRUE(processes_of(scratch + "/home").empty());
  EXPECT_TRUE(processes_with(scratch).empty());
}

TEST(task_retry, does_a_task_again_as_a_new_one_and_leaves_the_old_one_as_it_was) {
  home place;
  const auto failed = place.give("test -e mended && echo mended");
  EXPECT_EQ(text(place.wait(failed), "status"), "failed");
  write_file(place.mark("mended"), "");
  const auto retried = place.json({"task", "retry", failed});
  const auto again = text(retried, "task");
  ASSERT_NE(again, failed);
  const auto ended = place.wait(again);
  EXPECT_EQ(text(ended, "status"), "succeeded");
  EXPECT_EQ(text(ended, "result"), "mended");
  EXPECT_EQ(text(place.task(failed), "status"), "failed");
}

}  // namespace
}  // namespace nine::drill
