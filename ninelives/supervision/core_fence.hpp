#pragma once

#include <filesystem>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"

namespace nine::supervision {

/// A core's view of HOME/core_epoch (see shim/core_epoch_record.hpp). A core that was stopped and
/// replaced, and goes on, asks here before everything it does outside the journal, which fences by
/// itself. What a newer core finds was begun before it was on record. Blocks for a small file.
class core_fence {
 public:
  /// The epoch on record, 0 when there is none: the next core's must be higher, also where its
  /// journal is younger than the record. Errors: corrupted, those of files.
  static result<core_epoch> newest(environment::files& files, const std::filesystem::path& record);

  /// An empty path: there is no record, and nothing is fenced.
  core_fence(environment::files& files, std::filesystem::path record, core_epoch mine)
      : files_(&files), record_(std::move(record)), mine_(mine) {}

  /// From the return of this on every older core is fenced. To be called after the claim, and
  /// before anything of the home is looked for. Errors: those of files.
  result<void> take_over();

  /// Errors: fenced; those of files, when nobody can tell.
  result<void> check() const;

  /// Whether a newer core is known for sure.
  bool is_fenced() const;

 private:
  environment::files* files_;
  std::filesystem::path record_;
  core_epoch mine_;
};

}  // namespace nine::supervision
