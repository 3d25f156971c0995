#include "ninelives/journal/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "ninelives/base/assert.hpp"

namespace nine::journal {
namespace {

constexpr std::string_view prefix = "sha256-";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t digest_bytes = 32;

}  // namespace

std::string digest_of(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const int made =
      EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr);
  NINE_ASSERT(made == 1 && length == digest_bytes);
  std::string name(prefix);
  for (std::size_t index = 0; index < digest_bytes; ++index) {
    name += digits[digest[index] >> 4];
    name += digits[digest[index] & 15];
  }
  return name;
}

bool is_digest(std::string_view text) {
  if (!text.starts_with(prefix) || text.size() != prefix.size() + 2 * digest_bytes) return false;
  return text.find_first_not_of(digits, prefix.size()) == std::string_view::npos;
}

}  // namespace nine::journal
