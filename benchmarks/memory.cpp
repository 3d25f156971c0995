// Memory of the core and of a shim, as the kernel counts it.
#include <fstream>

#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"

namespace nine::benchmarks {
namespace {

struct memory_kib {
  double resident = 0;      ///< all pages in memory, shared ones too
  double proportional = 0;  ///< shared ones by their part
  double own = 0;           ///< pages nobody shares
};

memory_kib memory_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  memory_kib memory;
  double size = 0;
  std::string word;
  while (in >> word) {
    if (!word.ends_with(':') || !(in >> size)) continue;
    if (word == "Rss:") memory.resident = size;
    if (word == "Pss:") memory.proportional = size;
    if (word == "Private_Clean:" || word == "Private_Dirty:") memory.own += size;
  }
  check(memory.resident > 0, "read the memory of process " + std::to_string(pid));
  return memory;
}

measurement core_row(const std::string& when, const memory_kib& memory, double aim_mib) {
  measurement row{.what = "core with " + when + ", resident",
                  .unit = "MiB",
                  .values = {memory.resident / 1024},
                  .aim = "<= " + std::to_string(static_cast<int>(aim_mib)) + " MiB",
                  .note = "proportional set " +
                          std::to_string(static_cast<int>(memory.proportional / 1024 + 0.5)) +
                          " MiB"};
  row.met = row.value() <= aim_mib;
  return row;
}

}  // namespace

std::vector<measurement> measure_memory(bench_context& context) {
  std::vector<measurement> rows;
  {
    bench_home empty(context.directory + "/empty-home", "");
    empty.up();
    rows.push_back(core_row("0 agents", memory_of(empty.look().core), 20));
  }
  auto& fleet = context.agents();
  const auto view = fleet.wait_until_steady();
  rows.push_back(core_row(std::to_string(fleet.size()) + " agents", memory_of(view.core), 60));

  measurement shim{.what = "one shim, private", .unit = "KiB", .aim = "<= 250 KiB"};
  for (const auto& [child, pid] : view.shims)
    shim.values.push_back(memory_of(pid).own);
  shim.met = shim.value() <= 250;
  rows.push_back(shim);
  return rows;
}

}  // namespace nine::benchmarks
