#include "ninelives/environment/real/queued_log_sink.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ranges>
#include <vector>

namespace nine::environment {
namespace {

constexpr auto long_enough = std::chrono::minutes(5);

/// Keeps lines; refuses or hangs when told to.
class moody_sink final : public log_sink {
 public:
  bool write_line(std::string_view line) noexcept override {
    ++offered;
    offered.notify_all();
    hanging.wait(true);
    if (refusals > 0) {
      --refusals;
      return false;
    }
    const std::lock_guard lock(mutex_);
    ++batches_;
    for (const auto part : std::views::split(line, '\n'))
      lines_.emplace_back(std::string_view(part));
    return true;
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::size_t batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  void go_on() {
    hanging = false;
    hanging.notify_all();
  }

  std::atomic<int> offered = 0;
  std::atomic<int> refusals = 0;
  std::atomic<bool> hanging = false;

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t batches_ = 0;
};

TEST(queued_log_sink, lines_come_through_in_order) {
  moody_sink target;
  queued_log_sink queued(target);
  for (const auto* line : {"one", "two", "three"})
    EXPECT_TRUE(queued.write_line(line));
  EXPECT_TRUE(queued.flush(long_enough));
  EXPECT_EQ(target.lines(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST(queued_log_sink, lines_that_wait_are_written_together_up_to_a_bound) {
  moody_sink target;
  target.hanging = true;
  queued_log_sink queued(target);
  EXPECT_TRUE(queued.write_line("first"));
  target.offered.wait(0);
  const std::string line(queued_log_sink::batch_bytes_most / 4, 'x');
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(queued.write_line(line));
  target.go_on();
  EXPECT_TRUE(queued.flush(long_enough));
  EXPECT_EQ(target.lines().size(), 7U);
  EXPECT_EQ(target.batches(), 3U) << "the first one, three, three";
}

TEST(queued_log_sink, lines_that_follow_closely_are_gathered_and_a_flush_does_not_wait_for_more) {
  moody_sink target;
  queued_log_sink queued(target, 1s, 24h);
  EXPECT_TRUE(queued.write_line("first"));
  target.offered.wait(0);
  EXPECT_TRUE(queued.write_line("second"));
  EXPECT_TRUE(queued.write_line("third"));
  EXPECT_TRUE(queued.flush(long_enough));
  EXPECT_EQ(target.lines(), (std::vector<std::string>{"first", "second", "third"}));
  EXPECT_EQ(target.batches(), 2U);
}

TEST(queued_log_sink, a_full_batch_is_not_gathered_for_longer) {
  moody_sink target;
  queued_log_sink queued(target, 1s, 24h);
  EXPECT_TRUE(queued.write_line("first"));
  target.offered.wait(0);
  const std::string line(queued_log_sink::batch_bytes_most, 'x');
  EXPECT_TRUE(queued.write_line(line));
  target.offered.wait(1);
  EXPECT_EQ(target.offered, 2);
}

TEST(queued_log_sink, a_target_that_hangs_delays_nobody_and_fills_no_memory) {
  moody_sink target;
  target.hanging = true;
  queued_log_sink queued(target);
  const std::string line(64 * KiB, 'x');
  std::size_t taken = 0;
  while (queued.write_line(line))
    ++taken;
  EXPECT_EQ(taken, queued_log_sink::queued_bytes_most / line.size());
  EXPECT_FALSE(queued.flush(duration::zero()));
  target.go_on();
  EXPECT_TRUE(queued.flush(long_enough));
  EXPECT_EQ(target.lines().size(), taken);
  EXPECT_TRUE(queued.write_line("again"));
}

TEST(queued_log_sink, a_line_that_was_refused_is_tried_again) {
  moody_sink target;
  target.refusals = 3;
  queued_log_sink queued(target, 1ms);
  EXPECT_TRUE(queued.write_line("one"));
  EXPECT_TRUE(queued.write_line("two"));
  EXPECT_TRUE(queued.flush(long_enough));
  EXPECT_EQ(target.lines(), (std::vector<std::string>{"one", "two"}));
}

TEST(queued_log_sink, its_end_does_not_wait_for_a_target_that_refuses) {
  moody_sink target;
  target.refusals = 1'000;
  {
    queued_log_sink queued(target, 24h);
    EXPECT_TRUE(queued.write_line("one"));
    target.offered.wait(0);
  }
  EXPECT_TRUE(target.lines().empty());
}

}  // namespace
}  // namespace nine::environment
