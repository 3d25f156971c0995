#include "ninelives/orchestration/housekeeping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/journal/blob/memory/memory_blob_store.hpp"
#include "ninelives/journal/digest.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/journal/world.test.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::orchestration {
namespace {

using journal::durability;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A journal in memory, task directories on disk, and a core that took over just now.
class housekeeping_test : public ::testing::Test {
 protected:
  static std::unique_ptr<journal::store> claimed_store() {
    auto store = std::make_unique<journal::stores::memory_store>(
        std::make_shared<journal::stores::memory_medium>());
    EXPECT_TRUE(store->claim());
    return store;
  }
  void fact(int task, std::string_view kind, std::string body = "{}") {
    journal::record entry{
        .task = task_id(task), .kind = std::string(kind), .body = std::move(body)};
    EXPECT_TRUE(world_.finish(journal_.append(std::move(entry))));
  }
  void unfinished(int task, std::string body = "{}") {
    ASSERT_TRUE(files_.create(task_id(task), {}));
    fact(task, "task_accepted", std::move(body));
  }
  void finished(int task, std::string body = "{}") {
    unfinished(task, std::move(body));
    fact(task, journal::kind_task_ended);
  }
  bool round(housekeeping& house) {
    const auto more = world_.finish(house.round());
    EXPECT_TRUE(more) << more.error().message;
    return more.value_or(false);
  }
  housekeeping house(expiry_policy policy = {}, int last_task = 0) {
    housekeeping_options options;
    options.expiry = policy;
    options.last_task = task_id(last_task);
    return {{world_.clock, world_.worker, journal_, blobs_}, files_, options, log_};
  }
  std::vector<std::int64_t> tasks() {
    std::vector<std::int64_t> ids;
    const auto all = world_.finish(journal_.tasks(task_id(), 100));
    for (const auto& task : *all)
      ids.push_back(task.task.value());
    return ids;
  }
  std::vector<std::string> directories() { return *real_files_.list(directory_.path()); }

  environment::testing::temporary_directory directory_;
  environment::real_files real_files_;
  task_files files_{
      real_files_,
      directory_.path(),
      {real_files_, {}, core_epoch()},
      {[](std::string_view text) { return std::string(text); },
       [](std::string_view text) -> result<std::string> { return std::string(text); }}};
  journal::testing_world::world world_;
  journal::blob::memory_blob_store blobs_;
  journal::journal journal_{world_.context.get_executor(), world_.clock, world_.worker,
                            claimed_store()};
  telemetry::memory_log_sink lines_;
  telemetry::logger log_{lines_, world_.clock, {}};
};

// proves: D5
TEST_F(housekeeping_test, what_expires_goes_with_its_directory_and_unfinished_tasks_stay) {
  finished(1);
  unfinished(2);
  finished(3);
  unfinished(4);
  world_.clock.advance(48h);
  finished(5);
  auto keeping = house({.after = 24h, .count = 10});
  EXPECT_FALSE(round(keeping));
  EXPECT_THAT(tasks(), ElementsAre(2, 4, 5));
  EXPECT_THAT(directories(), ElementsAre("t2", "t4", "t5"));
  EXPECT_THAT(lines_.lines(), ElementsAre(HasSubstr("2 finished tasks have expired")));
}

// proves: D5
TEST_F(housekeeping_test, one_round_is_bounded_and_asks_for_another) {
  for (int task = 1; task <= 5; ++task)
    finished(task);
  world_.clock.advance(1h);
  auto keeping = house({.after = 24h, .count = 1, .at_once = 3});
  EXPECT_TRUE(round(keeping));
  EXPECT_THAT(tasks(), ElementsAre(4, 5));
  EXPECT_FALSE(round(keeping));
  EXPECT_THAT(tasks(), ElementsAre(5));
}

TEST_F(housekeeping_test, directories_without_a_task_go_once_those_of_later_tasks_stay) {
  finished(1);
  for (const int task : {2, 3, 9})
    ASSERT_TRUE(files_.create(task_id(task), {}));
  ASSERT_TRUE(real_files_.make_directory(directory_ / "mine"));
  auto keeping = house({}, 3);
  EXPECT_FALSE(round(keeping));
  EXPECT_THAT(directories(), UnorderedElementsAre("mine", "t1", "t9"));
}

// proves: D5
TEST_F(housekeeping_test, blobs_go_when_no_fact_names_them_any_more) {
  const auto shared = *blobs_.put("shared");
  const auto of_one = *blobs_.put("of one");
  const auto live = *blobs_.put("live");
  ASSERT_TRUE(blobs_.put("orphan"));
  finished(1, R"({"result":{"blob":")" + shared + R"("},"input":{"blob":")" + of_one + R"("}})");
  unfinished(2, R"({"input":{"blob":")" + live + R"("}})");
  world_.clock.advance(48h);
  finished(3, R"({"deep":[{"blob":")" + shared + R"("}]})");
  auto keeping = house({.after = 24h, .count = 10});
  EXPECT_FALSE(round(keeping));
  EXPECT_TRUE(blobs_.get(shared));
  EXPECT_TRUE(blobs_.get(live));
  EXPECT_FALSE(blobs_.get(of_one));
  EXPECT_FALSE(blobs_.get(journal::digest_of("orphan")));
}

TEST(blobs_named_in, finds_names_wherever_they_stand) {
  const auto name = journal::digest_of("x");
  EXPECT_THAT(blobs_named_in(R"({"a":")" + name + R"(","b":["sha256-","sha256-12"]})"),
              ElementsAre(name));
  EXPECT_THAT(blobs_named_in("sha256-sha256-"), IsEmpty());
}

}  // namespace
}  // namespace nine::orchestration
