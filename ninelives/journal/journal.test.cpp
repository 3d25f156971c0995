#include "ninelives/journal/journal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <functional>
#include <set>
#include <string>

#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/journal/world.test.hpp"

namespace nine::journal {
namespace {

using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;

record about(int task, std::string body = "{}") {
  return {.task = task_id(task), .kind = "happened", .body = std::move(body)};
}

/// What goes wrong in the store, told by the test.
struct script {
  enum class fault { none, before, after, after_unsynced, fenced };
  fault next_commit = fault::none;
  bool commits_fail = false;  ///< each, before anything is written
  bool next_read_fails = false;
  bool damaged = false;  ///< told by whatever is written, and by reads
  bool reopen_fails = false;
  bool lose_unsynced_at_reopen = false;
  int commits = 0;
  std::size_t last_size = 0;
  bool maintenance_due = false;
  int maintained = 0;
};

/// A memory store that fails as the script says and, like a real one, stays failed until reopened.
class scripted_store final : public store {
 public:
  scripted_store(std::shared_ptr<stores::memory_medium> medium, std::shared_ptr<script> plan)
      : medium_(medium), plan_(std::move(plan)), inner_(std::move(medium)) {}

  result<core_epoch> claim(core_epoch known = {}) override { return inner_.claim(known); }
  result<void> commit(std::span<const record> records, durability how,
                      std::vector<record_outcome>& outcomes) override {
    if (failed_) return fail(error_code::unavailable, "not reopened");
    if (plan_->damaged) return damage();
    ++plan_->commits;
    plan_->last_size = records.size();
    auto fault = std::exchange(plan_->next_commit, script::fault::none);
    if (plan_->commits_fail) fault = script::fault::before;
    failed_ = fault != script::fault::none;
    if (fault == script::fault::fenced) return fail(error_code::fenced, "a newer core");
    if (fault == script::fault::before) return fail(error_code::io_error, "no space");
    if (fault == script::fault::after_unsynced) how = durability::lazy;
    NINE_TRY(inner_.commit(records, how, outcomes));
    if (failed_) return fail(error_code::io_error, "sync failed");
    return {};
  }
  result<sequence> last_sequence() override { return inner_.last_sequence(); }
  result<std::vector<fact>> read_task(task_id task) override {
    if (std::exchange(plan_->next_read_fails, false)) failed_ = true;
    if (failed_) return fail(error_code::unavailable, "not reopened");
    if (plan_->damaged) return damage();
    return inner_.read_task(task);
  }
  result<std::vector<fact>> read_after(sequence after, std::size_t limit) override {
    return inner_.read_after(after, limit);
  }
  result<task_id> find_unique(std::string_view key) override { return inner_.find_unique(key); }
  result<std::vector<task_summary>> tasks(task_id after, std::size_t limit) override {
    return inner_.tasks(after, limit);
  }
  result<expiry> expire(std::span<const task_id> tasks, wall_time keys_before) override {
    if (plan_->damaged) return damage();
    return inner_.expire(tasks, keys_before);
  }
  bool maintenance_due() const override { return plan_->maintenance_due; }
  result<void> maintain() override {
    plan_->maintenance_due = false;
    ++plan_->maintained;
    return {};
  }
  result<void> reopen() override {
    if (plan_->reopen_fails) return fail(error_code::io_error, "still no space");
    if (plan_->lose_unsynced_at_reopen) medium_->lose_unsynced();
    failed_ = false;
    return inner_.reopen();
  }

 private:
  std::unexpected<error> damage() {
    return fail(error_code::corrupted, "the disk image is malformed");
  }

  std::shared_ptr<stores::memory_medium> medium_;
  std::shared_ptr<script> plan_;
  stores::memory_store inner_;
  bool failed_ = false;
};

class a_journal : public testing::Test {
 protected:
  a_journal() { open(); }

  void open() {
    auto opened = std::make_unique<scripted_store>(medium_, plan_);
    EXPECT_TRUE(opened->claim());
    journal_ = std::make_unique<journal>(world_.context.get_executor(), world_.clock, world_.worker,
                                         std::move(opened), limits_);
    world_.settle();
  }
  std::vector<std::string> bodies(int task = 1) {
    std::vector<std::string> all;
    const auto facts = stores::memory_store(medium_).read_task(task_id(task));
    for (const fact& one : *facts)
      all.push_back(one.body);
    return all;
  }

