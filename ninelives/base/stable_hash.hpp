#pragma once

#include <cstdint>
#include <string_view>

namespace nine {

/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every build and
/// program, unlike std::hash, and so fit for what is written down. It tells accidents, not malice.
class stable_hash {
 public:
  constexpr void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

  /// Its bytes alone: who adds several texts adds their sizes, too.
  constexpr void add(std::string_view text) {
    for (const char letter : text)
      add_byte(static_cast<unsigned char>(letter));
  }

  /// Its eight bytes, the lowest first.
  constexpr void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
      add_byte(static_cast<unsigned char>(number >> shift));
  }

  constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

constexpr std::uint64_t stable_hash_of(std::string_view text) {
  stable_hash hash;
  hash.add(text);
  return hash.value();
}

}  // namespace nine
