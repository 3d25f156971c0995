#include "ninelives/demo/home_logs_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::demo {
namespace {

TEST(home_logs_check, tells_what_no_kill_explains) {
  const environment::testing::temporary_directory place;
  environment::real_files files;
  const home::home_layout layout(place.path(), 1);
  EXPECT_TRUE(complaints_in_logs(files, layout).empty()) << "there are no logs yet";
  std::filesystem::create_directories(layout.logs());
  std::filesystem::create_directories(layout.shims() / "t1.a1");
  std::ofstream(layout.logs() / "core.log") << "{}\nninelives: invariant broken: x (y.cpp:1)\n{}\n";
  std::ofstream(layout.logs() / "guard.log") << "{}\n";
  std::ofstream(layout.shims() / "t1.a1" / "shim.log") << "z.cpp:2: runtime error: overflow\n";
  EXPECT_THAT(
      complaints_in_logs(files, layout),
      testing::ElementsAre(
          (layout.logs() / "core.log").string() + ": ninelives: invariant broken: x (y.cpp:1)",
          (layout.shims() / "t1.a1" / "shim.log").string() + ": z.cpp:2: runtime error: overflow"));
}

}  // namespace
}  // namespace nine::demo
