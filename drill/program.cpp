#include "drill/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace nine::drill {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts)
    list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

running_program::running_program(const std::vector<std::string>& arguments,
                                 const std::map<std::string, std::string>& environment,
                                 const std::string& directory, const std::string& output_stem,
                                 const std::string& input)
    : output_stem_(output_stem) {
  auto words = arguments;
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment)
    variables.push_back(name + "=" + value);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, (output_stem_ + ".out").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, (output_stem_ + ".err").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  const auto problem = posix_spawn(&pid_, words.front().c_str(), &actions, nullptr,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw std::runtime_error("cannot start " + words.front());
}

running_program::~running_program() {
  if (pid_ <= 0) return;
  send_signal(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void running_program::signal(int number) const {
  send_signal(pid_, number);
}

std::string running_program::out() const {
  return read_file(output_stem_ + ".out");
}

std::string running_program::err() const {
  return read_file(output_stem_ + ".err");
}

outcome running_program::wait(std::chrono::seconds patience) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd waiting{handle, POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  const bool ended = ::poll(&waiting, 1, static_cast<int>(milliseconds)) == 1;
  ::close(handle);
  if (!ended) send_signal(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  const int code = ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return {code, out(), err()};
}

bool send_signal(int pid, int number) {
  EXPECT_GT(pid, 1) << "no process to send signal " << number << " to";
  return pid > 1 && ::kill(pid, number) == 0;
}

bool is_alive(int pid) {
  const auto told = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = told.rfind(") ");  // the name may hold anything
  return name_end != std::string::npos &&
         std::string_view("ZX").find(told[name_end + 2]) == std::string_view::npos;
}

std::string send_and_receive(const std::string& socket, std::string_view text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{30, 0};
  ::setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    while (!text.empty()) {
      const auto sent = ::send(handle, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // refused; the answer says why
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(handle, piece, sizeof piece)) > 0;)
      answer.append(piece, static_cast<std::size_t>(got));
  }
  ::close(handle);
  return answer;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace nine::drill