  testing_world::world world_;
  std::shared_ptr<script> plan_ = std::make_shared<script>();
  std::shared_ptr<stores::memory_medium> medium_ = std::make_shared<stores::memory_medium>();
  journal_limits limits_{.lazy_sync_after = 1s, .reopen_first = 100ms, .reopen_most = 300ms};
  std::unique_ptr<journal> journal_;
};

TEST_F(a_journal, numbers_records_in_the_order_of_the_calls) {
  EXPECT_EQ(world_.finish(journal_->append(about(1, "a"))), sequence(1));
  EXPECT_EQ(world_.finish(journal_->append(about(1, "b"))), sequence(2));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(journal_->last_durable(), sequence(2));
  EXPECT_EQ(medium_->unsynced(), 0u);
}

TEST_F(a_journal, writes_what_arrives_during_a_transaction_as_the_next_one) {
  const auto first = world_.start(journal_->append(about(1, "a")));
  world_.poll();
  std::vector<std::shared_ptr<std::optional<result<sequence>>>> others;
  for (int i = 0; i < 10; ++i)
    others.push_back(world_.start(journal_->append(about(1))));
  world_.poll();
  EXPECT_EQ(plan_->commits, 0);
  world_.settle();
  EXPECT_EQ(plan_->commits, 2);
  EXPECT_EQ(plan_->last_size, 10u);
  for (const auto& other : others)
    EXPECT_TRUE(other->value().has_value());
}

TEST_F(a_journal, acknowledges_nothing_that_is_not_synced) {
  const auto answer = world_.start(journal_->append(about(1)));
  world_.poll();
  EXPECT_FALSE(answer->has_value());
  ASSERT_TRUE(world_.worker.run_one());
  EXPECT_FALSE(answer->has_value());
  world_.poll();
  EXPECT_TRUE(answer->has_value());
}

TEST_F(a_journal, is_about_to_answer_a_call_that_waits_for_a_transaction_just_begun) {
  EXPECT_FALSE(journal_->is_about_to_answer());
  ASSERT_TRUE(journal_->enqueue(about(1)));
  world_.poll();
  const auto answer = world_.start(journal_->flush());
  EXPECT_FALSE(journal_->is_about_to_answer());
  world_.poll();
  EXPECT_TRUE(journal_->is_about_to_answer());
  world_.clock.advance(journal::commit_done_within);
  EXPECT_FALSE(journal_->is_about_to_answer()) << "a slow disk";
  world_.settle();
  EXPECT_TRUE(answer->has_value());
  EXPECT_FALSE(journal_->is_about_to_answer());
}

TEST_F(a_journal, is_not_about_to_answer_when_nobody_waits) {
  ASSERT_TRUE(journal_->enqueue(about(1)));
  world_.poll();
  EXPECT_FALSE(journal_->is_about_to_answer());
  world_.settle();
  {
    auto cancelled = world_.start(journal_->append(about(1)) || world_.clock.sleep_for(1us));
    world_.poll();
    EXPECT_TRUE(journal_->is_about_to_answer());
    world_.clock.advance(1us);
    world_.poll();
    EXPECT_FALSE(journal_->is_about_to_answer()) << "the caller has gone";
  }
  world_.settle();
}

TEST_F(a_journal, stamps_records_with_the_time_of_the_call) {
  const wall_time called = world_.clock.wall_now();
  const auto answer = world_.start(journal_->append(about(1)));
  world_.poll();
  world_.clock.advance(5s);
  world_.settle();
  const auto facts = world_.finish(journal_->read_task(task_id(1)));
  EXPECT_EQ(facts->front().at, called);
}

TEST_F(a_journal, reads_several_tasks_in_the_order_asked_for) {
  for (const int task : {1, 2, 1})
    ASSERT_TRUE(journal_->enqueue(about(task)));
  std::vector<task_id> wanted{task_id(2), task_id(3), task_id(1)};
  auto reading = journal_->read_tasks(std::move(wanted));
  const auto histories = world_.finish(std::move(reading));
  ASSERT_EQ(histories->size(), 3u);
  EXPECT_EQ((*histories)[0]->size(), 1u);
  EXPECT_TRUE((*histories)[1]->empty());
  EXPECT_EQ((*histories)[2]->size(), 2u);
}

TEST_F(a_journal, makes_earlier_lazy_records_durable_with_a_later_append) {
  ASSERT_TRUE(journal_->enqueue(about(1, "x"), durability::lazy));
  world_.settle();
  EXPECT_EQ(medium_->unsynced(), 1u);
  EXPECT_EQ(journal_->last_durable(), sequence(0));
  EXPECT_EQ(world_.finish(journal_->append(about(1, "a"))), sequence(2));
  EXPECT_EQ(journal_->last_durable(), sequence(2));
}

TEST_F(a_journal, maintains_the_store_when_it_was_quiet_for_a_while_and_not_before) {
  const auto quiet = journal_limits().maintain_after;
  // A lazy record waits for a later moment; that must not put the maintenance off.
  ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
  world_.settle();
  plan_->maintenance_due = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(world_.finish(journal_->append(about(1))));
    world_.clock.advance(quiet / 2);
    world_.settle();
    EXPECT_EQ(plan_->maintained, 0) << i;
  }
  world_.clock.advance(quiet);
  world_.settle();
  world_.clock.advance(quiet);  // it looks again that much later at the latest
  world_.settle();
  EXPECT_EQ(plan_->maintained, 1);
}

TEST_F(a_journal, syncs_lazy_records_after_a_while) {
  ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
  world_.settle();
  EXPECT_EQ(medium_->unsynced(), 1u);
  world_.clock.advance(1s);
  world_.settle();
  EXPECT_EQ(medium_->unsynced(), 0u);
  EXPECT_EQ(journal_->last_durable(), sequence(1));
  EXPECT_FALSE(world_.clock.has_sleepers()) << "an idle journal waits for nothing";
}

TEST_F(a_journal, syncs_lazy_records_when_the_oldest_is_that_old_though_more_keep_coming) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
    world_.settle();
    EXPECT_EQ(medium_->unsynced(), static_cast<std::size_t>(i + 1));
    world_.clock.advance(400ms);
    world_.settle();
  }
  EXPECT_EQ(medium_->unsynced(), 0u);
  EXPECT_EQ(journal_->last_durable(), sequence(3));
}

