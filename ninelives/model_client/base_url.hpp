#pragma once

#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/network.hpp"

namespace nine::model_client {

/// Where an OpenAI-compatible endpoint is.
struct base_url {
  environment::tcp_endpoint server{};
  std::string prefix{};  ///< "/v1", without a slash at the end; may be empty
};

/// Reads "https://host[:port][/prefix]" or the same with http. User names and passwords in it are
/// refused, for addresses are shown in messages. Error: invalid_argument, never repeating what may
/// be a secret.
result<base_url> parse_base_url(std::string_view text);

}  // namespace nine::model_client
