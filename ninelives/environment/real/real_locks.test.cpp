#include "ninelives/environment/real/real_locks.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

const process_identity ann{4711, 123456789, "1ae66b1b-c7b2-4286-84c4-cd8047c84ab4"};
const process_identity bob{4712, 123456799, "1ae66b1b-c7b2-4286-84c4-cd8047c84ab4"};

class real_locks_test : public ::testing::Test {
 protected:
  testing::temporary_directory directory_;
  std::filesystem::path file_ = directory_ / "guard.lock";
  real_locks locks_;
};

TEST_F(real_locks_test, has_one_holder_and_says_who) {
  EXPECT_EQ(locks_.holder(file_).error().code, error_code::not_found);
  auto held = locks_.try_lock(file_, ann);
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_EQ(locks_.holder(file_), ann);
  const auto refused = locks_.try_lock(file_, bob);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::already_exists);
  EXPECT_NE(refused.error().message.find("process 4711"), std::string::npos);
  EXPECT_EQ(locks_.holder(file_), ann) << "asking and trying disturb nobody";
}

TEST_F(real_locks_test, is_free_when_released) {
  {
    const auto held = locks_.try_lock(file_, ann);
  }
  EXPECT_EQ(locks_.holder(file_).error().code, error_code::not_found);
  const auto next = locks_.try_lock(file_, bob);
  ASSERT_TRUE(next);
  EXPECT_EQ(locks_.holder(file_), bob);
}

TEST_F(real_locks_test, is_free_when_its_holder_was_killed) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = locks_.try_lock(file_, bob);
    if (!held || ::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(locks_.holder(file_), bob);
  EXPECT_FALSE(locks_.try_lock(file_, ann));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(locks_.holder(file_).error().code, error_code::not_found);
  EXPECT_TRUE(locks_.try_lock(file_, ann));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(real_locks_test, is_not_inherited_by_programs_that_are_started) {
  auto held = locks_.try_lock(file_, ann);
  int running[2];
  ASSERT_EQ(::pipe(running), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(running[1], 1);
    ::execl("/bin/sh", "sh", "-c", "echo; exec sleep 1000", nullptr);
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(running[0], &byte, 1), 1);  // exec is done
  held->reset();
  EXPECT_EQ(locks_.holder(file_).error().code, error_code::not_found);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(running[0]);
  ::close(running[1]);
}

TEST_F(real_locks_test, is_seen_by_those_who_look_with_flock) {
  const auto held = locks_.try_lock(file_, ann);
  const int looking = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_NE(::flock(looking, LOCK_SH | LOCK_NB), 0);
  ::close(looking);
}

TEST_F(real_locks_test, does_not_know_a_holder_that_has_not_signed) {
  const auto held = locks_.try_lock(file_, ann);
  for (const auto* text : {"", "pid", "pid x start_time 3 boot_id b",
                           "pid -4 start_time 3 boot_id b", "garbage garbage garbage"}) {
    std::ofstream(file_) << text;
    EXPECT_EQ(locks_.holder(file_).error().code, error_code::unavailable) << text;
    EXPECT_EQ(locks_.try_lock(file_, bob).error().code, error_code::already_exists) << text;
  }
}

TEST_F(real_locks_test, follows_no_link) {
  std::filesystem::create_symlink(directory_ / "elsewhere", file_);
  EXPECT_FALSE(locks_.try_lock(file_, ann));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "elsewhere"));
}

}  // namespace
}  // namespace nine::environment
