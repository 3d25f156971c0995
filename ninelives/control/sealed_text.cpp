#include "ninelives/control/sealed_text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>

#include "ninelives/base/assert.hpp"

namespace nine::control {
namespace {

constexpr std::string_view beginning = "nine-sealed-1\n";
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t text_bytes_most = 1'000'000'000;  // EVP counts with int

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

cipher_context new_context() {
  return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                          digest.data(), &length);
  NINE_ASSERT(made != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), length};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

sealed_texts::sealed_texts(std::string_view home_key) : key_(hmac(home_key, "sealed text 1")) {}

std::string sealed_texts::seal(std::string_view text) const {
  NINE_ASSERT(text.size() <= text_bytes_most);
  const auto nonce = hmac(key_, text).substr(0, nonce_bytes);
  std::string hidden(text.size(), '\0');
  std::string tag(tag_bytes, '\0');
  int length = 0;
  const auto context = new_context();
  const bool made =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                         bytes_of(std::string_view(key_)),
                         bytes_of(std::string_view(nonce))) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(hidden), &length, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(hidden) + length, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()) == 1;
  NINE_ASSERT(made);
  return std::string(beginning) + nonce + tag + hidden;
}

result<std::string> sealed_texts::open(std::string_view sealed) const {
  const auto refused = fail(error_code::corrupted, "it was not sealed with this home's key");
  constexpr auto head = beginning.size() + nonce_bytes + tag_bytes;
  if (!sealed.starts_with(beginning) || sealed.size() < head || sealed.size() > text_bytes_most)
    return refused;
  const auto nonce = sealed.substr(beginning.size(), nonce_bytes);
  std::string tag(sealed.substr(beginning.size() + nonce_bytes, tag_bytes));
  const auto hidden = sealed.substr(head);
  std::string text(hidden.size(), '\0');
  int length = 0;
  const auto context = new_context();
  const bool opened =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                         bytes_of(std::string_view(key_)), bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(text), &length, bytes_of(hidden),
                        static_cast<int>(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(text) + length, &length) == 1;
  if (!opened) return refused;
  return text;
}

}  // namespace nine::control
