#include "ninelives/command_line/doctor_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

namespace nine::command_line {
namespace {

using environment::liveness;
using environment::machine_facts;
using severity = finding::severity;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const wall_time now = wall_time_from_milliseconds(1'800'000'000'000);

machine_facts sound_machine() {
  return {.kernel = "6.1.0",
          .pidfd = true,
          .groups = machine_facts::control_groups::usable,
          .descriptors_most = 65'536,
          .disk_free = 100 * GiB,
          .files_free = 1'000'000,
          .now = now,
          .clock_synchronized = true};
}

/// What is not good, as "severity: what".
std::vector<finding> complaints(findings all) {
  std::erase_if(all, [](const finding& one) { return one.how == severity::good; });
  return all;
}

void expect_one(const findings& all, severity how, const std::string& what,
                const std::string& mend) {
  const auto bad = complaints(all);
  ASSERT_THAT(bad, SizeIs(1)) << what;
  EXPECT_EQ(bad[0].how, how) << bad[0].what;
  EXPECT_THAT(bad[0].what, HasSubstr(what));
  EXPECT_THAT(bad[0].mend, HasSubstr(mend));
}

TEST(doctor, finds_nothing_wrong_with_a_sound_machine) {
  EXPECT_THAT(complaints(check_machine(sound_machine())), IsEmpty());
}

TEST(doctor, finds_what_a_machine_lacks) {
  struct row {
    void (*break_it)(machine_facts&);
    severity how;
    const char* what;
    const char* mend;
  };
  const row table[] = {
      {[](auto& m) { m.pidfd = false; }, severity::wrong, "no pidfd", "seccomp"},
      {[](auto& m) { m.groups = machine_facts::control_groups::none; }, severity::warning,
       "no cgroup v2", "mount"},
      {[](auto& m) { m.groups = machine_facts::control_groups::refused; }, severity::warning,
       "no control group can be made", "Delegate=yes"},
      {[](auto& m) { m.descriptors_most = 1023; }, severity::warning, "1023 files", "ulimit"},
      {[](auto& m) { m.descriptors_most = 255; }, severity::wrong, "255 files", "ulimit"},
      {[](auto& m) { m.disk_free = 64 * MiB - 1; }, severity::wrong, "63 MiB free", "free some"},
      {[](auto& m) { m.disk_free = 1 * GiB - 1; }, severity::warning, "1023 MiB free", "free some"},
      {[](auto& m) { m.files_free = 999; }, severity::wrong, "999 more files", "free some"},
      {[](auto& m) { m.now = wall_time{} + 24h; }, severity::wrong, "before 2025", "timedatectl"},
      {[](auto& m) { m.clock_synchronized = false; }, severity::warning, "synchronized", "chrony"},
  };
  for (const auto& [break_it, how, what, mend] : table) {
    auto machine = sound_machine();
    break_it(machine);
    expect_one(check_machine(machine), how, what, mend);
  }
}

TEST(doctor, says_where_limits_of_memory_do_not_hold) {
  auto machine = sound_machine();
  machine.groups = machine_facts::control_groups::without_memory;
  const auto told = check_machine(machine);
  EXPECT_TRUE(std::ranges::any_of(
      told, [](const finding& one) { return one.what.contains("limits of memory do not hold"); }));
  EXPECT_THAT(complaints(told), IsEmpty());
}

TEST(doctor, finds_a_clock_that_went_back) {
  EXPECT_THAT(check_clock_against(now + 1min, now), IsEmpty());
  expect_one(check_clock_against(now + 1h, now), severity::warning, "3600 s from now", "clock");
}

TEST(doctor, finds_a_directory_that_cannot_be_used) {
  const auto look = [](result<environment::file_information> found) {
    return findings{check_directory("/home/nine", found)};
  };
  EXPECT_THAT(complaints(look(environment::file_information{true, true})), IsEmpty());
  expect_one(look(environment::file_information{true, false}), severity::wrong, "open to others",
             "chmod 700 /home/nine");
  expect_one(look(environment::file_information{false, true}), severity::wrong, "no directory",
             "NINE_HOME");
  expect_one(look(fail(error_code::permission_denied, "may not look")), severity::wrong,
             "may not look", "mode 0700");
}

TEST(doctor, finds_a_home_that_cannot_be_made) {
  EXPECT_THAT(complaints({check_missing_home("/home/nine", {})}), IsEmpty());
  expect_one({check_missing_home("/home/nine", fail(error_code::permission_denied, "/home: no"))},
             severity::wrong, "/home/nine is not there and cannot be made: /home: no", "NINE_HOME");
}

TEST(doctor, finds_a_shim_that_is_missing) {
  EXPECT_THAT(complaints({check_shim_program("nine-shim", environment::file_information{})}),
              IsEmpty());
  expect_one({check_shim_program("nine-shim", fail(error_code::not_found, "lib/nine-shim: none"))},
             severity::wrong, "lib/nine-shim: none", "install it again");
  expect_one({check_shim_program("nine-shim", environment::file_information{true, true})},
             severity::wrong, "is a directory", "install it again");
}

TEST(doctor, finds_files_that_were_left_over) {
  EXPECT_THAT(check_leftovers("/home/nine", {"journal.db", ".hidden"}), IsEmpty());
  expect_one(check_leftovers("/home/nine", {".nine-12-0.tmp", ".nine-13-1.tmp", "x"}),
             severity::warning, "2 files in /home/nine", "rm /home/nine/.nine-*.tmp");
}

// proves: S9
TEST(doctor, finds_a_guard_that_is_dead_or_stopped) {
  const environment::process_identity guard{.pid = 12, .start_time = 1, .boot_id = "b"};
  const auto look = [](result<environment::process_identity> holder,
                       environment::process_facts seen) {
    return findings{check_role({"guard", std::move(holder), seen})};
  };
  EXPECT_THAT(complaints(look(guard, {.now = liveness::alive})), IsEmpty());
  expect_one(look(fail(error_code::not_found, ""), {}), severity::wrong, "guard does not run",
             "nine up");
  expect_one(look(guard, {.now = liveness::alive, .stopped = true}), severity::wrong,
             "stopped (pid 12", "kill -CONT 12");
  expect_one(look(fail(error_code::unavailable, ""), {}), severity::warning, "just starting",
             "nine down");
}

// proves: O6
TEST(doctor, finds_a_configuration_that_is_refused_with_its_place) {
  EXPECT_THAT(complaints({check_configuration("/home/nine/nine.yaml", {})}), IsEmpty());
  expect_one({check_configuration("nine.yaml", fail(error_code::invalid_argument,
                                                    "nine.yaml:3:5: unknown key 'agnet'"))},
             severity::wrong, "nine.yaml:3:5", "correct that place");
}

TEST(doctor, finds_what_the_core_says_is_wrong_with_it) {
  const auto look = [](const char* status) {
    return check_status(boost::json::parse(status).as_object());
  };
  EXPECT_THAT(complaints(look(R"({"journal":{"health":"working"},
                                  "configuration":{"health":"good"}})")),
              IsEmpty());
  expect_one(look(R"({"journal":{"health":"failed","last_error":"no space left"}})"),
             severity::wrong, "no space left", "full disk");
  expect_one(look(R"({"journal":{"health":"closed","last_error":"fenced"}})"), severity::wrong,
             "fenced", "newer core");
  expect_one(look(R"({"journal":{"health":"working"},
                      "configuration":{"health":"refused","refused_at_start":"x"}})"),
             severity::warning, "built-in configuration", "kill PID");
}

TEST(doctor, finds_why_a_core_does_not_answer) {
  expect_one({check_silence({error_code::unavailable, "connection refused"})}, severity::wrong,
             "connection refused", "nine logs");
  EXPECT_THAT(check_causes({}, ""), IsEmpty());
  struct row {
    error_code code;
    const char* mend;
  };
  const row table[] = {{error_code::corrupted, "backup"},
                       {error_code::unavailable, "fuser"},
                       {error_code::precondition_failed, "newer Ninelives"}};
  for (const auto& [code, mend] : table) {
    const auto found = check_causes(fail(code, "told so"), "it said why");
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_THAT(found[0].what, HasSubstr("it said why"));
    EXPECT_THAT(found[1].what, HasSubstr("told so"));
    EXPECT_THAT(found[1].mend, HasSubstr(mend));
  }
}

}  // namespace
}  // namespace nine::command_line