TEST_F(a_journal, syncs_lazy_records_that_leave_it_no_quiet_moment) {
  for (int i = 0; i < 10 && journal_->last_durable() == sequence(0); ++i) {
    ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
    world_.poll();  // its transaction is under way when the next one comes
    ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
    world_.clock.advance(300ms);
    ASSERT_TRUE(world_.worker.run_one());
    world_.poll();
  }
  EXPECT_GT(journal_->last_durable(), sequence(0));
}

TEST_F(a_journal, makes_all_durable_on_flush) {
  EXPECT_TRUE(world_.finish(journal_->flush()));
  ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
  EXPECT_TRUE(world_.finish(journal_->flush()));
  EXPECT_EQ(medium_->unsynced(), 0u);
  EXPECT_EQ(journal_->status().queued, 0u);
}

TEST_F(a_journal, reads_what_was_queued_before_the_call) {
  ASSERT_TRUE(journal_->enqueue(about(7), durability::lazy));
  const auto facts = world_.finish(journal_->read_task(task_id(7)));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->size(), 1u);
}

TEST_F(a_journal, shows_followers_durable_facts_only) {
  const auto waiting = world_.start(journal_->wait_beyond(sequence(0)));
  ASSERT_TRUE(journal_->enqueue(about(1), durability::lazy));
  world_.settle();
  EXPECT_FALSE(waiting->has_value());
  EXPECT_TRUE(world_.finish(journal_->read_after(sequence(0), 10))->empty());
  ASSERT_TRUE(journal_->enqueue(about(1)));
  world_.settle();
  EXPECT_TRUE(waiting->has_value());
  EXPECT_EQ(world_.finish(journal_->read_after(sequence(1), 10))->front().number, sequence(2));
}

