#include "ninelives/journal/stores/faulty/faulty_store.hpp"

#include <gtest/gtest.h>

#include "ninelives/journal/store_contract.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"

namespace nine::journal {
namespace {

using stores::fail_commit;
using stores::faulty_store;
using stores::memory_medium;
using stores::memory_store;
using stores::store_fault;

class faulty_place final : public store_place {
 public:
  std::unique_ptr<store> open() override {
    return std::make_unique<faulty_store>(std::make_unique<memory_store>(medium_),
                                          fail_commit(0, store_fault::none));
  }
  bool lose_power() override {
    medium_->lose_unsynced();
    return true;
  }

 private:
  std::shared_ptr<memory_medium> medium_ = std::make_shared<memory_medium>();
};

INSTANTIATE_TEST_SUITE_P(faulty, store_contract,
                         testing::Values([] { return std::make_unique<faulty_place>(); }));

struct fault_case {
  store_fault how;
  std::int64_t last_after_reopening;
  std::int64_t last_after_power_cut;
  error_code told;
};

TEST(faulty_store, does_as_much_as_the_fault_says_and_stays_failed) {
  const fault_case cases[] = {
      {store_fault::before, 0, 0, error_code::io_error},
      {store_fault::after, 1, 1, error_code::io_error},
      {store_fault::unsynced, 1, 1, error_code::io_error},
      {store_fault::fenced, 0, 0, error_code::fenced},
  };
  for (const fault_case& one : cases) {
    auto medium = std::make_shared<memory_medium>();
    faulty_store faulty(std::make_unique<memory_store>(medium), fail_commit(1, one.how));
    ASSERT_TRUE(faulty.claim());
    const record entry{.task = task_id(1), .kind = "x"};
    std::vector<record_outcome> outcomes;
    const auto failed = faulty.commit({&entry, 1}, durability::synced, outcomes);
    EXPECT_EQ(failed.error().code, one.told);
    EXPECT_EQ(faulty.read_task(task_id(1)).error().code, error_code::unavailable);
    EXPECT_FALSE(faulty.commit({}, durability::synced, outcomes));
    ASSERT_TRUE(faulty.reopen());
    EXPECT_EQ(faulty.last_sequence(), sequence(one.last_after_reopening));
    medium->lose_unsynced();
    EXPECT_EQ(faulty.last_sequence(), sequence(one.last_after_power_cut));
  }
}

}  // namespace
}  // namespace nine::journal
