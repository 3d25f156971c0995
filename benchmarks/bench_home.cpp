#include "benchmarks/bench_home.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "benchmarks/check.hpp"
#include "benchmarks/child_program.hpp"
#include "ninelives/home/home_layout.hpp"

namespace nine::benchmarks {
namespace {

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  check(path.size() < sizeof address.sun_path, "the directory for the benchmarks is too long");
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  check(::connect(socket, where, sizeof address) == 0, "connect to " + path);
  return socket;
}

/// Sends the request and reads until the other side has said all.
std::string ask(int socket, const std::string& request) {
  std::string answer;
  bool good = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(request.size());
  std::array<char, 65536> buffer;
  for (ssize_t got = 1; good && got != 0;) {
    got = ::recv(socket, buffer.data(), buffer.size(), 0);
    good = got >= 0;
    if (good) answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(socket);
  check(good, "talk to the core");
  return answer;
}

}  // namespace

bench_home::bench_home(std::string root, const std::string& configuration)
    : root_(std::move(root)) {
  std::filesystem::create_directories(root_ + "/workspace");
  std::ofstream(root_ + "/nine.yaml") << configuration;
}

bench_home::~bench_home() {
  if (run("down") != 0) std::fprintf(stderr, "the home %s could not be stopped\n", root_.c_str());
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::vector<std::string> bench_home::environment() const {
  return {"NINE_HOME=" + root_, "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + root_};
}

int bench_home::run(const std::string& command) {
  child_program running({program("nine"), command}, environment(), root_ + "/command.log");
  return running.wait();
}

void bench_home::up() {
  check(run("up") == 0, "nine up failed, see " + root_ + "/command.log");
}

boost::json::object bench_home::call(const std::string& method, const std::string& target,
                                     const std::string& body) {
  const int socket = connect_to(home::home_layout(root_, ::getuid()).control_socket());
  const auto answer = ask(socket, method + " " + target +
                                      " HTTP/1.1\r\nHost: nine\r\nConnection: close\r\n"
                                      "Content-Type: application/json\r\nContent-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto end = answer.find("\r\n\r\n");
  const bool good = answer.starts_with("HTTP/1.1 200") && end != std::string::npos;
  check(good, method + " " + target + ": " + answer.substr(0, 500));
  return boost::json::parse(answer.substr(end + 4)).as_object();
}

std::string bench_home::give(const std::vector<std::string>& command) {
  const boost::json::object task{{"text", "work"},
                                 {"directory", root_ + "/workspace"},
                                 {"command", boost::json::value_from(command)},
                                 {"timeout_ms", 24 * 3600 * 1000}};
  const auto given = call("POST", "/v1/tasks", boost::json::serialize(task));
  return std::string(given.at("task").as_string());
}

std::string bench_home::result_of(const std::string& task) {
  const auto ended = call("GET", "/v1/tasks/" + task + "?wait_ms=60000", "");
  check(ended.at("status").as_string() == "succeeded", boost::json::serialize(ended));
  return std::string(ended.at("result").as_string());
}

home_view bench_home::look() {
  home_view view;
  const auto status = call("GET", "/v1/status", "");
  for (const auto& entry : status.at("processes").as_array()) {
    const auto& process = entry.as_object();
    const auto& role = process.at("role").as_string();
    const auto& state = process.at("state").as_string();
    const int pid = process.at("pid").to_number<int>();
    if (role == "core") view.core = pid;
    if (role != "shim" && role != "agent") continue;
    const std::string child(process.at("child").as_string());
    if (role == "shim") {
      view.shims[child] = pid;
      view.shims_connected += state == "connected" ? 1 : 0;
    } else if (state == "running") {
      view.agents[child] = pid;
    }
  }
  return view;
}

}  // namespace nine::benchmarks
