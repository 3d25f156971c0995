#include "ninelives/command_line/core_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace nine::command_line {
namespace {

TEST(core_log, tells_the_last_error_behind_the_last_good_start) {
  const auto line = [](const char* level, const char* event, const char* message) {
    return boost::json::serialize(
        boost::json::object{{"level", level}, {"event", event}, {"message", message}});
  };
  const auto refused = line("error", "core_cannot_start", "the journal is damaged");
  EXPECT_EQ(last_error_in({line("info", "core_starts", "starts"), refused}),
            "the journal is damaged");
  EXPECT_EQ(last_error_in({refused, line("info", "core_ready", "ready")}), "");
  EXPECT_EQ(last_error_in({"a dying process's last words"}), "a dying process's last words");
  EXPECT_EQ(last_error_in({R"({"level":"error","task":"t1","message":"a task failed"})"}), "");
  EXPECT_EQ(last_error_in({}), "");
}

}  // namespace
}  // namespace nine::command_line
