#include "simulation/scheduler/scheduler.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "simulation/scheduler/wait_point.hpp"

namespace nine::simulation {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using namespace asio::experimental::awaitable_operators;

/// Counts what lives in coroutine frames.
struct witness {
  explicit witness(int& counter) : alive(&counter) { ++*alive; }
  witness(const witness&) = delete;
  ~witness() { --*alive; }
  int* alive;
};

awaitable<void> sleep(scheduler& owner, lane& mine, duration wait) {
  const ticket me = mine.new_ticket();
  owner.run_at(mine, owner.now() + wait, [&mine, me] { mine.wake(me); });
  co_await mine.park(me);
}

void run(scheduler& subject) {
  for (int step = 0; step < 10'000 && subject.step(); ++step) {
  }
}

awaitable<void> append_often(scheduler& owner, lane& mine, std::string& log, char letter) {
  for (int round = 0; round < 20; ++round) {
    log += letter;
    co_await asio::post(mine.executor(), asio::use_awaitable);
  }
  co_await sleep(owner, mine, 1s);
  log += letter;
}

std::pair<std::string, std::uint64_t> interleaving(std::uint64_t seed) {
  scheduler subject(seed);
  std::string log;
  for (const char letter : {'a', 'b', 'c'}) {
    lane& mine = subject.make_lane(std::string(1, letter));
    asio::co_spawn(mine.executor(), append_often(subject, mine, log, letter), asio::detached);
  }
  run(subject);
  return {log, subject.trace().hash()};
}

TEST(scheduler, runs_the_same_seed_in_the_same_order) {
  EXPECT_EQ(interleaving(7), interleaving(7));
}

TEST(scheduler, runs_another_seed_in_another_order) {
  EXPECT_NE(interleaving(7), interleaving(8));
}

TEST(scheduler, jumps_to_the_next_timer_when_nothing_is_ready) {
  scheduler subject(1);
  lane& mine = subject.make_lane("one");
  const auto before = subject.now();
  asio::co_spawn(mine.executor(), sleep(subject, mine, 5h), asio::detached);
  run(subject);
  EXPECT_GE(subject.now() - before, 5h);
  EXPECT_LE(subject.steps(), 10u);
}

TEST(scheduler, fires_timers_in_order_of_their_deadlines) {
  scheduler subject(1);
  lane& mine = subject.make_lane("one");
  std::string log;
  subject.run_at(mine, subject.now() + 2s, [&] { log += 'b'; });
  subject.run_at(mine, subject.now() + 1s, [&] { log += 'a'; });
  subject.run_at(mine, subject.now() + 2s, [&] { log += 'c'; });
  run(subject);
  EXPECT_EQ(log, "abc");
}

awaitable<void> wait_for_ever(wait_point& where, lane& mine, int& counter) {
  witness here(counter);
  co_await where.wait(mine);
}

awaitable<void> race(scheduler& owner, lane& mine, wait_point& where, int& counter, bool& done) {
  witness here(counter);
  auto outcome = co_await (wait_for_ever(where, mine, counter) || sleep(owner, mine, 1s));
  done = outcome.index() == 1;
}

TEST(scheduler, cancels_the_loser_of_a_race) {
  scheduler subject(1);
  lane& mine = subject.make_lane("one");
  wait_point never;
  int alive = 0;
  bool done = false;
  asio::co_spawn(mine.executor(), race(subject, mine, never, alive, done), asio::detached);
  run(subject);
  EXPECT_TRUE(done);
  EXPECT_EQ(alive, 0);
}

using channel = asio::experimental::channel<void(boost::system::error_code, int)>;

awaitable<void> receive(channel& from, int& counter) {
  witness here(counter);
  co_await from.async_receive(asio::use_awaitable);
}

TEST(scheduler, frees_every_coroutine_of_a_killed_lane_after_any_number_of_steps) {
  for (int steps = 0; steps < 40; ++steps) {
    scheduler subject(3);
    lane& mine = subject.make_lane("victim");
    lane& other = subject.make_lane("bystander");
    wait_point never;
    int alive = 0;
    bool done = false;
    std::string log;
    auto pending = std::make_unique<channel>(mine.executor());
    asio::co_spawn(mine.executor(), race(subject, mine, never, alive, done), asio::detached);
    asio::co_spawn(mine.executor(), wait_for_ever(never, mine, alive), asio::detached);
    asio::co_spawn(mine.executor(), receive(*pending, alive), asio::detached);
    asio::co_spawn(other.executor(), append_often(subject, other, log, 'x'), asio::detached);
    for (int step = 0; step < steps; ++step)
      subject.step();
    subject.kill(mine);
    pending.reset();
    EXPECT_EQ(alive, 0) << "killed after " << steps << " steps";
    EXPECT_FALSE(mine.alive());
    run(subject);
    EXPECT_EQ(log.size(), 21u) << "the bystander must run to its end";
  }
}

TEST(scheduler, destroys_what_is_given_to_a_dead_lane) {
  scheduler subject(1);
  lane& mine = subject.make_lane("victim");
  subject.kill(mine);
  int alive = 0;
  auto here = std::make_unique<witness>(alive);
  asio::post(mine.executor(), [kept = std::move(here)] {});
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(subject.step());
}

TEST(scheduler, reaps_a_lane_that_ends_itself_only_after_its_task) {
  scheduler subject(1);
  lane& mine = subject.make_lane("suicide");
  std::string story;
  subject.set_at_reap(mine, [&] {
    story += " reaped";
    subject.drop(mine);
  });
  asio::post(mine.executor(), [&] {
    subject.kill(mine);
    story += "finished";
  });
  subject.step();
  EXPECT_EQ(story, "finished reaped") << "between two steps nobody is half gone";
  EXPECT_FALSE(mine.alive());
}

TEST(scheduler, holds_a_frozen_lane_and_lets_it_go_on) {
  scheduler subject(1);
  lane& mine = subject.make_lane("stopped");
  lane& other = subject.make_lane("running");
  std::string mine_log;
  std::string other_log;
  asio::co_spawn(mine.executor(), append_often(subject, mine, mine_log, 'a'), asio::detached);
  asio::co_spawn(other.executor(), append_often(subject, other, other_log, 'b'), asio::detached);
  for (int step = 0; step < 10; ++step)
    subject.step();
  subject.freeze(mine);
  const auto seen = mine_log;
  run(subject);
  EXPECT_EQ(mine_log, seen);
  EXPECT_EQ(other_log.size(), 21u);
  subject.thaw(mine);
  run(subject);
  EXPECT_EQ(mine_log.size(), 21u);
}

TEST(scheduler, fires_the_timers_of_a_thawed_lane_late_and_in_order) {
  scheduler subject(1);
  lane& mine = subject.make_lane("stopped");
  lane& other = subject.make_lane("running");
  std::string log;
  subject.run_at(mine, subject.now() + 1s, [&] { log += 'a'; });
  subject.run_at(mine, subject.now() + 2s, [&] { log += 'b'; });
  subject.run_at(other, subject.now() + 10s, [&] { log += 'x'; });
  subject.freeze(mine);
  run(subject);
  EXPECT_EQ(log, "x");
  const auto late = subject.now();
  subject.thaw(mine);
  run(subject);
  EXPECT_EQ(log, "xab");
  EXPECT_EQ(subject.now(), late);
}

}  // namespace
}  // namespace nine::simulation
