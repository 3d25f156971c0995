// Whatever a peer sends, in whatever pieces: the decoders neither crash nor keep more than their
// limits allow.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ninelives/http/decoder.hpp"
#include "ninelives/http/event_stream.hpp"

namespace {

using namespace nine::http;

const message_limits limits{.head_bytes_most = 1024, .body_bytes_most = 1024};

template <class Take>
void in_pieces(std::string_view input, std::size_t step, Take take) {
  while (!input.empty()) {
    take(input.substr(0, step));
    input.remove_prefix(std::min(step, input.size()));
  }
}

void decode_requests(std::string_view input, std::size_t step) {
  request_decoder decoder(limits);
  in_pieces(input, step, [&](std::string_view piece) {
    decoder.feed(piece);
    while (decoder.current() == request_decoder::state::whole) {
      if (decoder.take().body.size() > limits.body_bytes_most) __builtin_trap();
      decoder.feed("");
    }
  });
}

void decode_response(std::string_view input, std::size_t step) {
  response_decoder decoder(limits, false);
  event_stream_parser parser(1024);
  bool going = true;
  in_pieces(input, step, [&](std::string_view piece) {
    going = going && decoder.feed(piece).has_value();
    if (going) (void)parser.feed(decoder.take_body());
  });
  if (going) (void)decoder.feed_end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] + std::size_t{1};
  decode_requests(input, step);
  decode_response(input, step);
  event_stream_parser parser(256);
  in_pieces(input, step, [&](std::string_view piece) { (void)parser.feed(piece); });
  return 0;
}
