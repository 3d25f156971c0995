#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

/// Unix stream sockets that never block, but for connect.
namespace nine::environment::system {

class unix_stream {
 public:
  explicit unix_stream(descriptor connected) : descriptor_(std::move(connected)) {}

  /// Error: not_found, unavailable (nobody listens), too_large (path).
  static result<unix_stream> connect(const std::string& path);

  int native_handle() const { return descriptor_.get(); }

  /// Empty: nothing is there yet. 0: the other side has ended.
  result<std::optional<std::size_t>> read_some(std::span<char> buffer);

  /// How many bytes were taken, 0 when there is no room.
  result<std::size_t> write_some(std::string_view data);

 private:
  descriptor descriptor_;
};

class unix_listener {
 public:
  /// A listening socket that somebody else bound, such as one received from the parent.
  static result<unix_listener> adopt(descriptor listening);

  /// Replaces a stale socket file; mode 0600.
  static result<unix_listener> bind(const std::string& path);

  int native_handle() const { return descriptor_.get(); }

  /// Empty: nobody is waiting (any more).
  result<std::optional<unix_stream>> accept();

  /// The path it is bound to; empty for a socket without one.
  std::string path() const;

 private:
  explicit unix_listener(descriptor listening) : descriptor_(std::move(listening)) {}

  descriptor descriptor_;
};

}  // namespace nine::environment::system
