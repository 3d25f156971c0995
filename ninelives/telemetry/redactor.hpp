#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nine::telemetry {

/// Takes secrets out of texts (X3): the values it was given, and what has the form of a key. Made
/// once, then never changed. Thread: any.
class redactor {
 public:
  /// Shorter values are not searched for: they would hit honest words.
  static constexpr std::size_t secret_bytes_least = 8;

  redactor() = default;
  explicit redactor(std::vector<std::string> secrets);

  /// The text with "[redacted]" for each secret: registered values; keys with a well-known
  /// beginning (sk-, ghp_, AKIA, …); what follows "Bearer " or "Basic "; a password in a URL
  /// (https://user:PASSWORD@host); the value after names such as api_key, token, password,
  /// secret, followed by '=' or ':' ("api_key": "VALUE", ?key=VALUE). Linear in the text.
  std::string redact(std::string_view text) const;

  /// Only the registered values: for texts that must otherwise stay as they are, such as results.
  std::string redact_values(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  ///< longest first: one may contain another
};

/// Whether a field of this name holds a secret, whatever its value: api_key, authorization,
/// OPENAI_API_KEY, password, …
bool names_a_secret(std::string_view name);

}  // namespace nine::telemetry
