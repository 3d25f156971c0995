// An agent that does nothing but durable steps, one after the other, over the socket that agents
// get: each is two requests, its begin and its finish. Prints the monotonic time before the first
// and after the last (ns), then how long each took (us).
//
//   nine-bench-stepper COUNT
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

[[noreturn]] void give_up(const char* what, const std::string& told = {}) {
  std::fprintf(stderr, "nine-bench-stepper: %s %s\n", what, told.c_str());
  std::exit(1);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value) give_up("not told", name);
  return value;
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket, where, sizeof address) != 0) give_up("cannot connect to", path);
  return socket;
}

/// How many bytes the whole answer has; 0 while its head is not complete.
std::size_t size_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  const char* length = ::strcasestr(answer.c_str(), "\r\ncontent-length:");
  if (!length) give_up("an answer without a length:", answer);
  return end + 4 + std::strtoul(length + std::strlen("\r\ncontent-length:"), nullptr, 10);
}

class connection {
 public:
  connection() : socket_(connect_to(variable("NINE_SOCKET"))), token_(variable("NINE_TOKEN")) {}

  void post(const char* target, const std::string& body) {
    const auto request =
        "POST " + std::string(target) + " HTTP/1.1\r\nHost: nine\r\nAuthorization: Bearer " +
        token_ +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    const auto size = static_cast<ssize_t>(request.size());
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != size) give_up("send");
    std::string answer;
    char buffer[4096];
    while (size_of(answer) == 0 || answer.size() < size_of(answer)) {
      const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) give_up("the connection ended");
      answer.append(buffer, static_cast<std::size_t>(got));
    }
    if (answer.rfind("HTTP/1.1 200", 0) != 0) give_up("refused:", answer);
  }

 private:
  int socket_;
  std::string token_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  connection core;
  std::vector<double> took_us;
  const auto begin = now_ns();
  for (int step = 0; step < std::atoi(arguments[1]); ++step) {
    const auto began = now_ns();
    const auto key = "\"key\":\"step-" + std::to_string(step) + "\"";
    core.post("/v1/steps/begin", "{" + key + ",\"effect\":\"idempotent\"}");
    core.post("/v1/steps/finish", "{" + key + ",\"result\":\"done\"}");
    took_us.push_back(static_cast<double>(now_ns() - began) / 1e3);
  }
  std::printf("%lld %lld\n", static_cast<long long>(begin), static_cast<long long>(now_ns()));
  for (const auto took : took_us)
    std::printf("%.1f\n", took);
}
