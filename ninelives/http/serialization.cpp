#include "ninelives/http/serialization.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ninelives/base/assert.hpp"

namespace nine::http {
namespace {

bool is_framing_field(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Transfer-Encoding") || equal_ignoring_case(name, "Connection");
}

void append_field(std::string& text, std::string_view name, std::string_view value) {
  NINE_ASSERT(!name.empty() && name.find_first_of(" :\r\n") == std::string_view::npos);
  text += name;
  text += ": ";
  std::ranges::transform(value, std::back_inserter(text), [](char letter) {
    return letter == '\r' || letter == '\n' || letter == '\0' ? ' ' : letter;
  });
  text += "\r\n";
}

void append_fields(std::string& text, const headers& fields) {
  for (const auto& [name, value] : fields) {
    if (!is_framing_field(name)) append_field(text, name, value);
  }
}

}  // namespace

std::string format_response_head(const response& head, framing how, std::size_t length,
                                 bool keep_alive) {
  auto text = fmt::format("HTTP/1.1 {} {}\r\n", head.status, reason_of(head.status));
  append_fields(text, head.fields);
  const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304;
  if (how == framing::length && !bodiless) {
    append_field(text, "Content-Length", std::to_string(length));
  }
  if (how == framing::chunked) append_field(text, "Transfer-Encoding", "chunked");
  append_field(text, "Connection", keep_alive ? "keep-alive" : "close");
  return text + "\r\n";
}

std::string format_request_head(std::string_view method, std::string_view target_text,
                                const headers& fields, std::size_t length) {
  NINE_ASSERT(target_text.starts_with('/'));
  NINE_ASSERT(target_text.find_first_of(" \r\n") == std::string_view::npos);
  auto text = fmt::format("{} {} HTTP/1.1\r\n", method, target_text);
  append_fields(text, fields);
  if (length > 0 || method == "POST" || method == "PUT") {
    append_field(text, "Content-Length", std::to_string(length));
  }
  append_field(text, "Connection", "close");
  return text + "\r\n";
}

std::string format_chunk(std::string_view piece) {
  NINE_ASSERT(!piece.empty());
  return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

}  // namespace nine::http
