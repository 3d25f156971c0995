#include "simulation/environment/switchboard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nine::simulation {
namespace {

std::string name_of(const environment::endpoint& where) {
  if (const auto* local = std::get_if<environment::unix_endpoint>(&where)) {
    return local->path.lexically_normal().string();
  }
  return fmt::format("port {}", std::get<environment::tcp_endpoint>(where).port);
}

}  // namespace

switchboard::switchboard(scheduler& owner, lane& wire, random_stream random, const faults& plan,
                         simulated_disk& disk)
    : scheduler_(owner), wire_(wire), random_(random), faults_(plan), disk_(disk) {}

/// A Unix socket's name is its file: a second listener takes the name over, and the first one is
/// never found again.
result<std::shared_ptr<listening_socket>> switchboard::listen(const environment::endpoint& where,
                                                              int pid) {
  auto socket = std::make_shared<listening_socket>();
  socket->where = where;
  if (auto* tcp = std::get_if<environment::tcp_endpoint>(&socket->where)) {
    if (tcp->port == 0) tcp->port = ++last_port_;
    if (find(name_of(socket->where))) {
      return fail(error_code::io_error, "listen: Address already in use");
    }
  } else {
    NINE_TRY(disk_.make_entry(std::get<environment::unix_endpoint>(where).path));
  }
  socket->name = name_of(socket->where);
  if (const auto older = find(socket->name)) older->name.clear();
  sockets_.push_back(socket);
  hold(socket, pid);
  return socket;
}

std::shared_ptr<listening_socket> switchboard::find(std::string_view name) const {
  const auto found = std::ranges::find(sockets_, name, [](const auto& each) { return each->name; });
  return found == sockets_.end() ? nullptr : *found;
}

void switchboard::hold(const std::shared_ptr<listening_socket>& socket, int pid) {
  ++socket->holds[pid];
}

void switchboard::release(const std::shared_ptr<listening_socket>& socket, int pid) {
  const auto found = socket->holds.find(pid);
  if (found == socket->holds.end()) return;
  if (--found->second == 0) socket->holds.erase(found);
  close_if_unheld(socket);
}

void switchboard::close_if_unheld(const std::shared_ptr<listening_socket>& socket) {
  socket->changed.wake_all();
  if (socket->open()) return;
  for (auto& each : std::exchange(socket->waiting, {}))
    each->close();
  std::erase(sockets_, socket);
}

result<std::shared_ptr<connection_end>> switchboard::connect(const environment::endpoint& remote,
                                                             int pid) {
  const auto name = name_of(remote);
  const auto* local = std::get_if<environment::unix_endpoint>(&remote);
  if (local != nullptr && !disk_.exists(local->path)) {
    return fail(error_code::unavailable, fmt::format("connect to '{}': No such file", name));
  }
  const auto found = find(name);
  if (!found || random_.chance(faults_.refuse) || found->waiting.size() == waiting_most) {
    return fail(error_code::unavailable, fmt::format("connect to '{}': Connection refused", name));
  }
  const auto make_pipe = [this] {
    return std::make_shared<pipe>(scheduler_, wire_, random_.fork("pipe", ++pipes_), faults_);
  };
  const auto there = make_pipe();
  const auto back = make_pipe();
  auto mine = std::make_shared<connection_end>(back, there);
  own(mine, pid);
  found->waiting.push_back(std::make_shared<connection_end>(there, back));
  found->changed.wake_all();
  return mine;
}

void switchboard::own(const std::shared_ptr<connection_end>& end, int pid) {
  forget_ended();
  ends_.emplace_back(pid, end);
}

void switchboard::forget_ended() {
  std::erase_if(ends_, [](const owned_end& each) {
    const auto end = each.second.lock();
    return !end || end->closed();
  });
}

void switchboard::process_gone(int pid) {
  for (auto& [owner, each] : ends_) {
    const auto end = each.lock();
    if (owner == pid && end) end->close();
  }
  forget_ended();
  const auto sockets = sockets_;
  for (const auto& socket : sockets) {
    if (socket->holds.erase(pid) > 0) close_if_unheld(socket);
  }
}

void switchboard::cut(int pid) {
  for (auto& [owner, each] : ends_) {
    const auto end = each.lock();
    if (owner != pid || !end) continue;
    end->incoming().break_off();
    end->outgoing().break_off();
  }
}

}  // namespace nine::simulation
