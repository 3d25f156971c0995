#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::home {

/// What the rule where the home is looks at: values of environment variables, empty when not set.
struct home_variables {
  std::string nine_home;       ///< NINE_HOME
  std::string xdg_state_home;  ///< XDG_STATE_HOME; ignored when not absolute, as XDG says
  std::string home;            ///< HOME
};

/// $NINE_HOME, else $XDG_STATE_HOME/ninelives, else $HOME/.local/state/ninelives; normalised, so
/// that the same home has one name. Error: invalid_argument (relative NINE_HOME, or none is set).
result<std::filesystem::path> home_root(const home_variables& variables);

/// Where everything of a home lies. Pure: paths only, nothing is touched.
///
/// Sockets: the address of a Unix socket holds at most 107 bytes. They lie in ROOT/run when that
/// leaves socket_name_bytes_most for a name, else in /tmp/nine-USER-HASH (hash of the root). The
/// rule uses nothing but root and user: every process of the home, started from a terminal, from
/// cron or by systemd, finds the same place. (XDG_RUNTIME_DIR would not do: it differs between
/// those, and is removed at logout while agents work on.) Whoever binds there calls prepare_home(),
/// which proves that the directory is ours. Locks always lie in ROOT/run.
class home_layout {
 public:
  static constexpr std::size_t socket_name_bytes_most = 32;

  home_layout(std::filesystem::path root, std::uint32_t user_id);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path run_directory() const { return root_ / "run"; }
  std::filesystem::path guard_lock() const { return run_directory() / "guard.lock"; }
  std::filesystem::path core_lock() const { return run_directory() / "core.lock"; }

  const std::filesystem::path& socket_directory() const { return socket_directory_; }
  std::filesystem::path control_socket() const { return socket("control.sock"); }
  std::filesystem::path agent_socket() const { return socket("agent.sock"); }
  std::filesystem::path notify_socket() const { return socket("notify.sock"); }
  /// For sockets of others, shims above all. `name` has at most socket_name_bytes_most bytes.
  std::filesystem::path socket(std::string_view name) const;

  std::filesystem::path journal_database() const { return root_ / "journal.db"; }
  /// What could be read of a damaged journal; see salvage.hpp of the journal's store.
  std::filesystem::path salvaged() const { return root_ / "salvaged"; }
  std::filesystem::path blobs() const { return root_ / "blobs"; }
  std::filesystem::path shims() const { return root_ / "shims"; }
  std::filesystem::path tasks() const { return root_ / "tasks"; }
  std::filesystem::path logs() const { return root_ / "log"; }
  std::filesystem::path credentials() const { return root_ / "credentials"; }
  /// Exists while the home is stopped on purpose; see tombstone.hpp.
  std::filesystem::path tombstone() const { return root_ / "stopped"; }
  /// Why the core can do nothing with this home; see refusal.hpp.
  std::filesystem::path refusal() const { return run_directory() / "refusal"; }
  /// The newest core's epoch; see supervision/shim/core_epoch_record.hpp.
  std::filesystem::path core_epoch() const { return root_ / "core_epoch"; }
  /// A secret of the home, from which others are derived; see prepare_home.hpp.
  std::filesystem::path home_key() const { return root_ / "home_key"; }

 private:
  std::filesystem::path root_;
  std::filesystem::path socket_directory_;
};

}  // namespace nine::home
