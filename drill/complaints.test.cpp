// A program of a home that breaks is brought back, and the test would see nothing of it.

#include "drill/complaints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(complaints, are_what_sanitizers_and_assertions_say) {
  const std::string said[] = {
      "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1",
      "==7==ERROR: LeakSanitizer: detected memory leaks",
      "WARNING: ThreadSanitizer: data race (pid=7)",
      "ninelives/base/time.hpp:1:2: runtime error: signed integer overflow",
      "ninelives: invariant broken: claimed_ (ninelives/journal/store.cpp:96)",
      R"({"event":"exception_unhandled","message":"bad optional access"})",
      "terminate called after throwing an instance of 'std::bad_alloc'",
  };
  for (const auto& line : said)
    EXPECT_THAT(defects_in("before\n" + line + "\nafter\n"), ElementsAre(line));
  EXPECT_THAT(defects_in(R"({"event":"core_ready","message":"ready with 0 unfinished tasks"})"),
              IsEmpty());
}

std::string ending(const std::string& how) {
  return R"({"event":"service_ended","message":"process 7 ended after 0.100 s: )" + how + "\"}\n";
}

TEST(complaints, are_endings_of_a_core_that_nobody_ordered) {
  for (const auto* how : {"signal 9", "signal 15", "exit code 0", "exit code 3", "unknown exit"})
    EXPECT_THAT(unexpected_endings(ending(how), {}), IsEmpty()) << how;
  for (const auto* how : {"signal 6", "signal 11", "exit code 1", "exit code 4"}) {
    EXPECT_THAT(unexpected_endings("last words\n" + ending(how), {}), ElementsAre(HasSubstr(how)));
    EXPECT_THAT(unexpected_endings(ending(how), {how}), IsEmpty()) << how;
  }
}

TEST(complaints, of_a_home_are_found_in_the_logs_of_all_its_programs) {
  home place;
  place.expect_ending("signal 6");
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  const auto core = place.pid("core");
  send_signal(core, SIGABRT);
  ASSERT_TRUE(eventually([&] { return place.pid("core") != core; }));
  EXPECT_TRUE(eventually([&] { return !complaints_of(place.root(), {}).empty(); }));
  EXPECT_THAT(
      complaints_of(place.root(), {}),
      ElementsAre(testing::AllOf(testing::StartsWith("log/guard.log: "), HasSubstr("signal 6"))));
}

}  // namespace
}  // namespace nine::drill
