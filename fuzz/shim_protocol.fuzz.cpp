// Whatever comes over a shim's socket, in whatever pieces, and whatever stands in its file of
// endings: refused, or understood as it would be sent again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

namespace {

using namespace nine::supervision::shim;

constexpr std::size_t length_bytes = 4;

void decode(std::string_view payload) {
  if (const auto request = decode_request(payload))
    NINE_ASSERT(std::string_view(encode(*request)).substr(length_bytes) == payload);
  if (const auto event = decode_event(payload))
    NINE_ASSERT(std::string_view(encode(*event)).substr(length_bytes) == payload);
}

void decode_stream(std::string_view input, std::size_t step) {
  frame_reader frames;
  while (!input.empty()) {
    frames.feed(input.substr(0, step));
    input.remove_prefix(std::min(step, input.size()));
    for (auto next = frames.next(); next && !next->empty(); next = frames.next())
      decode(*next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  decode(input);
  decode_stream(input, data[0] + std::size_t{1});
  std::string lines;
  for (const auto& ending : parse_endings(input))
    lines += format_ending(ending);
  NINE_ASSERT(parse_endings(lines).size() ==
              static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')));
  return 0;
}
