#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/time.hpp"

namespace nine::journal {

/// Something that happened, as the journal keeps it: never changed, never removed while its task
/// lives. Everything shown about a task (status, progress, cost) is computed from its facts.
struct fact {
  sequence number{};  ///< place in the home's journal, from 1, without gaps
  task_id task{};     ///< 0: about the home itself
  epoch writer{};     ///< the incarnation that reported it; 0: the core
  wall_time at{};
  std::string kind{};    ///< such as "attempt_started"; the vocabulary is in execution/facts.hpp
  std::string body{};    ///< a JSON object
  bool damaged = false;  ///< it cannot be read any more; of the above only its number is known

  bool operator==(const fact&) const = default;
};

/// A fact on its way into the journal.
struct record {
  task_id task{};
  epoch writer{};  ///< not 0: refused with `fenced` unless it is the task's current epoch
  std::optional<epoch>
      raise_to{};  ///< makes this the task's current epoch; must be higher than it was
  std::string kind{};
  std::string body{};
  std::string
      unique_key{};  ///< not empty: refused with `already_exists` when the home has seen this key
  wall_time at{};    ///< when it happened; left out: the journal takes the time of the call
};

/// The kind the stores know themselves: a task with a fact of it has ended. Only ended tasks
/// expire.
inline constexpr std::string_view kind_task_ended = "task_ended";

/// What a crash may take, see docs/journal_format.md.
enum class durability {
  synced,  ///< survives power loss once acknowledged
  lazy,    ///< written with the next group; a crash of the machine may lose the last second
};

}  // namespace nine::journal
