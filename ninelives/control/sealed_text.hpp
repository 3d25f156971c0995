#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::control {

/// Makes texts that hold secrets (an agent's variables) unreadable without the home's key, so that
/// no key of a provider stands in a file of the home, and a task's directory can be shown around.
/// Who can read the whole home can open them: this is no protection against its owner.
///
/// AES-256-GCM; the key is HMAC-SHA-256 of the home's key over a fixed label, the nonce the first
/// 96 bits of an HMAC over the text: the same text gives the same bytes, and no chance is needed.
/// Pure; thread: any.
class sealed_texts {
 public:
  explicit sealed_texts(std::string_view home_key);

  std::string seal(std::string_view text) const;

  /// Error: corrupted, when it was not sealed with this key, or was changed.
  result<std::string> open(std::string_view sealed) const;

 private:
  std::string key_;
};

}  // namespace nine::control
