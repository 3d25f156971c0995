#include <gtest/gtest.h>

#include "ninelives/http/headers.hpp"
#include "ninelives/http/serialization.hpp"
#include "ninelives/http/target.hpp"

namespace nine::http {
namespace {

TEST(headers, names_ignore_case_and_setting_replaces_all) {
  headers fields{{"Content-Type", "a"}, {"X", "1"}, {"content-type", "b"}};
  EXPECT_EQ(fields.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(fields.find("Y"), std::nullopt);
  fields.set("content-TYPE", "c");
  EXPECT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields.find("content-type"), "c");
}

TEST(target, is_taken_apart_and_decoded_segment_by_segment) {
  const auto parsed = parse_target("/v1//tasks/a%2Fb%20c?after=3&x&y=a%3Db%26&=z");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->segments, (std::vector<std::string>{"v1", "tasks", "a/b c"}));
  EXPECT_EQ(parsed->find("after"), "3");
  EXPECT_EQ(parsed->find("x"), "");
  EXPECT_EQ(parsed->find("y"), "a=b&");
  EXPECT_EQ(parsed->find("none"), std::nullopt);
}

TEST(target, what_is_malformed_is_refused) {
  for (const auto* text : {"", "*", "http://host/x", "x", "/%", "/%4", "/%zz", "/?a=%", "/?%x=1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(target, encoding_and_decoding_are_inverse) {
  std::string all;
  for (int value = 0; value < 256; ++value)
    all += static_cast<char>(value);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a-b/ü"), "a-b%2F%C3%BC");
}

TEST(serialization, a_value_cannot_add_fields_of_its_own) {
  response made;
  made.fields.add("Location", "a\r\nSet-Cookie: b");
  made.fields.add("Content-Length", "999");
  const auto head = format_response_head(made, framing::length, 5, true);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nLocation: a  Set-Cookie: b\r\nContent-Length: 5\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(serialization, an_answer_without_a_body_has_no_length) {
  response made;
  made.status = 204;
  const auto head = format_response_head(made, framing::length, 0, false);
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(serialization, a_chunk_carries_its_size_in_hexadecimal) {
  EXPECT_EQ(format_chunk(std::string(26, 'x')), "1a\r\n" + std::string(26, 'x') + "\r\n");
}

}  // namespace
}  // namespace nine::http
