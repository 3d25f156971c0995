#include "ninelives/telemetry/redactor.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace nine::telemetry {
namespace {

constexpr std::string_view replacement = "[redacted]";

/// Beginnings of the keys of well-known services, and how many letters must follow.
struct key_form {
  std::string_view beginning;
  std::size_t letters_least;
};
constexpr std::array<key_form, 14> key_forms{{{"sk-", 12},
                                              {"pk-", 12},
                                              {"xai-", 12},
                                              {"gsk_", 16},
                                              {"ghp_", 16},
                                              {"gho_", 16},
                                              {"ghs_", 16},
                                              {"github_pat_", 16},
                                              {"glpat-", 12},
                                              {"xoxb-", 12},
                                              {"xoxp-", 12},
                                              {"AKIA", 12},
                                              {"AIza", 20},
                                              {"hf_", 16}}};

/// The last word of a name that holds a secret; upper and lower case alike.
constexpr std::array<std::string_view, 12> secret_words{
    "api_key", "apikey",        "api-key", "password",   "passwd", "secret",
    "token",   "authorization", "cookie",  "credential", "auth",   "private_key"};

constexpr std::size_t scheme_letters_least = 6;

/// Also '*', with which providers blot out the middle of a key they repeat.
bool is_key_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~' || c == '*';
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::size_t key_letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_key_letter) - text.begin());
}

/// A secret found at the place looked at: how much of the text before it stays, how much goes.
struct finding {
  std::size_t kept = 0;
  std::size_t removed = 0;
};

std::optional<finding> find_known_key(std::string_view text) {
  for (const auto& [beginning, letters_least] : key_forms) {
    if (!text.starts_with(beginning)) continue;
    const auto letters = key_letters(text.substr(beginning.size()));
    if (letters >= letters_least) return finding{0, beginning.size() + letters};
  }
  return std::nullopt;
}

/// "Bearer VALUE", "Basic VALUE" of an HTTP header.
std::optional<finding> find_credentials(std::string_view text) {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    if (!starts_with_ignoring_case(text, scheme)) continue;
    const auto letters = key_letters(text.substr(scheme.size()));
    if (letters >= scheme_letters_least) return finding{scheme.size(), letters};
  }
  return std::nullopt;
}

/// "://user:password@host": all of the user part goes.
std::optional<finding> find_user_part(std::string_view text) {
  constexpr std::string_view begin = "://";
  constexpr std::size_t user_part_bytes_most = 512;
  if (!text.starts_with(begin)) return std::nullopt;
  const auto rest = text.substr(begin.size(), user_part_bytes_most);
  const auto authority = rest.substr(0, rest.find_first_of("/?# \t\r\n\"'<>"));
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  return finding{begin.size(), at};
}

/// Headers whose value has several words, all of them secret.
bool has_value_of_words(std::string_view name) {
  constexpr std::string_view authorization = "authorization";
  constexpr std::string_view cookie = "cookie";
  const auto ends_with = [&](std::string_view word) {
    return name.size() >= word.size() &&
           starts_with_ignoring_case(name.substr(name.size() - word.size()), word);
  };
  return ends_with(authorization) || ends_with(cookie);
}

/// The value after a name that ends here: = or :, perhaps quotes and blanks, then the value.
std::optional<finding> find_assigned_value(std::string_view name, std::string_view after_name) {
  std::size_t at = 0;
  const auto skip = [&](std::string_view letters) {
    while (at < after_name.size() && at < 16 && letters.find(after_name[at]) != letters.npos)
      ++at;
  };
  skip("\"'\\ ");
  if (at >= after_name.size() || (after_name[at] != '=' && after_name[at] != ':')) {
    return std::nullopt;
  }
  ++at;
  skip(" \"'\\");
  const auto value = after_name.substr(at);
  const bool words = has_value_of_words(name);
  if (const auto found = find_credentials(value); found && !words) {
    return finding{at + found->kept, found->removed};
  }
  const auto ends = words ? "\r\n\"'" : " \t\r\n\"'\\&;,)}]<>";
  const auto end = std::min(value.find_first_of(ends), value.size());
  // "token: none" and "auth=true" tell nothing; a real one is longer than that.
  if (end < scheme_letters_least || value.starts_with(replacement)) return std::nullopt;
  return finding{at, end};
}

class scan {
 public:
  scan(std::string_view text, const std::vector<std::string>& secrets)
      : text_(text), secrets_(secrets) {
    out_.reserve(text.size());
  }

  std::string run() {
    while (at_ < text_.size()) {
      if (!take_secret()) step();
    }
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  bool take_secret() {
    if (const auto found = find_registered()) return take(*found);
    const bool word_begins = at_ == 0 || !is_name_letter(text_[at_ - 1]);
    if (word_begins) {
      if (const auto found = find_known_key(rest())) return take(*found);
      if (const auto found = find_credentials(rest())) return take(*found);
    }
    if (text_[at_] == ':') {
      if (const auto found = find_user_part(rest())) return take(*found);
    }
    const bool name_ends = at_ > name_start_ && !is_name_letter(text_[at_]);
    if (!name_ends) return false;
    const auto name = text_.substr(name_start_, at_ - name_start_);
    if (!names_a_secret(name)) return false;
    const auto found = find_assigned_value(name, rest());
    return found && take(*found);
  }

  std::optional<finding> find_registered() const {
    for (const auto& secret : secrets_) {
      if (rest().starts_with(secret)) return finding{0, secret.size()};
    }
    return std::nullopt;
  }

  bool take(const finding& found) {
    out_ += rest().substr(0, found.kept);
    out_ += replacement;
    at_ += found.kept + found.removed;
    name_start_ = at_;
    return true;
  }

  void step() {
    if (!is_name_letter(text_[at_])) name_start_ = at_ + 1;
    out_ += text_[at_++];
  }

  std::string_view text_;
  const std::vector<std::string>& secrets_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t name_start_ = 0;  ///< where the run of name letters before `at_` begins
};

}  // namespace

redactor::redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const auto& secret) { return secret.size() < secret_bytes_least; });
  std::ranges::sort(secrets_, std::ranges::greater{}, &std::string::size);
}

std::string redactor::redact(std::string_view text) const {
  return scan(text, secrets_).run();
}

std::string redactor::redact_values(std::string_view text) const {
  std::string out(text);
  for (const auto& secret : secrets_) {
    for (auto at = out.find(secret); at != std::string::npos;
         at = out.find(secret, at + replacement.size()))
      out.replace(at, secret.size(), replacement);
  }
  return out;
}

bool names_a_secret(std::string_view name) {
  constexpr std::size_t name_bytes_most = 128;
  if (name.size() > name_bytes_most) return false;
  if (name.size() == 3 && starts_with_ignoring_case(name, "key")) return true;
  return std::ranges::any_of(secret_words, [&](std::string_view word) {
    return name.size() >= word.size() &&
           starts_with_ignoring_case(name.substr(name.size() - word.size()), word);
  });
}

}  // namespace nine::telemetry
