#include "ninelives/configuration/codecs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "ninelives/configuration/quantities.hpp"

namespace nine::configuration {
namespace {

constexpr std::size_t name_bytes_most = 64;

/// An empty text means "not given" wherever only texts of a certain form are taken.
boost::json::value text_to_json(const std::string& from) {
  return from.empty() ? boost::json::value() : boost::json::value(from);
}

/// Which letters a name, a variable and so on may have.
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_variable_name(std::string_view text) {
  const bool starts_well =
      !text.empty() && text.size() <= name_bytes_most * 4 && (text[0] < '0' || text[0] > '9');
  return starts_well &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

/// Beginnings by which the common kinds of keys are known. Better one miss than a refusal of an
/// honest value: only what nothing else begins with.
constexpr std::array<std::string_view, 9> secret_beginnings{
    "sk-", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "Bearer "};
constexpr std::size_t secret_bytes_least = 16;

bool looks_like_a_secret(std::string_view text) {
  return text.size() >= secret_bytes_least &&
         std::ranges::any_of(secret_beginnings, [&](auto s) { return text.starts_with(s); });
}

/// A text that may stand in a message although it was meant to hold something else.
bool may_be_shown(std::string_view text) {
  return text.find('@') == std::string_view::npos &&
         std::ranges::none_of(secret_beginnings, [&](auto beginning) {
           return text.find(beginning) != std::string_view::npos;
         });
}

/// A text that passes `is_right`, or the refusal `complaint`. The text itself is shown unless it
/// may be a secret.
codec<std::string> checked_text(std::string type, std::string expected,
                                std::function<bool(std::string_view)> is_right,
                                std::string complaint) {
  const auto read = [=](reader& in, const node& from, std::string& to) {
    const auto* given = expect_text(in, from, expected);
    if (given == nullptr) return;
    if (!is_right(*given)) {
      const auto shown = may_be_shown(*given) ? quoted(*given) : std::string("the value");
      in.refuse(from.at, shown + complaint);
      return;
    }
    to = *given;
  };
  return {.type = std::move(type), .range = {}, .read = read, .write = text_to_json};
}

bool is_url(std::string_view text) {
  const bool known_scheme = text.starts_with("http://") || text.starts_with("https://");
  if (!known_scheme) return false;
  const auto authority = text.substr(text.find("//") + 2);
  const auto host = authority.substr(0, authority.find_first_of("/?#"));
  // A user part would carry a password (user:secret@host).
  return !host.empty() && host.find('@') == std::string_view::npos &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

/// A quantity: parsed by `parse`, bounded, shown by `format`.
template <class Value, class Parse, class Format>
codec<Value> quantity(std::string type, std::string expected, Value least, Value most, Parse parse,
                      Format format) {
  const auto range = fmt::format("{} to {}", format(least), format(most));
  const auto read = [=](reader& in, const node& from, Value& to) {
    const auto* given = expect_text(in, from, expected);
    if (given == nullptr) return;
    const std::optional<Value> value = parse(*given);
    if (!value) {
      in.refuse(from.at, fmt::format("{} is not {}", quoted(*given), expected));
    } else if (*value < least || *value > most) {
      in.refuse(from.at, fmt::format("{} is out of range; allowed is {}", quoted(*given), range));
    } else {
      to = *value;
    }
  };
  return {.type = std::move(type), .range = range, .read = read, .write = [](const Value&) {
            return boost::json::value();
          }};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

const std::string* expect_text(reader& in, const node& from, std::string_view expected) {
  switch (from.what) {
    case node::kind::scalar:
      if (from.scalar.size() <= text_bytes_most) return &from.scalar;
      in.refuse(from.at, fmt::format("a text of {} bytes; at most {} are taken", from.scalar.size(),
                                     text_bytes_most));
      return nullptr;
    case node::kind::null:
      in.refuse(from.at, fmt::format("the value is missing; write {}", expected));
      return nullptr;
    case node::kind::sequence:
      in.refuse(from.at, fmt::format("a list stands here; write {}", expected));
      return nullptr;
    case node::kind::map:
      in.refuse(from.at, fmt::format("a map stands here; write {}", expected));
      return nullptr;
  }
  return nullptr;
}

bool expect_map(reader& in, const node& from, const std::vector<std::string>& keys) {
  // `limits:` with nothing below it is a map without keys.
  if (from.what == node::kind::map || from.what == node::kind::null) return true;
  std::string some;
  for (std::size_t i = 0; i < std::min<std::size_t>(keys.size(), 3); ++i) {
    some += (some.empty() ? " such as " : ", ") + keys[i];
  }
  in.refuse(from.at, "a map is expected here, with keys" + (some.empty() ? " (names)" : some));
  return false;
}

void refuse_key(reader& in, const node::entry& entry, const std::vector<std::string>& keys,
                const std::map<std::string, std::string>& refused) {
  if (const auto answer = refused.find(entry.key); answer != refused.end()) {
    in.refuse(entry.key_at, fmt::format("key '{}': {}", entry.key, answer->second));
    return;
  }
  in.refuse(entry.key_at,
            fmt::format("unknown key {}{}", quoted(entry.key), suggestion(entry.key, keys)));
}

bool expect_name(reader& in, const node::entry& entry) {
  const auto& name = entry.key;
  const bool right = !name.empty() && name.size() <= name_bytes_most &&
                     is_letter_or_digit(name[0]) && std::ranges::all_of(name, [](char c) {
                       return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
                     });
  if (!right) {
    in.refuse(entry.key_at,
              fmt::format("{} cannot be a name; use letters, digits, '-', '_' and '.', beginning "
                          "with a letter or digit, at most {}",
                          quoted(name), name_bytes_most));
  }
  return right;
}

std::string show_default(const boost::json::value& value) {
  if (value.is_null()) return "";
  if (const auto* shown = value.if_string()) return std::string(*shown);
  if (const auto* list = value.if_array()) {
    std::string shown;
    for (const auto& item : *list)
      shown += (shown.empty() ? "" : ", ") + show_default(item);
    return shown;
  }
  if (value.is_object()) return "";
  return value.is_double() ? fmt::format("{}", value.get_double())
                           : fmt::format("{}", value.to_number<std::int64_t>());
}

codec<std::string> text() {
  auto how = checked_text("text", "a text", [](std::string_view) { return true; }, "");
  how.write = [](const std::string& from) { return boost::json::value(from); };
  return how;
}

codec<std::string> variable_name() {
  return checked_text("variable", "the name of an environment variable", is_variable_name,
                      " is not the name of an environment variable; write its name here, such as "
                      "OPENAI_API_KEY, never what it holds");
}

codec<std::string> variable_pattern() {
  const auto is_right = [](std::string_view text) {
    if (text.ends_with('*')) text.remove_suffix(1);
    return is_variable_name(text);
  };
  return checked_text("variable", "the name of an environment variable", is_right,
                      " is not the name of an environment variable, such as LANG or LC_*");
}

codec<std::string> url() {
  return checked_text("URL", "an address such as https://api.example.com/v1", is_url,
                      " is not an address such as https://api.example.com/v1 (http or https, no "
                      "user and no password in it)");
}

bool is_relative_path(std::string_view text) {
  return !text.empty() && text[0] != '/' && text != ".." && !text.starts_with("../") &&
         !text.ends_with("/..") && text.find("/../") == std::string_view::npos;
}

codec<std::string> relative_path() {
  return checked_text("path", "a relative path", is_relative_path,
                      " must be a path below the workspace, without '..' and no '/' in front");
}

codec<std::string> name_in(std::string section) {
  auto how = text();
  how.type = "name";
  how.range = "a key of " + section;
  how.write = text_to_json;
  how.read = [inner = how.read, section](reader& in, const node& from, std::string& to) {
    const auto refusals = in.refusals();
    inner(in, from, to);
    if (in.refusals() == refusals) in.refer(from.at, section, to);
  };
  return how;
}

codec<duration> time_span(duration least, duration most) {
  auto how = quantity<duration>("duration", "a duration such as 500ms, 30s, 5m, 1h or 7d", least,
                                most, parse_duration, format_duration);
  how.write = [](const duration& from) { return boost::json::value(format_duration(from)); };
  return how;
}

codec<bytes> size(bytes least, bytes most) {
  auto how = quantity<bytes>("size", "a size such as 512B, 64KiB, 16MiB or 2GiB", least, most,
                             parse_size, format_size);
  how.write = [](const bytes& from) { return boost::json::value(format_size(from)); };
  return how;
}

codec<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most) {
  const auto show = [](std::uint32_t value) { return std::to_string(value); };
  auto how = quantity<std::uint32_t>("number", "a whole number", least, most,
                                     parse_number<std::uint32_t>, show);
  how.write = [](const std::uint32_t& from) { return boost::json::value(from); };
  return how;
}

codec<double> number(double least, double most) {
  const auto show = [](double value) { return fmt::format("{}", value); };
  const auto parse = [](std::string_view text) -> std::optional<double> {
    const auto value = parse_number<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
  };
  auto how = quantity<double>("number", "a number", least, most, parse, show);
  how.write = [](const double& from) { return boost::json::value(from); };
  return how;
}

codec<std::map<std::string, std::string>> variables() {
  using map = std::map<std::string, std::string>;
  const auto read_one = [](reader& in, const node::entry& entry, map& to) {
    const auto inside = in.enter(entry.key);
    const auto* value = expect_text(in, *entry.value, "a text (\"\" for an empty one)");
    if (value == nullptr) return;
    if (!is_variable_name(entry.key)) {
      in.refuse(entry.key_at, quoted(entry.key) + " is not the name of an environment variable");
    } else if (looks_like_a_secret(*value)) {
      in.refuse(entry.value->at,
                "the value looks like a secret; keep it in the environment and name the variable "
                "in 'pass'");
    } else {
      to.emplace(entry.key, *value);
    }
  };
  const auto read = [read_one](reader& in, const node& from, map& to) {
    if (!expect_map(in, from, {})) return;
    map made;
    for (const auto& entry : from.entries)
      read_one(in, entry, made);
    to = std::move(made);
  };
  const auto write = [](const map& from) -> boost::json::value {
    boost::json::object out;
    for (const auto& [name, value] : from)
      out.emplace(name, value);
    return out;
  };
  return {.type = "map of text", .range = {}, .read = read, .write = write};
}

}  // namespace nine::configuration
