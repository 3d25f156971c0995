#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"

namespace nine::supervision {

/// When a child that ended by itself is started again. Words and meaning are Erlang/OTP's.
enum class restart_type {
  permanent,  ///< always
  transient,  ///< after an abnormal end only
  temporary,  ///< never; its specification is forgotten when it ends
};

enum class child_type { worker, supervisor };

/// How a child is made to end.
struct shutdown_policy {
  enum class kind {
    brutal_kill,  ///< KILL at once
    timeout,      ///< TERM, `grace`, KILL
    infinity,     ///< TERM, then as long as it takes: for supervisors
  };

  kind how = kind::timeout;
  duration grace = 5s;  ///< for kind::timeout

  static constexpr shutdown_policy brutal_kill() { return {kind::brutal_kill, 0s}; }
  static constexpr shutdown_policy after(duration grace) { return {kind::timeout, grace}; }
  /// As people say it, to whom no grace means no TERM.
  static constexpr shutdown_policy within(duration grace) {
    return grace > 0s ? after(grace) : brutal_kill();
  }
  static constexpr shutdown_policy infinity() { return {kind::infinity, 0s}; }

  bool operator==(const shutdown_policy&) const = default;
};

/// Whether a supervisor ends itself when children that matter have ended (S2).
enum class auto_shutdown { never, any_significant, all_significant };

/// What a supervisor knows of a child before it runs.
struct child_specification {
  std::string id;  ///< unique in its supervisor
  restart_type restart = restart_type::permanent;
  shutdown_policy shutdown;
  child_type type = child_type::worker;
  bool significant = false;  ///< its end by itself counts for auto_shutdown

  bool operator==(const child_specification&) const = default;
};

/// The defaults differ by type, as in OTP: 5 s for a worker, infinity for a supervisor.
child_specification worker_child(std::string id);
child_specification supervisor_child(std::string id);

constexpr std::size_t child_id_bytes_most = 200;
constexpr duration shutdown_grace_most = 24h;

/// Error invalid_argument, naming the child, the field and what would be right.
result<void> validate(const child_specification& specification, auto_shutdown mode);

std::string_view to_string(restart_type type) noexcept;
std::string_view to_string(child_type type) noexcept;
std::string_view to_string(auto_shutdown mode) noexcept;

}  // namespace nine::supervision
