#include "ninelives/http/event_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace nine::http {
namespace {

using events = std::vector<sent_event>;

struct parse_case {
  const char* what;
  std::string text;
  events expected;
};

// The examples of the WHATWG standard and the corners of its rules.
const std::vector<parse_case>& parse_cases() {
  static const std::vector<parse_case> cases = {
      {"several data lines are one event",
       "data: YHOO\ndata: +2\ndata: 10\n\n",
       {{"", "message", "YHOO\n+2\n10"}}},
      {"comments are ignored; an id lasts until it is emptied",
       ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
       "event\n\n",
       {{"1", "message", "first event"},
        {"", "message", "second event"},
        {"", "message", " third event"}}},
      {"empty data makes events, an unfinished event makes none",
       "data\n\ndata\ndata\n\ndata:",
       {{"", "message", ""}, {"", "message", "\n"}}},
      {"one space after the colon is left out",
       "data:test\n\ndata: test\n\n",
       {{"", "message", "test"}, {"", "message", "test"}}},
      {"names last for one event",
       "event: add\ndata: 1\n\ndata: 2\n\n",
       {{"", "add", "1"}, {"", "message", "2"}}},
      {"an event without data is none, and its name is gone",
       "event: add\n\ndata: 2\n\n",
       {{"", "message", "2"}}},
      {"all three line ends", "data: a\r\ndata: b\rdata: c\n\r\n", {{"", "message", "a\nb\nc"}}},
      {"two carriage returns are two line ends",
       "data: a\r\rdata: b\r\r",
       {{"", "message", "a"}, {"", "message", "b"}}},
      {"a byte order mark at the start",
       "\xEF\xBB\xBF"
       "data: a\n\n",
       {{"", "message", "a"}}},
      {"a byte order mark elsewhere spoils the field",
       "\n\xEF\xBB\xBF"
       "data: a\n\n",
       {}},
      {"unknown fields are ignored", "foo: 1\ndata: a\ndatax: b\n\n", {{"", "message", "a"}}},
      {"an id with a null is ignored",
       std::string("id: a\0b\ndata: x\n\n", 17),
       {{"", "message", "x"}}},
      {"an id without data is kept for later", "id: 7\n\ndata: x\n\n", {{"7", "message", "x"}}},
      {"a colon in the data stays", "data: {\"a\":1}\n\n", {{"", "message", "{\"a\":1}"}}},
  };
  return cases;
}

events parse_in_pieces(const std::string& text, std::size_t first, std::size_t step) {
  event_stream_parser parser;
  events all;
  std::size_t size = first;
  for (std::size_t from = 0; from < text.size(); from += std::exchange(size, step)) {
    auto got = parser.feed(std::string_view(text).substr(from, size));
    EXPECT_TRUE(got);
    std::ranges::move(*got, std::back_inserter(all));
  }
  return all;
}

TEST(event_stream_parser, follows_the_standard) {
  for (const auto& one : parse_cases()) {
    EXPECT_EQ(parse_in_pieces(one.text, one.text.size(), 1), one.expected) << one.what;
  }
}

TEST(event_stream_parser, gives_the_same_whatever_the_pieces) {
  for (const auto& one : parse_cases()) {
    for (std::size_t first = 1; first < one.text.size(); ++first) {
      EXPECT_EQ(parse_in_pieces(one.text, first, one.text.size()), one.expected) << one.what;
    }
    EXPECT_EQ(parse_in_pieces(one.text, 1, 1), one.expected) << one.what;
  }
}

TEST(event_stream_parser, takes_only_digits_as_retry) {
  event_stream_parser parser;
  ASSERT_TRUE(parser.feed("retry: 1500\nretry: -1\nretry: 2x\nretry: 99999999999999999999\n"));
  EXPECT_EQ(parser.retry_ms(), 1500);
}

TEST(event_stream_parser, a_line_without_end_is_an_error_not_a_full_memory) {
  event_stream_parser parser(100);
  EXPECT_TRUE(parser.feed(std::string(100, 'x')));
  const auto more = parser.feed("x");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, error_code::too_large);
}

TEST(event_stream_parser, an_event_without_end_is_an_error_too) {
  event_stream_parser parser(100);
  result<events> got;
  for (int line = 0; line < 100 && got; ++line)
    got = parser.feed("data: 0123456789\n");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::too_large);
}

TEST(format_event, reads_back_as_it_was) {
  for (const sent_event& event : {sent_event{"12", "task", "{}"}, sent_event{"", "x", "a\nb\n\nc"},
                                  sent_event{"1", "y", ""}}) {
    event_stream_parser parser;
    EXPECT_EQ(parser.feed(format_comment("beat") + format_event(event)), events{event});
  }
  event_stream_parser parser;
  EXPECT_EQ(parser.feed(format_event({"", "", "a\r\nb\rc"})), (events{{"", "message", "a\nb\nc"}}));
}

}  // namespace
}  // namespace nine::http
