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

/// A store in memory with a fact that the disk has changed.
class damaged_store final : public journal::store {
 public:
  damaged_store(std::unique_ptr<journal::store> sound, const sequence& damaged)
      : sound_(std::move(sound)), damaged_(damaged) {}

  result<core_epoch> claim(core_epoch known) override { return sound_->claim(known); }
  result<void> commit(std::span<const journal::record> records, durability how,
                      std::vector<journal::record_outcome>& outcomes) override {
    return sound_->commit(records, how, outcomes);
  }
  result<sequence> last_sequence() override { return sound_->last_sequence(); }
  result<std::vector<journal::fact>> read_task(task_id task) override {
    return sound_->read_task(task);
  }
  result<std::vector<journal::fact>> read_after(sequence after, std::size_t limit) override {
    auto facts = sound_->read_after(after, limit);
    for (auto& one : *facts)
      if (one.number == damaged_) one = {.number = damaged_, .damaged = true};
    return facts;
  }
  result<task_id> find_unique(std::string_view key) override { return sound_->find_unique(key); }
  result<std::vector<journal::task_summary>> tasks(task_id after, std::size_t limit) override {
    return sound_->tasks(after, limit);
  }
  result<journal::expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override {
    return sound_->expire(tasks, keys_before);
  }
  result<void> reopen() override { return sound_->reopen(); }

 private:
  std::unique_ptr<journal::store> sound_;
  const sequence& damaged_;
};

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

  sequence damaged_;  ///< the number of a fact; 0: none
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
                            std::make_unique<damaged_store>(claimed_store(), damaged_)};
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

// proves: D5
TEST_F(housekeeping_test, no_blob_goes_while_a_fact_is_damaged_that_may_name_it) {
  ASSERT_TRUE(blobs_.put("orphan"));
  finished(1);
  world_.clock.advance(48h);
  finished(2);
  damaged_ = sequence(2);
  auto keeping = house({.after = 96h, .count = 10});
  EXPECT_FALSE(round(keeping));
  EXPECT_TRUE(blobs_.get(journal::digest_of("orphan")));
  EXPECT_THAT(lines_.lines(), ElementsAre(HasSubstr("fact 2 is damaged")));
  world_.clock.advance(24h);
  damaged_ = {};
  EXPECT_FALSE(round(keeping));
  EXPECT_FALSE(blobs_.get(journal::digest_of("orphan")));
}

// proves: D5
TEST_F(housekeeping_test, goes_on_soon_with_tasks_that_were_too_much_for_one_transaction) {
  for (int task = 1; task <= 3; ++task) {
    unfinished(task);
    for (std::size_t fact = 0; fact <= journal::expired_facts_most; ++fact)
      ASSERT_TRUE(journal_.enqueue({.task = task_id(task), .kind = "happened"}));
    fact(task, journal::kind_task_ended);
  }
  world_.clock.advance(48h);
  finished(4);
  auto keeping = house({.after = 24h, .count = 10});
  EXPECT_TRUE(round(keeping));
  EXPECT_THAT(tasks(), ElementsAre(2, 3, 4));
  EXPECT_THAT(directories(), ElementsAre("t2", "t3", "t4"));
  EXPECT_TRUE(round(keeping));
  EXPECT_FALSE(round(keeping));
  EXPECT_THAT(directories(), ElementsAre("t4"));
}

TEST(blobs_named_in, finds_names_wherever_they_stand) {
  const auto name = journal::digest_of("x");
  EXPECT_THAT(blobs_named_in(R"({"a":")" + name + R"(","b":["sha256-","sha256-12"]})"),
              ElementsAre(name));
  EXPECT_THAT(blobs_named_in("sha256-sha256-"), IsEmpty());
}

}  // namespace
}  // namespace nine::orchestration
