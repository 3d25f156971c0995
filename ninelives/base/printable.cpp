#include "ninelives/base/printable.hpp"

#include "ninelives/base/utf8.hpp"

namespace nine {
namespace {

bool is_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
}

void append_shown(std::string& out, unsigned char code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\x";
  out += digits[code >> 4];
  out += digits[code & 0xF];
}

}  // namespace

std::string printable(std::string_view text) {
  const auto valid = as_utf8(std::string(text));
  std::string shown;
  shown.reserve(valid.size());
  for (std::size_t at = 0; at < valid.size(); ++at) {
    const auto byte = static_cast<unsigned char>(valid[at]);
    const auto following = at + 1 < valid.size() ? static_cast<unsigned char>(valid[at + 1]) : 0;
    if (byte == 0xC2 && following < 0xA0) {  // U+0080 to U+009F
      append_shown(shown, static_cast<unsigned char>(following));
      ++at;
    } else if (is_control(byte)) {
      append_shown(shown, byte);
    } else {
      shown += valid[at];
    }
  }
  return shown;
}

std::string printable_line(std::string_view text) {
  std::string line;
  for (const char letter : text) {
    const bool ends_with_both = letter == '\n' && !line.empty() && line.back() == '\r';
    if (ends_with_both) line.pop_back();
    line += letter == '\n' || letter == '\t' ? ' ' : letter;
  }
  return printable(line);
}

}  // namespace nine
