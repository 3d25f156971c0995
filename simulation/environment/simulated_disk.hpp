#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/environment/files.hpp"
#include "simulation/machine/faults.hpp"
#include "simulation/scheduler/random_stream.hpp"

namespace nine::simulation {

/// The file system of a machine, in memory: what processes see, and beside it what a power loss
/// would leave. Everything is one step; a crash falls between two of them.
class simulated_disk {
 public:
  using path = environment::path;
  using wall_source = std::function<wall_time()>;

  simulated_disk(random_stream random, const faults& plan, wall_source wall);

  result<std::string> read(const path& file, bytes limit);
  result<std::string> read_range(const path& file, bytes offset, bytes limit);
  result<void> write_durably(const path& file, std::string_view content);
  result<void> make_directory(const path& directory);
  result<std::vector<std::string>> list(const path& directory);
  result<environment::file_information> information(const path& file);
  result<void> remove(const path& file);

  /// As a process with an open log file does; makes the file, and syncs nothing.
  result<void> append(const path& file, std::string_view text);

  /// An entry without content that is there at once: a socket, a lock. Not synced.
  result<void> make_entry(const path& file);

  /// Power is lost: of what was not synced, the seed decides what is still there.
  void crash();

  bool exists(const path& file) const;
  /// What a file holds, without faults; empty when there is none.
  std::string content(const path& file) const;

 private:
  struct node {
    bool is_directory = false;
    std::string content;
    wall_time modified{};
    bool whole = false;  ///< put there with its content synced: a crash takes all of it or nothing
    bool operator==(const node&) const = default;
  };
  using tree = std::map<std::string, node>;

  result<void> may_fail(std::string_view action, const path& file);
  result<void> may_write(std::string_view action, const path& file);
  result<const node*> find_file(std::string_view action, const path& file) const;
  void sync_parents(const std::string& name);
  void keep_or_lose(const std::string& name, const tree& before);

  random_stream random_;
  const faults& faults_;
  wall_source wall_;
  tree seen_;
  tree synced_;
};

/// A process's view of its machine's disk.
class simulated_files final : public environment::files {
 public:
  explicit simulated_files(simulated_disk& disk) : disk_(disk) {}

  result<std::string> read(const environment::path& file, bytes limit) override {
    return disk_.read(file, limit);
  }
  result<std::string> read_range(const environment::path& file, bytes offset,
                                 bytes limit) override {
    return disk_.read_range(file, offset, limit);
  }
  result<void> write_durably(const environment::path& file, std::string_view content) override {
    return disk_.write_durably(file, content);
  }
  result<void> make_directory(const environment::path& directory) override {
    return disk_.make_directory(directory);
  }
  result<std::vector<std::string>> list(const environment::path& directory) override {
    return disk_.list(directory);
  }
  result<environment::file_information> information(const environment::path& file) override {
    return disk_.information(file);
  }
  result<void> remove(const environment::path& file) override { return disk_.remove(file); }

 private:
  simulated_disk& disk_;
};

}  // namespace nine::simulation
