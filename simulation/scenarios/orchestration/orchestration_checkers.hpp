#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "ninelives/journal/stores/memory/memory_medium.hpp"
#include "simulation/checkers/checker.hpp"

namespace nine::simulation {

/// When a program of a task starts, nothing of an earlier life of the task runs, and its epoch is
/// above all that the same core started, and not below the one on record. (It may be used again by
/// a core that found neither record nor shim of it: then nothing is left that could use it, too.)
class one_life_at_a_time final : public checker {
 public:
  explicit one_life_at_a_time(std::shared_ptr<journal::stores::memory_medium> medium)
      : medium_(std::move(medium)) {}
  void process_started(world& stage, const process_record& born) override;

 private:
  std::int64_t epoch_on_record(const std::string& task) const;

  std::shared_ptr<journal::stores::memory_medium> medium_;
  std::map<std::string, std::int64_t> epochs_;  ///< the highest of the newest core's, by task
};

/// Once `nine down` has said that the home is stopped, nothing of it is left, and nothing starts
/// before the next `nine up` (S16).
class stopped_stays_stopped final : public checker {
 public:
  explicit stopped_stays_stopped(std::filesystem::path home) : home_(std::move(home)) {}
  void process_started(world& stage, const process_record& born) override;
  void process_ended(world& stage, const process_record& gone) override;

 private:
  std::filesystem::path home_;
  bool stopped_ = false;
  bool start_asked_ = false;  ///< by an `up` since the `down` that runs
};

/// A core that finds a tombstone when it begins was started to end what is left: it begins nothing.
class tombstone_begins_nothing final : public checker {
 public:
  explicit tombstone_begins_nothing(std::filesystem::path tombstone)
      : tombstone_(std::move(tombstone)) {}
  void process_started(world& stage, const process_record& born) override;

 private:
  std::filesystem::path tombstone_;
  std::map<const process_record*, monotonic_time> ending_;  ///< such cores, and when they began
};

/// An agent that ended well is not begun again in its attempt: what it did is paid for once,
/// whoever dies. Not so when the machine lost power or its disk failed, when the shim died in that
/// moment, or when the home was being stopped: who ends well then may have given up.
class done_is_not_repeated final : public checker {
 public:
  explicit done_is_not_repeated(std::filesystem::path tombstone)
      : tombstone_(std::move(tombstone)) {}
  void process_started(world& stage, const process_record& born) override;
  void process_ended(world& stage, const process_record& gone) override;

 private:
  struct ending {
    monotonic_time at{};
    std::string boot_id;
  };
  std::filesystem::path tombstone_;
  std::map<std::string, ending> done_;  ///< by task and attempt
};

}  // namespace nine::simulation
