#include "ninelives/control/agent_token.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "ninelives/base/assert.hpp"

namespace nine::control {
namespace {

constexpr std::string_view prefix = "nine-";
constexpr std::size_t mac_bytes = 16;

/// Takes "NUMBER-" off the front of the text; zero when it is not there.
std::int64_t take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (problem != std::errc{} || used >= text.size() || text[used] != '-') return 0;
  text.remove_prefix(used + 1);
  return value;
}

}  // namespace

std::string agent_tokens::mac(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const auto* made = HMAC(EVP_sha256(), home_key_.data(), static_cast<int>(home_key_.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                          digest.data(), &length);
  NINE_ASSERT(made != nullptr && length >= mac_bytes);
  std::string hexadecimal;
  for (std::size_t index = 0; index < mac_bytes; ++index)
    hexadecimal += fmt::format("{:02x}", digest[index]);
  return hexadecimal;
}

std::string agent_tokens::make(const agent_identity& identity) const {
  const auto text = fmt::format("{}{}-{}-{}-", prefix, identity.task.value(),
                                identity.attempt.value(), identity.incarnation.value());
  return text + mac(text);
}

result<agent_identity> agent_tokens::check(std::string_view token) const {
  const auto refused =
      fail(error_code::permission_denied, "the token in the Authorization header is not valid");
  if (!token.starts_with(prefix) || token.size() > 128) return refused;
  auto rest = token.substr(prefix.size());
  agent_identity identity;
  identity.task = task_id(take_number(rest));
  // The input command of a task runs before its first attempt: attempt 0 is valid.
  identity.attempt = attempt_number(take_number(rest));
  identity.incarnation = epoch(take_number(rest));
  const auto expected = make(identity);
  const bool same = expected.size() == token.size() &&
                    CRYPTO_memcmp(expected.data(), token.data(), token.size()) == 0;
  if (!same || !identity.task || !identity.incarnation) return refused;
  return identity;
}

}  // namespace nine::control
