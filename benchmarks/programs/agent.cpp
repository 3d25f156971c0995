// The agent of the benchmarks, the same for every rival: stamps the time as its first instruction,
// says so, and waits for its end.
//
//   nine-bench-agent SOCKET INDEX
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "benchmarks/stamp.hpp"

int main(int count, char** arguments) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (count != 3) return 2;
  nine::benchmarks::stamp mine{};
  mine.at_ns = now.tv_sec * 1'000'000'000LL + now.tv_nsec;
  mine.pid = ::getpid();
  mine.index = std::atoi(arguments[2]);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (::sendto(socket, &mine, sizeof mine, 0, where, sizeof address) != sizeof mine) return 1;
  for (;;)
    ::pause();
}
