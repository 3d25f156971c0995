// Whatever a model answers, whole or as a stream: a result or a failure with bounded words.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/http/event_stream.hpp"
#include "ninelives/model_client/failure.hpp"
#include "ninelives/model_client/model_client.hpp"

namespace {

using namespace nine;

constexpr std::size_t event_bytes_most = 64 * 1024;
constexpr std::size_t message_bytes_most = 8 * 1024;

void check(const model_client::model_result<model_client::chat_result>& answer) {
  if (answer) {
    NINE_ASSERT(answer->usage.prompt >= 0 && answer->usage.completion >= 0);
  } else {
    NINE_ASSERT(answer.error().message.size() <= message_bytes_most);
  }
}

void read_stream(std::string_view input, std::size_t step) {
  http::event_stream_parser parser(event_bytes_most);
  model_client::completion_stream stream;
  while (!input.empty()) {
    auto events = parser.feed(input.substr(0, step));
    input.remove_prefix(std::min(step, input.size()));
    if (!events) return;
    for (const auto& event : *events) {
      if (!stream.take(event.data, {})) return;
    }
  }
  check(std::move(stream).finish({}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  check(model_client::parse_completion(input, {}));
  read_stream(input, data[0] + std::size_t{1});
  const auto failed = model_client::classify_answer(400 + data[1] % 200U, {}, input, {});
  NINE_ASSERT(failed.message.size() <= message_bytes_most);
  return 0;
}
