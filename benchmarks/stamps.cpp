#include "benchmarks/stamps.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "benchmarks/check.hpp"

namespace nine::benchmarks {

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

stamps::stamps(std::string path) : path_(std::move(path)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  check(path_.size() < sizeof address.sun_path, "the directory for the benchmarks is too long");
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int bound = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  check(bound == 0, "bind " + path_);
}

stamps::~stamps() {
  ::close(socket_);
  ::unlink(path_.c_str());
}

stamp stamps::next() {
  pollfd waiting{socket_, POLLIN, 0};
  const auto wait_ms = static_cast<int>(std::chrono::milliseconds(patience).count());
  check(::poll(&waiting, 1, wait_ms) == 1, "an agent that was due did not begin to run");
  stamp said;
  check(::recv(socket_, &said, sizeof said, 0) == sizeof said, "receive from an agent");
  auto& known = agents_[said.index];
  known.pid = said.pid;
  ++known.lives;
  return said;
}

std::int64_t stamps::wait_for(int first, int count, int lives) {
  int missing = count;
  for (int index = first; index < first + count; ++index)
    missing -= agents_[index].lives >= lives ? 1 : 0;
  std::int64_t last = 0;
  while (missing > 0) {
    const auto said = next();
    const bool due =
        said.index >= first && said.index < first + count && agents_[said.index].lives == lives;
    if (!due) continue;
    last = std::max(last, said.at_ns);
    --missing;
  }
  return last;
}

bool stamps::silent() const {
  pollfd waiting{socket_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 0;
}

}  // namespace nine::benchmarks