TEST_F(a_journal, tells_refusals_to_the_caller_and_counts_the_others) {
  record once = about(1);
  once.unique_key = "k";
  EXPECT_TRUE(world_.finish(journal_->append(once)));
  EXPECT_EQ(world_.finish(journal_->append(once)).error().code, error_code::already_exists);
  ASSERT_TRUE(journal_->enqueue(once));
  EXPECT_TRUE(world_.finish(journal_->flush()));
  EXPECT_EQ(journal_->status().refused, 2u);
  EXPECT_EQ(world_.finish(journal_->find_unique("k")), task_id(1));
}

TEST_F(a_journal, refuses_beyond_its_bounds_at_once) {
  const auto refused = journal_->enqueue(about(1, std::string(2 * MiB, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::too_large);
}

struct failure_case {
  const char* what;
  script::fault fault;
  bool lose;
};

TEST_F(a_journal, neither_loses_nor_doubles_when_the_store_fails) {
  const failure_case cases[] = {
      {"nothing was written", script::fault::before, false},
      {"written and synced, the answer was lost", script::fault::after, false},
      {"written, the sync failed", script::fault::after_unsynced, false},
      {"written, the sync failed and took the data", script::fault::after_unsynced, true},
  };
  std::vector<std::string> expected;
  for (const failure_case& one : cases) {
    SCOPED_TRACE(one.what);
    ASSERT_TRUE(journal_->enqueue(about(1, "lazy"), durability::lazy));
    world_.settle();
    plan_->next_commit = one.fault;
    plan_->lose_unsynced_at_reopen = one.lose;
    const auto answer = world_.start(journal_->append(about(1, one.what)));
    world_.settle();
    EXPECT_EQ(journal_->health(), journal_health::failed);
    const auto later = world_.start(journal_->append(about(1, "later")));
    const auto facts = world_.start(journal_->read_task(task_id(1)));
    world_.settle();
    EXPECT_FALSE(answer->has_value() || later->has_value() || facts->has_value()) << "calls wait";
    world_.clock.advance(100ms);
    world_.settle();
    EXPECT_EQ(journal_->health(), journal_health::working);
    ASSERT_TRUE(answer->has_value() && later->has_value() && facts->has_value());
    expected.insert(expected.end(), {"lazy", one.what, "later"});
    EXPECT_EQ(bodies(), expected);
    EXPECT_EQ(medium_->unsynced(), 0u);
    EXPECT_EQ(later->value(), sequence(static_cast<std::int64_t>(expected.size())));
  }
}

TEST_F(a_journal, opens_a_store_again_that_failed_a_question_and_asks_again) {
  ASSERT_TRUE(world_.finish(journal_->append(about(1, "kept"))));
  plan_->next_read_fails = true;
  const auto facts = world_.start(journal_->read_task(task_id(1)));
  world_.settle();
  EXPECT_EQ(journal_->health(), journal_health::failed);
  EXPECT_FALSE(facts->has_value());
  world_.clock.advance(100ms);
  world_.settle();
  EXPECT_EQ(journal_->health(), journal_health::working);
  ASSERT_TRUE(facts->has_value());
  EXPECT_EQ(facts->value()->size(), 1u);
}

TEST_F(a_journal, waits_longer_for_each_reopening_up_to_a_bound) {
  plan_->next_commit = script::fault::before;
  plan_->reopen_fails = true;
  const auto answer = world_.start(journal_->append(about(1)));
  world_.settle();
  std::vector<std::uint64_t> reopenings;
  for (const duration wait : {100ms, 200ms, 300ms, 300ms}) {
    world_.clock.advance(wait - 1ms);
    world_.settle();
    const std::uint64_t early = journal_->status().reopenings;
    world_.clock.advance(1ms);
    world_.settle();
    EXPECT_EQ(journal_->status().reopenings, early + 1);
  }
  EXPECT_EQ(journal_->status().last_error->message, "still no space");
  plan_->reopen_fails = false;
  world_.clock.advance(300ms);
  world_.settle();
  EXPECT_EQ(answer->value(), sequence(1));
}

TEST_F(a_journal, takes_a_store_that_opens_and_then_takes_nothing_for_failed) {
  plan_->commits_fail = true;
  const auto answer = world_.start(journal_->append(about(1)));
  world_.settle();
  for (const duration wait : {100ms, 200ms, 300ms, 300ms}) {
    world_.clock.advance(wait - 1ms);
    world_.settle();
    const int early = plan_->commits;
    world_.clock.advance(1ms);
    world_.settle();
    EXPECT_EQ(plan_->commits, early + 1);
    EXPECT_EQ(journal_->health(), journal_health::failed);
  }
  plan_->commits_fail = false;
  world_.clock.advance(300ms);
  world_.settle();
  EXPECT_EQ(answer->value(), sequence(1));
  EXPECT_EQ(journal_->health(), journal_health::working);
  plan_->next_commit = script::fault::before;
  const auto later = world_.start(journal_->append(about(1)));
  world_.settle();
  world_.clock.advance(100ms);  // what is mended is forgiven
  world_.settle();
  EXPECT_EQ(later->value(), sequence(2));
}

TEST_F(a_journal, is_closed_for_good_when_a_newer_core_has_taken_over) {
  const auto follower = world_.start(journal_->wait_beyond(sequence(0)));
  ASSERT_TRUE(stores::memory_store(medium_).claim());
  const auto waiting = world_.finish(journal_->append(about(1)));
  EXPECT_EQ(waiting.error().code, error_code::fenced);
  EXPECT_EQ(journal_->health(), journal_health::closed);
  EXPECT_EQ(follower->value().error().code, error_code::fenced);
  EXPECT_EQ(journal_->enqueue(about(1)).error().code, error_code::fenced);
  EXPECT_EQ(world_.finish(journal_->flush()).error().code, error_code::fenced);
  EXPECT_EQ(world_.finish(journal_->read_task(task_id(1))).error().code, error_code::fenced);
  EXPECT_TRUE(bodies().empty());
}

TEST_F(a_journal, is_closed_for_good_when_the_store_lost_what_was_acknowledged) {
  ASSERT_TRUE(world_.finish(journal_->append(about(1))));
  *medium_ = {};
  plan_->next_commit = script::fault::before;
  const auto answer = world_.start(journal_->append(about(1)));
  world_.settle();
  world_.clock.advance(100ms);
  world_.settle();
  EXPECT_FALSE(answer->value());
  EXPECT_EQ(journal_->health(), journal_health::closed);
}

TEST_F(a_journal, is_closed_for_good_when_its_store_is_damaged_where_it_is_written) {
  const auto append = [](journal& where) -> awaitable<error> {
    const auto answer = co_await where.append(about(1));
    co_return answer ? error{} : answer.error();
  };
  const auto expire = [](journal& where) -> awaitable<error> {
    std::vector<task_id> none;
    const auto answer = co_await where.expire(std::move(none), wall_time{});
    co_return answer ? error{} : answer.error();
  };
  const std::function<awaitable<error>(journal&)> calls[] = {append, expire};
  for (const auto& call : calls) {
    plan_->damaged = false;
    open();
    const auto watching = world_.start(journal_->health_beyond(journal_health::working));
    plan_->damaged = true;
    const auto answer = world_.start(call(*journal_));
    world_.settle();
    ASSERT_TRUE(answer->has_value()) << "it ends, and does not try for ever";
    EXPECT_EQ(answer->value().code, error_code::unavailable) << "a core to come may know better";
    ASSERT_TRUE(watching->has_value());
    EXPECT_EQ(watching->value().health, journal_health::closed);
    EXPECT_EQ(watching->value().last_error->code, error_code::corrupted);
  }
}

TEST_F(a_journal, goes_on_when_a_fact_that_is_read_is_damaged) {
  plan_->damaged = true;
  EXPECT_EQ(world_.finish(journal_->read_task(task_id(1))).error().code, error_code::corrupted);
  EXPECT_EQ(journal_->health(), journal_health::working);
  plan_->damaged = false;
  EXPECT_TRUE(world_.finish(journal_->append(about(1))));
}

TEST_F(a_journal, tells_when_its_health_changes_and_why) {
  plan_->commits_fail = true;
  const auto failed = world_.start(journal_->health_beyond(journal_health::working));
  world_.settle();
  EXPECT_FALSE(failed->has_value());
  ASSERT_TRUE(journal_->enqueue(about(1)));
  world_.settle();
  ASSERT_TRUE(failed->has_value());
  EXPECT_EQ(failed->value().health, journal_health::failed);
  EXPECT_EQ(failed->value().last_error->message, "no space");
  const auto works = world_.start(journal_->health_beyond(journal_health::failed));
  world_.clock.advance(100ms);  // it opens, and takes nothing
  world_.settle();
  EXPECT_FALSE(works->has_value());
  plan_->commits_fail = false;
  world_.clock.advance(200ms);
  world_.settle();
  ASSERT_TRUE(works->has_value());
  EXPECT_EQ(works->value().health, journal_health::working);
  const auto closed = world_.start(journal_->health_beyond(journal_health::working));
  ASSERT_TRUE(stores::memory_store(medium_).claim());
  ASSERT_TRUE(journal_->enqueue(about(1)));
  world_.settle();
  ASSERT_TRUE(closed->has_value());
  EXPECT_EQ(closed->value().last_error->code, error_code::fenced);
}

awaitable<bool> append_or_give_up(journal& where, environment::clock& clock) {
  const auto which = co_await (where.append(about(1)) || clock.sleep_for(1s));
  co_return which.index() == 0;
}

TEST_F(a_journal, ends_the_waiting_and_not_the_writing_on_cancellation) {
  const auto in_time = world_.start(append_or_give_up(*journal_, world_.clock));
  world_.poll();
  world_.clock.advance(1s);
  world_.poll();
  EXPECT_EQ(in_time->value(), false);
  world_.settle();
  EXPECT_EQ(bodies().size(), 1u);
}

TEST_F(a_journal, ends_all_calls_when_it_is_destroyed) {
  const auto append = world_.start(journal_->append(about(1)));
  const auto follow = world_.start(journal_->wait_beyond(sequence(9)));
  const auto read = world_.start(journal_->read_task(task_id(1)));
  world_.poll();
  journal_.reset();
  world_.settle();
  EXPECT_EQ(append->value().error().code, error_code::cancelled);
  EXPECT_EQ(follow->value().error().code, error_code::cancelled);
  EXPECT_EQ(read->value().error().code, error_code::cancelled);
}

/// Everything a journal can be in the middle of, cut after every possible number of steps; a
/// sanitizer sees what is left over or used again.
TEST(journal, may_go_down_at_any_moment) {
  for (int steps = 0; steps < 40; ++steps) {
    auto medium = std::make_shared<stores::memory_medium>();
    auto plan = std::make_shared<script>();
    std::set<sequence> acknowledged;
    {
      testing_world::world world;
      auto opened = std::make_unique<scripted_store>(medium, plan);
      ASSERT_TRUE(opened->claim());
      journal dying(world.context.get_executor(), world.clock, world.worker, std::move(opened));
      std::vector<std::shared_ptr<std::optional<result<sequence>>>> answers;
      for (int i = 0; i < 3; ++i)
        answers.push_back(world.start(dying.append(about(i))));
      const auto follow = world.start(dying.wait_beyond(sequence(2)));
      const auto read = world.start(dying.read_task(task_id(1)));
      EXPECT_TRUE(dying.enqueue(about(4), durability::lazy));
      if (steps % 3 == 1) plan->next_commit = script::fault::after;
      for (int i = 0; i < steps; ++i) {
        if (world.context.poll_one() == 0 && !world.worker.run_one()) world.clock.advance(50ms);
      }
      for (const auto& answer : answers) {
        if (answer->has_value() && answer->value()) acknowledged.insert(*answer->value());
      }
    }
    medium->lose_unsynced();
    for (const sequence one : acknowledged)
      EXPECT_LE(one, medium->last_sequence());
  }
}

}  // namespace
}  // namespace nine::journal
