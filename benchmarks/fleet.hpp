#pragma once

#include <memory>
#include <string>

#include "benchmarks/bench_home.hpp"
#include "benchmarks/child_program.hpp"
#include "benchmarks/stamps.hpp"

namespace nine::benchmarks {

/// The same number of the same agents twice: kept by Ninelives, and by the bare loop.
class fleet {
 public:
  fleet(const std::string& directory, int count);
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  int size() const { return count_; }
  bench_home& home() { return home_; }
  stamps& said() { return stamps_; }
  /// Index of the first agent of each; the others follow.
  static constexpr int first_kept = 0;
  static constexpr int first_bare = 1'000'000;

  /// Waits until the core knows every agent to run as the process that spoke last, and the shims
  /// are connected; what it said then.
  home_view wait_until_steady();
  /// Does this view show just that?
  bool is_whole(const home_view& view) const;
  /// The core looks at its agents below /proc when it is asked how they are. A process that was
  /// looked at costs more when it ends, so the others are looked at, too.
  void look_at_bare() const;

 private:
  int count_;
  stamps stamps_;
  bench_home home_;
  std::unique_ptr<child_program> bare_;
};

}  // namespace nine::benchmarks
