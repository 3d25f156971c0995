// Whatever a model answers, whole or as a stream: a result or a failure with bounded words.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/http/event_stream.hpp"
#include "ninelives/http/headers.hpp"
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

/// Lines "NAME: VALUE" up to an empty one; they are taken off the input.
http::headers take_headers(std::string_view& input) {
  http::headers fields;
  while (!input.empty()) {
    const auto end = input.find('\n');
    const auto line = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) break;
    fields.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  return fields;
}

/// When to come back is never in the past and never after more than a day.
void classify(unsigned status, const http::headers& fields, std::string_view body) {
  const wall_time now(std::chrono::seconds(1'800'000'000));
  const auto failed = model_client::classify_answer(status, fields, body, now);
  NINE_ASSERT(failed.message.size() <= message_bytes_most);
  NINE_ASSERT(!failed.retry_at ||
              (*failed.retry_at >= now && *failed.retry_at <= now + std::chrono::hours(24)));
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

/// How large the pieces of a stream are, the status above 400, the headers, the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto fields = take_headers(input);
  classify(400 + data[1] % 200U, fields, input);
  check(model_client::parse_completion(input, {}));
  read_stream(input, data[0] + std::size_t{1});
  return 0;
}
