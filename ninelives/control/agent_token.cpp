#include "ninelives/control/agent_token.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

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

struct agent_tokens::prepared_key {
  using context = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
  context keyed{nullptr, &EVP_MAC_CTX_free};
};

agent_tokens::agent_tokens(std::string_view home_key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  auto made = std::make_shared<prepared_key>();
  made->keyed.reset(EVP_MAC_CTX_new(hmac.get()));
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const int keyed =
      EVP_MAC_init(made->keyed.get(), reinterpret_cast<const unsigned char*>(home_key.data()),
                   home_key.size(), parameters);
  NINE_ASSERT(keyed == 1);
  key_ = std::move(made);
}

std::string agent_tokens::mac(std::string_view text) const {
  const prepared_key::context context(EVP_MAC_CTX_dup(key_->keyed.get()), &EVP_MAC_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t length = 0;
  const bool made =
      context &&
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size()) == 1 &&
      EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) == 1;
  NINE_ASSERT(made && length >= mac_bytes);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hexadecimal;
  for (std::size_t index = 0; index < mac_bytes; ++index) {
    hexadecimal += digits[digest[index] >> 4];
    hexadecimal += digits[digest[index] & 15];
  }
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
