#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"

namespace nine::control {

/// Who speaks to the agent API: one incarnation of one attempt.
struct agent_identity {
  task_id task;
  attempt_number attempt;
  epoch incarnation;
  bool operator==(const agent_identity&) const = default;
};

/// Makes and checks the tokens agents carry (X1): "nine-TASK-ATTEMPT-EPOCH-MAC" where MAC is the
/// first 128 bits of HMAC-SHA-256 (RFC 2104) with the home's key over what stands before it.
/// Nothing is stored: a token is valid as long as its epoch is. Pure; thread: any.
class agent_tokens {
 public:
  explicit agent_tokens(std::string_view home_key);

  std::string make(const agent_identity& identity) const;

  /// Error: permission_denied, whatever is wrong with it.
  result<agent_identity> check(std::string_view token) const;

 private:
  /// Holds the key, ready to be used; made once, for a token stands in the way of every restart.
  struct prepared_key;

  std::string mac(std::string_view text) const;
  std::shared_ptr<const prepared_key> key_;
};

}  // namespace nine::control
