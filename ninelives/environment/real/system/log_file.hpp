#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "ninelives/base/units.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

/// Makes the file, mode 0600, if it is not there. None when it cannot be opened.
descriptor open_to_append(const std::string& path);

/// A file that is appended to and moved to NAME.1 (replacing it) when it would grow past a size.
/// What the disk does not take is lost, counted, and told in the file when it takes again: whoever
/// writes is never made to wait or die for a log.
class log_file {
 public:
  /// Mode 0600. `bytes_most` 0: never moved. The file is made by its first byte: most programs
  /// never write an error, and to make a file costs more than to start a process may.
  log_file(std::string path, bytes bytes_most) : path_(std::move(path)), bytes_most_(bytes_most) {}

  /// Makes it now, if it can be made, so that the first byte finds it there.
  void open();

  void append(std::string_view data);

  /// Empties it.
  void clear();

  const std::string& path() const { return path_; }
  bytes bytes_most() const { return bytes_most_; }
  bytes lost() const { return lost_; }
  /// Whether the next byte goes to where `path()` leads; false once somebody moved or removed the
  /// open file.
  bool in_place() const;

 private:
  void rotate();
  void tell_what_was_lost();
  bool write_all(std::string_view data);

  std::string path_;
  bytes bytes_most_;
  descriptor file_;  ///< none before the first byte
  bytes size_ = 0;
  bytes lost_ = 0;
  bytes lost_untold_ = 0;
};

}  // namespace nine::environment::system
