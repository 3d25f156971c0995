#include "ninelives/http/target.hpp"

#include <cstdint>

namespace nine::http {
namespace {

int hexadecimal_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool is_unreserved(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
         letter == '~';
}

/// Calls `take` with each part of `text` between separators.
template <class Take>
void for_each_part(std::string_view text, char separator, Take take) {
  while (true) {
    const auto end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::unexpected<error> malformed(std::string_view text) {
  return fail(error_code::invalid_argument,
              "malformed request target '" + std::string(text.substr(0, 200)) + "'");
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hexadecimal_digit(text[i + 1]);
    const int low = hexadecimal_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char letter : text) {
    const auto value = static_cast<std::uint8_t>(letter);
    if (is_unreserved(letter)) {
      encoded += letter;
    } else {
      encoded += {'%', digits[value >> 4], digits[value & 15]};
    }
  }
  return encoded;
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for_each_part(path, '/', [&](std::string_view part) {
    if (!part.empty()) parts.push_back(part);
  });
  return parts;
}

std::optional<std::string_view> target::find(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

result<target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return malformed(text);
  const auto question = text.find('?');
  target parsed;
  for (const auto part : split_path(text.substr(0, question))) {
    auto segment = percent_decode(part);
    if (!segment) return malformed(text);
    parsed.segments.push_back(*std::move(segment));
  }
  if (question == std::string_view::npos) return parsed;

  bool decodable = true;
  for_each_part(text.substr(question + 1), '&', [&](std::string_view part) {
    if (part.empty()) return;
    const auto equals = part.find('=');
    auto key = percent_decode(part.substr(0, equals));
    auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    decodable = decodable && key && value;
    if (decodable) parsed.query.emplace_back(*std::move(key), *std::move(value));
  });
  if (!decodable) return malformed(text);
  return parsed;
}

}  // namespace nine::http
