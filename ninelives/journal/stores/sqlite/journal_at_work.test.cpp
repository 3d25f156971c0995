// The journal as a core has it: over SQLite, with a thread of its own. What runs on both threads is
// for ThreadSanitizer to see.

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::journal {
namespace {

namespace asio = boost::asio;
using environment::testing::run;

constexpr int agents = 16;
constexpr int steps = 40;

class journal_at_work {
 public:
  journal_at_work() {
    auto opened = stores::sqlite_store::open(files_, {.path = directory_ / "journal.db"});
    NINE_ASSERT(opened && (*opened)->claim());
    journal_ = std::make_unique<journal>(context_.get_executor(), clock_, worker_,
                                         *std::move(opened), journal_limits{.batch_records = 8});
  }

  /// All agents at once, and one who looks on; returns when each has done its steps.
  void work() {
    int left = agents;
    for (int number = 1; number <= agents; ++number)
      asio::co_spawn(context_, act(task_id(number), left), asio::detached);
    run(context_, look_on(left));
  }

  std::size_t facts_of(int number) {
    auto read = run(context_, journal_->read_task(task_id(number)));
    return read ? read->size() : 0;
  }
  journal& subject() { return *journal_; }

 private:
  asio::awaitable<void> act(task_id task, int& left) {
    for (int step = 0; step < steps; ++step) {
      record seen{.task = task, .kind = "seen", .body = "{}"};
      EXPECT_TRUE(journal_->enqueue(std::move(seen), durability::lazy));
      record done{.task = task, .kind = "done", .body = std::string(200, 'x')};
      const auto appended = co_await journal_->append(std::move(done));
      EXPECT_TRUE(appended);
    }
    --left;
  }

  /// Follows the journal to its end.
  asio::awaitable<void> look_on(const int& left) {
    sequence last{};
    while (left > 0 || last < journal_->last_durable()) {
      const auto more = co_await journal_->wait_beyond(last);
      EXPECT_TRUE(more);
      const auto facts = co_await journal_->read_after(last, 100);
      EXPECT_TRUE(facts && !facts->empty());
      if (!facts || facts->empty()) co_return;
      last = facts->back().number;
    }
  }

  environment::testing::temporary_directory directory_;
  environment::real_clock clock_;
  environment::real_files files_;
  asio::io_context context_{1};
  environment::thread_worker worker_{journal::next_commit_within};
  std::unique_ptr<journal> journal_;
};

TEST(a_journal_with_a_thread_of_its_own, keeps_what_many_agents_append_at_once) {
  journal_at_work place;
  place.work();
  for (int number = 1; number <= agents; ++number)
    EXPECT_EQ(place.facts_of(number), 2U * steps) << "of task " << number;
  EXPECT_EQ(place.subject().health(), journal_health::working);
  EXPECT_LT(place.subject().status().transactions, static_cast<std::uint64_t>(agents * steps))
      << "nothing was written together: the agents did not meet";
}

}  // namespace
}  // namespace nine::journal
