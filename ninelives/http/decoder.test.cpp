#include "ninelives/http/decoder.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace nine::http {
namespace {

using state = request_decoder::state;

const message_limits small{.head_bytes_most = 200, .body_bytes_most = 20};

TEST(request_decoder, gives_a_request_whatever_the_pieces) {
  const std::string text =
      "POST /v1/tasks?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    request_decoder decoder(small);
    decoder.feed(text.substr(0, first));
    ASSERT_EQ(decoder.feed(text.substr(first)), state::whole) << first;
    const auto taken = decoder.take();
    EXPECT_EQ(taken.method, "POST");
    EXPECT_EQ(taken.where.segments, (std::vector<std::string>{"v1", "tasks"}));
    EXPECT_EQ(taken.where.find("x"), "1");
    EXPECT_EQ(taken.fields.find("x-a"), "b");
    EXPECT_EQ(taken.body, "hello");
    EXPECT_EQ(decoder.current(), state::idle);
  }
}

TEST(request_decoder, gives_a_request_without_a_body_whatever_the_pieces) {
  const std::string text = "POST / HTTP/1.1\r\nContent-Length: 0\r\nX-A: b\r\n\r\n";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    request_decoder decoder(small);
    decoder.feed(text.substr(0, first));
    ASSERT_EQ(decoder.feed(text.substr(first)), state::whole) << first;
  }
  request_decoder decoder(small);
  for (const char each : text)
    decoder.feed({&each, 1});
  EXPECT_EQ(decoder.current(), state::whole);
}

