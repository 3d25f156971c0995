#pragma once

#include <string>

namespace nine::benchmarks {

/// What a durable step costs at least: 2 x (write 4 KiB, fdatasync) over a file that is there
/// already.
class bare_disk {
 public:
  explicit bare_disk(const std::string& directory);
  ~bare_disk();
  bare_disk(const bare_disk&) = delete;
  bare_disk& operator=(const bare_disk&) = delete;

  double step_us();

 private:
  void write_page();

  const std::string page_ = std::string(4096, 'x');
  int file_;
  int next_ = 0;
};

}  // namespace nine::benchmarks
