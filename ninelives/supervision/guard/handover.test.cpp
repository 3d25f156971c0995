#include "ninelives/supervision/guard/handover.hpp"

#include <gtest/gtest.h>

namespace nine::supervision::guard {
namespace {

TEST(process_name, is_read_as_it_is_written) {
  const process_name name{4711, 987654321};
  EXPECT_EQ(to_string(name), "4711:987654321");
  EXPECT_EQ(parse_process_name(to_string(name)), name);
}

TEST(process_name, refuses_what_is_none) {
  for (const auto* text : {"", ":", "12", "12:", ":34", "0:34", "-1:34", "12:0", "12:-3", "a:b",
                           "12:34x", "99999999999:1", "1 :2"}) {
    EXPECT_FALSE(parse_process_name(text)) << text;
  }
}

TEST(environment_for, drops_what_was_meant_for_one_process_alone) {
  const std::vector<std::string> base = {
      "PATH=/bin",      "NOTIFY_SOCKET=/run/x", "WATCHDOG_USEC=1",   "WATCHDOG_PID=2",
      "LISTEN_FDS=3",   "LISTEN_PID=4",         "LISTEN_FDNAMES=a",  "NINE_HOME=/old",
      "NINE_GUARD=1:2", "NINE_ADOPT_CORE=1:2",  "LISTEN_FDSX=stays", "NOVALUE"};
  EXPECT_EQ(
      environment_for(base, {"NINE_HOME=/new"}),
      (std::vector<std::string>{"PATH=/bin", "LISTEN_FDSX=stays", "NOVALUE", "NINE_HOME=/new"}));
}

TEST(parse_watchdog, takes_microseconds_and_nothing_else) {
  EXPECT_EQ(parse_watchdog("30000000"), 30s);
  for (const auto* text : {"", "0", "-5", "10s", "99999999999999999999"}) {
    EXPECT_EQ(parse_watchdog(text), 0s) << text;
  }
  EXPECT_GT(parse_watchdog("9223372036854775807"), 1h);
}

}  // namespace
}  // namespace nine::supervision::guard
