#include "ninelives/supervision/shim/protocol.hpp"

#include <gtest/gtest.h>

#include <random>

namespace nine::supervision::shim {
namespace {

const environment::process_identity some_process{4711, 987654321, "0a1b-boot"};

const std::vector<request> requests{core_hello{1, core_epoch(42)},
                                    start{epoch(7),
                                          epoch(6),
                                          {"/bin/echo", "a b", ""},
                                          {"PATH=/bin", "X="},
                                          "/tmp",
                                          "",
                                          "/l/out",
                                          "/l/err",
                                          16 * MiB,
                                          5 * GiB},
                                    start{},
                                    stop{epoch(7), 10'000},
                                    acknowledge_exit{epoch(-1)},
                                    quit{}};

const std::vector<event> events{
    shim_hello{1,
               some_process,
               agent_state::running,
               epoch(9),
               some_process,
               "/sys/fs/cgroup/a",
               {exited{epoch(7), environment::exit_status::signalled(9), true, 12}, exited{}},
               {start_failed{epoch(8), 2, "no such file"}}},
    shim_hello{},
    started{epoch(1), some_process, "/sys/fs/cgroup/nine/t1.a1"},
    start_failed{epoch(2), 2, "start /x: No such file or directory"},
    exited{epoch(3), environment::exit_status::exited(255), true, 1ull << 40, 5},
    refused{1, epoch(4), "older"}};

std::string payload_of(const std::string& frame) {
  return frame.substr(4);
}

TEST(shim_protocol, every_request_comes_back_as_it_was) {
  for (const auto& message : requests) {
    const auto decoded = decode_request(payload_of(encode(message)));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, message);
  }
}

TEST(shim_protocol, every_event_comes_back_as_it_was) {
  for (const auto& message : events) {
    const auto decoded = decode_event(payload_of(encode(message)));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, message);
  }
}

TEST(shim_protocol, the_bytes_of_version_1_are_these) {
  EXPECT_EQ(encode(request(stop{epoch(258), 3})), std::string("\x0e\0\0\0"
                                                              "\x03\0"
                                                              "\x02\x01\0\0\0\0\0\0"
                                                              "\x03\0\0\0",
                                                              18));
  EXPECT_EQ(encode(event(refused{1, epoch(2), "no"})), std::string("\x12\0\0\0"
                                                                   "\x69\0"
                                                                   "\x01\0"
                                                                   "\x02\0\0\0\0\0\0\0"
                                                                   "\x02\0\0\0no",
                                                                   22));
}

TEST(shim_protocol, frames_come_out_of_pieces_of_any_size) {
  std::string all;
  for (const auto& message : requests)
    all += encode(message);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    frame_reader reader;
    std::vector<request> seen;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      reader.feed(std::string_view(all).substr(at, piece));
      for (auto frame = reader.next();; frame = reader.next()) {
        ASSERT_TRUE(frame);
        if (frame->empty()) break;
        seen.push_back(decode_request(*frame).value());
      }
    }
    EXPECT_EQ(seen, requests) << "pieces of " << piece;
  }
}

TEST(shim_protocol, a_frame_too_large_or_too_small_breaks_the_stream_for_good) {
  for (const std::string& length : {std::string("\x01\0\x40\0", 4), std::string("\xff\xff\xff\xff"),
                                    std::string("\0\0\0\0", 4), std::string("\x01\0\0\0", 4)}) {
    frame_reader reader;
    reader.feed(length);
    EXPECT_EQ(reader.next().error().code, error_code::protocol_error);
    reader.feed(encode(requests[0]));
    EXPECT_EQ(reader.next().error().code, error_code::protocol_error);
  }
}

TEST(shim_protocol, a_message_cut_anywhere_or_lengthened_is_refused) {
  for (const auto& message : requests) {
    const auto whole = payload_of(encode(message));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(decode_request(whole.substr(0, size)).error().code, error_code::protocol_error);
    }
    EXPECT_EQ(decode_request(whole + '\0').error().code, error_code::protocol_error);
  }
}

TEST(shim_protocol, a_message_sent_the_wrong_way_is_refused) {
  EXPECT_FALSE(decode_event(payload_of(encode(requests[0]))));
  EXPECT_FALSE(decode_request(payload_of(encode(events[0]))));
}

TEST(shim_protocol, a_count_larger_than_the_frame_allocates_nothing) {
  std::string payload =
      payload_of(encode(request(start{epoch(1), {}, {}, {}, "", "", "", "", 0, 0})));
  payload.replace(18, 4, "\xff\xff\xff\x7f");  // the count of arguments
  EXPECT_EQ(decode_request(payload).error().code, error_code::protocol_error);
}

TEST(shim_protocol, values_out_of_range_are_refused) {
  auto payload = payload_of(encode(event(exited{epoch(3), {}, false, 0})));
  payload[10] = 3;  // no such way to end
  EXPECT_FALSE(decode_event(payload));
  payload = payload_of(encode(event(exited{epoch(3), {}, false, 0})));
  payload[15] = 2;  // no boolean
  EXPECT_FALSE(decode_event(payload));
}

TEST(shim_protocol, what_garbage_decodes_to_encodes_to_the_same_garbage) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    auto payload = payload_of(encode(requests[random() % requests.size()]));
    for (int change = 0; change < 3; ++change) {
      payload[random() % payload.size()] = static_cast<char>(random());
    }
    if (const auto decoded = decode_request(payload)) {
      EXPECT_EQ(payload_of(encode(*decoded)), payload);
    }
  }
}

}  // namespace
}  // namespace nine::supervision::shim