TEST(request_decoder, tells_where_in_a_request_it_stands) {
  request_decoder decoder(small);
  EXPECT_EQ(decoder.feed(""), state::idle);
  EXPECT_EQ(decoder.feed("GET"), state::head);
  EXPECT_EQ(decoder.feed(" / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
            state::body);
  EXPECT_TRUE(decoder.expects_continue());
  EXPECT_EQ(decoder.feed("x"), state::whole);
}

TEST(request_decoder, keeps_the_next_request_that_came_with_the_first) {
  request_decoder decoder(small);
  ASSERT_EQ(decoder.feed("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"), state::whole);
  EXPECT_EQ(decoder.take().target_text, "/a");
  ASSERT_EQ(decoder.feed(""), state::whole);
  EXPECT_EQ(decoder.take().target_text, "/b");
}

TEST(request_decoder, reads_a_chunked_body) {
  request_decoder decoder(small);
  ASSERT_EQ(decoder.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
            state::whole);
  EXPECT_EQ(decoder.take().body, "abcde");
}

TEST(request_decoder, knows_whether_the_connection_goes_on) {
  const std::vector<std::tuple<std::string, bool, bool>> cases = {
      {"GET / HTTP/1.1\r\n\r\n", true, true},
      {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false, true},
      {"GET / HTTP/1.0\r\n\r\n", false, false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, false},
  };
  for (const auto& [text, keep_alive, chunks] : cases) {
    request_decoder decoder(small);
    ASSERT_EQ(decoder.feed(text), state::whole) << text;
    EXPECT_EQ(decoder.keep_alive(), keep_alive) << text;
    EXPECT_EQ(decoder.understands_chunks(), chunks) << text;
  }
}

struct refusal {
  std::string text;
  unsigned status;
};

TEST(request_decoder, refuses_what_is_malformed_or_too_large_whatever_the_pieces) {
  const std::string long_line(300, 'a');
  const std::vector<refusal> cases = {
      {"\x16\x03\x01\x02", 400},  // a TLS hello
      {"GET\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET / HTTP/9.9\r\n\r\n", 400},
      {"GET / FTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n: no name\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400},
      {"GET http://other/ HTTP/1.1\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdefgh\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 21\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nContent-Length: 1000000000000000\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n" + long_line, 413},
      {"GET /" + long_line, 431},
      {"GET / HTTP/1.1\r\nX: " + long_line, 431},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long_line, 431},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: " + long_line, 431},
  };
  for (const auto& [text, status] : cases) {
    for (const std::size_t step : {text.size(), std::size_t{1}, std::size_t{7}}) {
      request_decoder decoder(small);
      for (std::size_t from = 0; from < text.size(); from += step) {
        decoder.feed(text.substr(from, step));
      }
      ASSERT_EQ(decoder.current(), state::failed) << text << " in steps of " << step;
      EXPECT_EQ(decoder.failure().status, status) << text << " in steps of " << step;
      EXPECT_FALSE(decoder.keep_alive());
    }
  }
}

TEST(request_decoder, takes_nothing_more_after_a_failure) {
  request_decoder decoder(small);
  decoder.feed("nonsense\r\n\r\n");
  EXPECT_EQ(decoder.feed("GET / HTTP/1.1\r\n\r\n"), state::failed);
}

TEST(response_decoder, gives_head_and_body_as_they_come) {
  response_decoder decoder({}, false);
  ASSERT_TRUE(decoder.feed("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n"));
  EXPECT_FALSE(decoder.head_complete());
  ASSERT_TRUE(decoder.feed("Transfer-Encoding: chunked\r\n\r\n3\r\nabc"));
  EXPECT_TRUE(decoder.head_complete());
  EXPECT_EQ(decoder.status(), 429u);
  EXPECT_EQ(decoder.fields().find("retry-after"), "7");
  EXPECT_EQ(decoder.take_body(), "abc");
  EXPECT_EQ(decoder.take_body(), "");
  ASSERT_TRUE(decoder.feed("\r\n1\r\nd\r\n0\r\n\r\n"));
  EXPECT_TRUE(decoder.complete());
  EXPECT_EQ(decoder.take_body(), "d");
}

TEST(response_decoder, passes_over_interim_answers_but_not_without_end) {
  response_decoder decoder({}, false);
  ASSERT_TRUE(
      decoder.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"));
  ASSERT_TRUE(decoder.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  EXPECT_EQ(decoder.status(), 200u);
  EXPECT_EQ(decoder.take_body(), "ok");
  EXPECT_TRUE(decoder.complete());

  response_decoder endless({}, false);
  result<void> fed;
  for (int i = 0; i < 100 && fed; ++i)
    fed = endless.feed("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_FALSE(fed);
}

TEST(response_decoder, an_answer_to_head_has_no_body) {
  response_decoder decoder({}, true);
  ASSERT_TRUE(decoder.feed("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
  EXPECT_TRUE(decoder.complete());
}

TEST(response_decoder, an_end_before_the_end_is_an_error) {
  for (const auto* text :
       {"", "HTT", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
    response_decoder decoder({}, false);
    ASSERT_TRUE(decoder.feed(text)) << text;
    EXPECT_FALSE(decoder.feed_end()) << text;
  }
}

TEST(response_decoder, a_body_without_a_length_ends_with_the_connection) {
  response_decoder decoder({}, false);
  ASSERT_TRUE(decoder.feed("HTTP/1.1 200 OK\r\n\r\nabc"));
  EXPECT_FALSE(decoder.complete());
  EXPECT_TRUE(decoder.feed_end());
  EXPECT_EQ(decoder.take_body(), "abc");
}

TEST(response_decoder, refuses_what_is_no_http_and_what_is_too_large) {
  EXPECT_EQ(response_decoder(small, false).feed("SSH-2.0-x\r\n").error().code,
            error_code::protocol_error);
  EXPECT_EQ(response_decoder(small, false)
                .feed("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n")
                .error()
                .code,
            error_code::too_large);
  EXPECT_EQ(response_decoder(small, false)
                .feed("HTTP/1.1 200 OK\r\n\r\n" + std::string(21, 'x'))
                .error()
                .code,
            error_code::too_large);
}

}  // namespace
}  // namespace nine::http
