#include "ninelives/model_client/base_url.hpp"

#include <algorithm>
#include <charconv>

namespace nine::model_client {
namespace {

std::unexpected<error> wrong(std::string_view what) {
  return fail(error_code::invalid_argument, "the model's base URL " + std::string(what) +
                                                "; it looks like https://api.example.org/v1");
}

bool take_scheme(std::string_view& text, base_url& into) {
  into.server.tls = text.starts_with("https://");
  if (!into.server.tls && !text.starts_with("http://")) return false;
  text.remove_prefix(into.server.tls ? 8 : 7);
  into.server.port = into.server.tls ? 443 : 80;
  return true;
}

bool is_host_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
         letter == ':';
}

/// "host", "host:1", "[::1]", "[::1]:1".
result<void> take_authority(std::string_view authority, base_url& into) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return wrong("has no ']'");
    into.server.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    into.server.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (into.server.host.empty() || !std::ranges::all_of(into.server.host, is_host_letter)) {
    return wrong("has no usable host");
  }
  if (port.empty()) return {};
  const auto digits = port.substr(1);
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), into.server.port);
  const bool whole = end == digits.data() + digits.size();
  if (port.front() != ':' || problem != std::errc{} || !whole || into.server.port == 0) {
    return wrong("has no usable port");
  }
  return {};
}

bool is_path_letter(char letter) {
  return letter > ' ' && letter < 127 && letter != '?' && letter != '#' && letter != '"';
}

}  // namespace

result<base_url> parse_base_url(std::string_view text) {
  base_url read;
  if (!take_scheme(text, read)) return wrong("begins neither with https:// nor with http://");
  const auto slash = std::min(text.find('/'), text.size());
  const auto authority = text.substr(0, slash);
  if (authority.contains('@')) return wrong("holds a user name; give the key on its own");
  NINE_TRY(take_authority(authority, read));
  auto prefix = text.substr(slash);
  while (prefix.ends_with('/'))
    prefix.remove_suffix(1);
  if (!std::ranges::all_of(prefix, is_path_letter)) return wrong("has letters no path can have");
  read.prefix = prefix;
  return read;
}

}  // namespace nine::model_client
