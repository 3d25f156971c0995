#pragma once

#include <unistd.h>

#include <utility>

namespace nine::environment {

/// Owns a file descriptor and closes it.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int value) : value_(value) {}
  descriptor(descriptor&& other) noexcept : value_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~descriptor() { reset(-1); }

  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }
  explicit operator bool() const { return value_ >= 0; }

 private:
  void reset(int value) {
    if (value_ >= 0) ::close(value_);
    value_ = value;
  }

  int value_ = -1;
};

}  // namespace nine::environment
