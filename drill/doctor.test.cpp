// `nine doctor` where nothing can work: it says so, once, and nothing else.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

/// What the doctor calls wrong, of this home or of what the script says.
std::vector<std::string> wrongs(const home& place, const std::string& script) {
  const auto examined = shell(place, script);
  EXPECT_EQ(examined.exit_code, 1) << examined.out << examined.err;
  std::vector<std::string> found;
  const auto told = boost::json::parse(examined.out);
  for (const auto& entry : told.at("findings").as_array()) {
    if (entry.at("wrong").as_bool()) found.push_back(text(entry.as_object(), "what"));
  }
  return found;
}

TEST(doctor, one_cause_is_told_once) {
  home place;
  const std::pair<std::string, std::string> table[] = {
      {"mkdir bin; cp \"$(command -v nine)\" bin; NINE_HOME=$PWD/new exec bin/nine doctor --json",
       "nine-shim is missing"},
      {"NINE_HOME=/proc/nowhere/home exec nine doctor --json", "cannot be made"},
      {": >file; NINE_HOME=$PWD/file exec nine doctor --json", "is no directory"},
  };
  for (const auto& [script, told] : table) {
    auto found = wrongs(place, script);
    // Of /proc it is true that nothing fits there.
    std::erase_if(found, [](const auto& what) { return what.contains("the disk of the home"); });
    ASSERT_EQ(found.size(), 1U) << script << ": " << (found.empty() ? "" : found.back());
    EXPECT_TRUE(found.front().contains(told)) << found.front();
  }
  EXPECT_FALSE(exists(place.mark("new"))) << "the doctor has made a home";
}

// proves: S9
TEST(doctor, a_stopped_core_is_not_said_to_be_absent) {
  home place;
  ASSERT_EQ(place.nine({"up"}).exit_code, 0);
  const auto guard = place.pid("guard");
  const auto core = place.pid("core");
  ASSERT_GT(guard, 1);
  ASSERT_GT(core, 1);
  send_signal(guard, SIGSTOP);  // it would replace the core
  send_signal(core, SIGSTOP);
  const auto found = wrongs(place, "exec nine doctor --json");
  send_signal(core, SIGCONT);
  send_signal(guard, SIGCONT);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].contains("the guard is stopped")) << found[0];
  EXPECT_TRUE(found[1].contains("the core is stopped")) << found[1];
}

}  // namespace
}  // namespace nine::drill
