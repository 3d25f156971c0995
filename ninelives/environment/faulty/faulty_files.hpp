#pragma once

#include "ninelives/environment/faulty/fault_plan.hpp"
#include "ninelives/environment/files.hpp"

namespace nine::environment {

/// Files that fail now and then: reads and writes with io_error, writes with resource_exhausted as
/// on a full disk. A write that fails leaves the old content, as files promises. Thread: one.
class faulty_files final : public files {
 public:
  faulty_files(files& real, random& chance, const fault_rates& rates)
      : real_(real), plan_(chance, rates) {}

  result<std::string> read(const path& file, bytes limit) override;

  /// May give less than there is, as from a log that is being written.
  result<std::string> read_range(const path& file, bytes offset, bytes limit) override;
  result<void> write_durably(const path& file, std::string_view content) override;
  result<void> make_directory(const path& directory) override;
  result<std::vector<std::string>> list(const path& directory) override;
  result<file_information> information(const path& file) override;
  result<void> remove(const path& file) override;

 private:
  result<void> meet_fault(std::string_view action, const path& file);

  files& real_;
  fault_plan plan_;
};

}  // namespace nine::environment
