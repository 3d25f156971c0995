#include "ninelives/supervision/shim/ending_record.hpp"

#include <gtest/gtest.h>

namespace nine::supervision::shim {
namespace {

using environment::exit_status;

const std::vector<kept_ending> endings{
    exited{epoch(7), exit_status::exited(3), false, 1ull << 40, 77},
    exited{epoch(8), exit_status::signalled(9), true, 0}, exited{epoch(9), {}, false, 1},
    start_failed{epoch(10), 2, "start /x y: No such file . really"},
    start_failed{epoch(11), 0, ""}};

TEST(ending_record, endings_come_back_as_they_were) {
  std::string text;
  for (const auto& what : endings)
    text += format_ending(what);
  EXPECT_EQ(parse_endings(text), endings);
  EXPECT_EQ(text.substr(0, text.find('\n')), "exited 7 exit 3 unasked 1099511627776 77 .");
}

TEST(ending_record, what_is_cut_short_or_damaged_is_left_out) {
  for (const auto& what : endings) {
    const auto whole = format_ending(what);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_TRUE(parse_endings(whole.substr(0, size)).empty());
      EXPECT_TRUE(parse_endings(whole.substr(0, size) + "\n").empty() || size + 1 == whole.size());
    }
  }
  EXPECT_TRUE(
      parse_endings("x 7 exit 3 unasked 1 0 .\nexited 7 exit 3x unasked 1 0 .\n\n").empty());
}

TEST(ending_record, a_message_cannot_break_out_of_its_line) {
  const auto text = format_ending(start_failed{epoch(1), 2, "a\nexited 9 exit 0 asked 0 0 .\n"});
  EXPECT_EQ(parse_endings(text).size(), 1u);
}

}  // namespace
}  // namespace nine::supervision::shim
