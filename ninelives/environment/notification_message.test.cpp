#include "ninelives/environment/notification_message.hpp"

#include <gtest/gtest.h>

namespace nine::environment {
namespace {

TEST(notification_message, is_understood_line_by_line) {
  struct row {
    std::string_view lines;
    notification_message expected;
  };
  const row table[] = {
      {"READY=1", {.ready = true}},
      {"WATCHDOG=1", {.beat = true}},
      {"STOPPING=1", {.stopping = true}},
      {"STATUS=three tasks", {.status = "three tasks"}},
      {"STATUS=", {.status = ""}},
      {"READY=1\nWATCHDOG=1\nSTATUS=up\n", {.ready = true, .beat = true, .status = "up"}},
      {"", {}},
      {"\n\n\n", {}},
      {"READY=0\nWATCHDOG=trigger\nFOO=1\nnonsense", {}},
      {"XREADY=1", {}},
      {"STATUS=a\x1b[2Jb\x7f", {.status = "a [2Jb "}},
      {std::string_view("READY=1\0\nWATCHDOG=1", 19), {.beat = true}},
  };
  for (const auto& row : table)
    EXPECT_EQ(parse_notification(row.lines), row.expected) << row.lines;
}

}  // namespace
}  // namespace nine::environment
