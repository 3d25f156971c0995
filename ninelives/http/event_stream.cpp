#include "ninelives/http/event_stream.hpp"

#include <algorithm>
#include <charconv>

#include "ninelives/base/assert.hpp"

namespace nine::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_line_end(char letter) {
  return letter == '\n' || letter == '\r';
}

void append_data_lines(std::string& text, std::string_view data) {
  while (true) {
    const auto end = std::ranges::find_if(data, is_line_end);
    text += "data: ";
    text.append(data.begin(), end);
    text += '\n';
    if (end == data.end()) return;
    const auto size = static_cast<std::size_t>(end - data.begin());
    data.remove_prefix(data.substr(size).starts_with("\r\n") ? size + 2 : size + 1);
  }
}

}  // namespace

result<std::vector<sent_event>> event_stream_parser::feed(std::string_view piece) {
  std::vector<sent_event> events;
  while (!piece.empty()) {
    if (after_carriage_return_ && piece.front() == '\n') piece.remove_prefix(1);
    after_carriage_return_ = false;
    const auto end = std::ranges::find_if(piece, is_line_end);
    const auto size = static_cast<std::size_t>(end - piece.begin());
    if (line_.size() + size + data_.size() > limit_) {
      return fail(error_code::too_large,
                  "an event of the stream is larger than " + std::to_string(limit_) + " bytes");
    }
    line_.append(piece.substr(0, size));
    piece.remove_prefix(size);
    if (piece.empty()) break;
    after_carriage_return_ = piece.front() == '\r';
    piece.remove_prefix(1);
    const auto line = std::exchange(line_, {});
    take_line(line, events);
  }
  return events;
}

void event_stream_parser::take_line(std::string_view line, std::vector<sent_event>& events) {
  if (std::exchange(at_start_, false) && line.starts_with(byte_order_mark)) {
    line.remove_prefix(byte_order_mark.size());
  }
  if (line.empty()) return dispatch(events);
  if (line.starts_with(':')) return;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return take_field(line, "");
  auto value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
}

void event_stream_parser::take_field(std::string_view field, std::string_view value) {
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    name_ = value;
  } else if (field == "id") {
    if (!value.contains('\0')) id_ = value;
  } else if (field == "retry") {
    std::int64_t wait_ms = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), wait_ms);
    const bool digits = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (problem == std::errc{} && digits && end == value.data() + value.size()) retry_ms_ = wait_ms;
  }
}

void event_stream_parser::dispatch(std::vector<sent_event>& events) {
  // Without any data line there is no event; one empty data line makes an event with empty data.
  if (has_data_)
    events.push_back({id_, name_.empty() ? std::string("message") : name_, std::move(data_)});
  data_.clear();
  has_data_ = false;
  name_.clear();
}

std::string format_event(const sent_event& event) {
  NINE_ASSERT(std::ranges::none_of(event.id, is_line_end));
  NINE_ASSERT(std::ranges::none_of(event.name, is_line_end));
  std::string text;
  if (!event.id.empty()) text += "id: " + event.id + "\n";
  if (!event.name.empty()) text += "event: " + event.name + "\n";
  append_data_lines(text, event.data);
  return text + "\n";
}

std::string format_comment(std::string_view text) {
  NINE_ASSERT(std::ranges::none_of(text, is_line_end));
  return ": " + std::string(text) + "\n\n";
}

response event_stream_response(body_stream stream) {
  response made;
  made.fields.add("Content-Type", "text/event-stream");
  made.fields.add("Cache-Control", "no-store");
  made.stream = std::move(stream);
  return made;
}

}  // namespace nine::http
