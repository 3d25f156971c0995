#include "ninelives/base/utf8.hpp"

namespace nine {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Where the first byte stands that belongs to no sequence; the size when all do.
std::size_t valid_bytes(std::string_view text) {
  std::size_t at = 0;
  while (const auto length = utf8_sequence_length(text.substr(at)))
    at += length;
  return at;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_most) {
  if (text.size() <= bytes_most) return text;
  std::size_t end = bytes_most;
  // A sequence has at most three continuation bytes; more of them are no UTF-8 to be kept whole.
  for (int back = 0; back < 3 && end > 0 && is_continuation(text[end]); ++back)
    --end;
  return text.substr(0, end);
}

bool is_utf8(std::string_view text) {
  return valid_bytes(text) == text.size();
}

std::string as_utf8(std::string text) {
  std::string_view rest = text;
  if (is_utf8(rest)) return text;
  std::string valid;
  while (!rest.empty()) {
    const auto good = valid_bytes(rest);
    valid += rest.substr(0, good);
    rest.remove_prefix(good);
    if (rest.empty()) break;
    valid += "\xEF\xBF\xBD";
    rest.remove_prefix(1);
  }
  return valid;
}

}  // namespace nine
