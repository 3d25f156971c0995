#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/base/units.hpp"

namespace nine::journal {

/// Large bodies, named by what they contain: "sha256-" and 64 hexadecimal digits of the
/// uncompressed content. Written, synced and read back before put() returns, so that a fact that
/// names a blob can always read it. Calls block; thread: any.
class blob_store {
 public:
  virtual ~blob_store() = default;

  /// Storing the same content again costs a look-up. Errors: too_large, resource_exhausted,
  /// io_error.
  virtual result<std::string> put(std::string_view content) = 0;

  /// Errors: not_found, corrupted (the content does not match its name), io_error.
  virtual result<std::string> get(std::string_view digest) = 0;

  /// Names, in order behind `after`, of blobs that no put() has given away since `before`, and of
  /// what a put() before that left unfinished because its process was killed; at most `limit`. For
  /// whoever looks for those that nothing names any more.
  virtual result<std::vector<std::string>> list_older(wall_time before, std::string_view after,
                                                      std::size_t limit) = 0;

  /// Removes what has such a name, unless a put() has given it away since `before`. No error when
  /// it is not there. To be called where put() is called, so that neither comes into the midst of
  /// the other.
  virtual result<void> remove_older(std::string_view name, wall_time before) = 0;
};

}  // namespace nine::journal
