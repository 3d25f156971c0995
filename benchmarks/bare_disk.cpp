#include "benchmarks/bare_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "benchmarks/check.hpp"
#include "benchmarks/stamps.hpp"

namespace nine::benchmarks {
namespace {

constexpr int pages = 1'024;

}  // namespace

bare_disk::bare_disk(const std::string& directory)
    : file_(::open((directory + "/bare").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
  for (int i = 0; i < pages; ++i)
    write_page();
  check(::fsync(file_) == 0, "sync a file");
}

bare_disk::~bare_disk() {
  ::close(file_);
}

double bare_disk::step_us() {
  const auto begin = now_ns();
  for (int i = 0; i < 2; ++i) {
    write_page();
    check(::fdatasync(file_) == 0, "sync a file");
  }
  return static_cast<double>(now_ns() - begin) / 1e3;
}

void bare_disk::write_page() {
  const auto size = static_cast<ssize_t>(page_.size());
  const bool written = ::pwrite(file_, page_.data(), page_.size(), next_++ % pages * size) == size;
  check(written, "write to a file");
}

}  // namespace nine::benchmarks
