#include "ninelives/model_client/redaction.hpp"

#include <algorithm>
#include <array>

namespace nine::model_client {
namespace {

constexpr std::array<std::string_view, 6> prefixes = {"sk-",  "pk-",  "xai-",
                                                      "gsk_", "AIza", "Bearer "};

bool is_key_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '*' ||
         letter == '.';
}

}  // namespace

std::string redact_keys(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto prefix =
        std::ranges::find_if(prefixes, [&](auto one) { return text.starts_with(one); });
    const bool inside_word = !shown.empty() && is_key_letter(shown.back());
    if (prefix == prefixes.end() || inside_word) {
      shown += text.front();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(prefix->size());
    const auto end = std::ranges::find_if_not(text, is_key_letter);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    shown += "[key]";
  }
  return shown;
}

}  // namespace nine::model_client
