#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

/// Control groups of version 2, where the machine and our rights allow them. They kill a whole tree
/// at once; all that needs them also has a way without.
namespace nine::environment::system {

/// Where version 2 is mounted, alone or beside version 1, from the text of /proc/self/mounts.
std::optional<std::string> find_cgroup_mount(std::string_view mounts);

/// The path below the mount, from the text of /proc/self/cgroup (the line "0::/path").
std::optional<std::string> find_own_cgroup(std::string_view memberships);

/// A group made by this process below its own; removed again when it is destroyed and empty.
class cgroup {
 public:
  /// What an earlier holder of the same name left in it is killed. Errors: not_found (no version
  /// 2), permission_denied, io_error.
  static result<cgroup> create_below_own(const std::string& name);

  cgroup(cgroup&& other) noexcept = default;
  cgroup& operator=(cgroup&&) = delete;
  ~cgroup();

  const std::string& path() const { return path_; }
  /// For spawn_specification::cgroup.
  int directory() const { return directory_.get(); }

  /// SIGKILL to every process in it. Afterwards it must not be born into any more: Linux kills
  /// those, too. Error: not_found before Linux 5.14.
  result<void> kill_all() const;

  /// Whether any process, a zombie not counted, is in it.
  result<bool> populated() const;

  /// 0: none. Error where the memory controller is not given to us.
  result<void> limit_memory(bytes most) const;

 private:
  cgroup(std::string path, descriptor directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}

  std::string path_;
  descriptor directory_;
};

}  // namespace nine::environment::system
