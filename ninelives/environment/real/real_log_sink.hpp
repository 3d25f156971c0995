#pragma once

#include <mutex>
#include <string_view>
#include <utility>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/log_sink.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// Lines to a descriptor that is open already and stays so, such as 2 for stderr. What a reader
/// that has gone or does not read leaves unwritten is lost.
class descriptor_log_sink final : public log_sink {
 public:
  explicit descriptor_log_sink(int target) : target_(target) {}

  bool write_line(std::string_view line) noexcept override;

 private:
  int target_;
  std::mutex mutex_;  ///< a line longer than a pipe takes at once stays whole
  bool cut_ = false;  ///< the last line was written in part only
};

/// Lines appended to a file (mode 0600). When the next line would make it larger than `size_most`
/// it is renamed to NAME.1, replacing that, and begun anew: two files at most. Several processes
/// may append to one file; each notices when another has moved it. After a failure (disk full) each
/// further line tries again. When stderr of this process is that file, it moves along with it: what
/// a dying process writes there (an assertion, a sanitizer) stands in the bounded log, too.
class file_log_sink final : public log_sink {
 public:
  file_log_sink(path file, bytes size_most);

  /// Whether stderr of this process went to the file when this object was made.
  bool has_standard_error() const { return has_standard_error_; }

  /// Tells a wrong path or a missing right at once; the lines themselves need no call before them.
  /// Errors as of files.
  result<void> open();

  bool write_line(std::string_view line) noexcept override;

 private:
  result<void> make_room(bytes needed);
  bool was_moved() const;

  path file_;
  bytes size_most_;
  bool has_standard_error_;
  std::mutex mutex_;
  system::descriptor opened_;
  bool cut_ = false;  ///< the last line was written in part only
};

}  // namespace nine::environment
