#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace nine {

/// A number that cannot be mistaken for another kind of number. Zero means "none".
template <class Tag>
class strong_id {
 public:
  constexpr strong_id() = default;
  constexpr explicit strong_id(std::int64_t value) : value_(value) {}

  constexpr std::int64_t value() const { return value_; }
  constexpr explicit operator bool() const { return value_ != 0; }
  constexpr strong_id next() const { return strong_id(value_ + 1); }
  constexpr auto operator<=>(const strong_id&) const = default;

 private:
  std::int64_t value_ = 0;
};

}  // namespace nine

template <class Tag>
struct std::hash<nine::strong_id<Tag>> {
  std::size_t operator()(nine::strong_id<Tag> id) const noexcept {
    return std::hash<std::int64_t>{}(id.value());
  }
};
