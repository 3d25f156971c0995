#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/environment.hpp"
#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/manual_worker.hpp"
#include "ninelives/environment/process_sight.hpp"
#include "ninelives/supervision/shim/shim_core.hpp"

/// What the tests of the drivers stand on: a machine in memory whose time moves only when the test
/// says so, and whose shims are the real shim_core over made-up agents.
namespace nine::supervision::testing_world {

namespace asio = boost::asio;
using environment::process_identity;

using environment::manual_clock;
using environment::manual_worker;

class middle_random final : public environment::random {
 public:
  std::uint64_t next() override { return std::uint64_t{1} << 63; }
};

class memory_files final : public environment::files {
 public:
  std::map<std::string, std::string> content;
  std::set<std::string> directories;

  result<std::string> read(const environment::path& file, bytes) override {
    const auto found = content.find(file.string());
    if (found == content.end()) return fail(error_code::not_found, file.string());
    return found->second;
  }
  result<std::string> read_range(const environment::path& file, bytes, bytes limit) override {
    return read(file, limit);
  }
  result<void> write_durably(const environment::path& file, std::string_view text) override {
    if (!directories.contains(file.parent_path().string()))
      return fail(error_code::not_found, file.string());
    content[file.string()] = text;
    return {};
  }
  result<void> make_directory(const environment::path& directory) override {
    directories.insert(directory.string());
    return {};
  }
  result<std::vector<std::string>> list(const environment::path& directory) override {
    std::vector<std::string> names;
    for (const auto& entry : directories) {
      const environment::path candidate = entry;
      if (candidate.parent_path() == directory) names.push_back(candidate.filename().string());
    }
    return names;
  }
  result<environment::file_information> information(const environment::path& file) override {
    NINE_TRY_ASSIGN(const auto text, read(file, 0));
    environment::file_information found;
    found.size = text.size();
    return found;
  }
  result<void> remove(const environment::path& file) override {
    directories.erase(file.string());
    std::erase_if(content, [&](const auto& entry) {
      return entry.first.starts_with(file.string() + '/') || entry.first == file.string();
    });
    return {};
  }
};

/// One direction of a connection.
struct memory_pipe {
  std::string data;
  bool ended = false;
  environment::async_event changed;
};

class memory_stream final : public environment::stream {
 public:
  memory_stream(std::shared_ptr<memory_pipe> in, std::shared_ptr<memory_pipe> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~memory_stream() override { memory_stream::close(); }

  asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override {
    const auto in = in_;
    while (in->data.empty() && !in->ended)
      co_await in->changed.wait();
    const auto count = std::min(buffer.size(), in->data.size());
    std::memcpy(buffer.data(), in->data.data(), count);
    in->data.erase(0, count);
    co_return count;
  }
  asio::awaitable<result<void>> write(std::string_view data) override {
    if (out_->ended) co_return fail(error_code::unavailable, "the other side is gone");
    out_->data += data;
    out_->changed.notify_all();
    co_return result<void>{};
  }
  void close() override {
    for (const auto& pipe : {in_, out_}) {
      pipe->ended = true;
      pipe->changed.notify_all();
    }
  }

 private:
  std::shared_ptr<memory_pipe> in_;
  std::shared_ptr<memory_pipe> out_;
};

/// A listening socket; whoever holds it, it is open.
struct memory_socket {
  std::string path;
  bool open = true;
  bool accepts = true;  ///< false: connections wait for ever, as with a stopped process
  std::function<void(std::unique_ptr<environment::stream>)> accept;
  std::vector<std::unique_ptr<environment::stream>> waiting;
};

class memory_listener final : public environment::listener {
 public:
  explicit memory_listener(std::shared_ptr<memory_socket> socket) : socket_(std::move(socket)) {}
  asio::awaitable<result<std::unique_ptr<environment::stream>>> accept() override {
    co_return fail(error_code::internal, "the tests do not accept here");
  }
  void close() override {}
  environment::endpoint local_endpoint() const override {
    return environment::unix_endpoint{socket_->path};
  }
  const std::shared_ptr<memory_socket>& socket() const { return socket_; }

 private:
  std::shared_ptr<memory_socket> socket_;
};

class memory_network final : public environment::network {
 public:
  std::map<std::string, std::weak_ptr<memory_socket>> sockets;
  int connects_to_fail = 0;

  asio::awaitable<result<std::unique_ptr<environment::stream>>> connect(
      const environment::endpoint& remote) override {
    const auto path = std::get<environment::unix_endpoint>(remote).path.string();
    const auto socket = sockets[path].lock();
    const bool refuse = connects_to_fail > 0 && connects_to_fail-- > 0;
    if (refuse || !socket || !socket->open)
      co_return fail(error_code::unavailable, "nobody listens on " + path);
    auto to = std::make_shared<memory_pipe>();
    auto from = std::make_shared<memory_pipe>();
    std::unique_ptr<environment::stream> mine = std::make_unique<memory_stream>(from, to);
    auto theirs = std::make_unique<memory_stream>(to, from);
    if (socket->accepts && socket->accept) {
      socket->accept(std::move(theirs));
    } else {
      socket->waiting.push_back(std::move(theirs));
    }
    co_return mine;
  }
  result<std::unique_ptr<environment::listener>> listen(
      const environment::endpoint& local) override {
    auto socket = std::make_shared<memory_socket>();
    socket->path = std::get<environment::unix_endpoint>(local).path.string();
    sockets[socket->path] = socket;
    return std::make_unique<memory_listener>(std::move(socket));
  }
  result<std::unique_ptr<environment::listener>> take_inherited(std::string_view) override {
    return fail(error_code::not_found, "nothing is inherited");
  }
};

class fake_shim;

struct fake_process {
  process_identity identity;
  std::vector<std::string> environment;
  std::function<void()> killed{};  ///< what its death leads to
  std::int32_t parent = 1;
  std::int32_t session = 1;
};

/// Processes by pid. Programs are made-up: spawn() makes a fake_shim.
class memory_processes final : public environment::processes {
 public:
  std::map<std::int32_t, fake_process> alive;
  std::function<result<void>(const process_identity&, const environment::process_specification&)>
      begin_program;
  std::string boot = "boot-1";
  bool probes_fail = false;
  int hide_for_looks = 0;  ///< so many looks find nothing
  int looks = 0;
  environment::async_event ended;

  process_identity add(std::vector<std::string> environment, std::function<void()> killed = {}) {
    const auto pid = next_pid_++;
    const process_identity identity{pid, static_cast<std::uint64_t>(pid) * 10, boot};
    alive[pid] = {
        .identity = identity, .environment = std::move(environment), .killed = std::move(killed)};
    return identity;
  }
  void kill(std::int32_t pid) {
    const auto found = alive.find(pid);
    if (found == alive.end()) return;
    const auto killed = std::move(found->second.killed);
    alive.erase(found);
    if (killed) killed();
    ended.notify_all();
  }

  process_identity self() override { return {1, 1, boot}; }
  result<process_identity> spawn(const environment::process_specification& specification) override {
    const auto identity = add(specification.environment);
    if (auto begun = begin_program(identity, specification); !begun) {
      alive.erase(identity.pid);
      return std::unexpected(begun.error());
    }
    return identity;
  }
  result<process_identity> identify(std::int32_t pid) override {
    const auto found = alive.find(pid);
    if (found == alive.end()) return fail(error_code::not_found, "no such process");
    return found->second.identity;
  }
  environment::liveness probe(const process_identity& process) override {
    if (probes_fail) return environment::liveness::unknown;
    const auto found = identify(process.pid);
    return found && *found == process ? environment::liveness::alive : environment::liveness::gone;
  }
  result<void> signal(const process_identity& process, int) override {
    if (probe(process) != environment::liveness::alive)
      return fail(error_code::not_found, "it is gone");
    kill(process.pid);
    return {};
  }
  asio::awaitable<environment::exit_status> wait(const process_identity& process) override {
    while (alive.contains(process.pid))
      co_await ended.wait();
    co_return environment::exit_status{};
  }
  result<std::vector<environment::process_sight>> look(const std::vector<std::string>& prefixes) {
    ++looks;
    if (probes_fail) return fail(error_code::io_error, "cannot look");
    std::vector<environment::process_sight> seen;
    if (hide_for_looks > 0 && hide_for_looks-- > 0) return seen;
    for (const auto& [pid, process] : alive) {
      environment::process_sight sight{.identity = process.identity,
                                       .parent = process.parent,
                                       .group = process.session,
                                       .session = process.session};
      for (const auto& entry : process.environment)
        if (std::ranges::any_of(prefixes, [&](const auto& it) { return entry.starts_with(it); }))
          sight.marks.push_back(entry);
      seen.push_back(std::move(sight));
    }
    return seen;
  }
  result<std::vector<process_identity>> find_marked(std::string_view) override {
    return fail(error_code::internal, "the supervisor looks at all at once");
  }
  result<void> adopt_orphans() override { return {}; }

 private:
  std::int32_t next_pid_ = 100;
};

/// The real decisions of a shim over made-up agents: an agent is one process, which the test ends.
class fake_shim : public std::enable_shared_from_this<fake_shim> {
 public:
  fake_shim(asio::any_io_executor executor, memory_processes& processes, manual_clock& clock,
            process_identity self, core_epoch core, std::shared_ptr<memory_socket> socket)
      : executor_(std::move(executor)),
        processes_(processes),
        clock_(clock),
        socket_(std::move(socket)),
        core_(shim::shim_settings{.self = std::move(self), .core_least = core}, clock.now()) {}

  std::vector<shim::start> starts;  ///< as they came
  std::int32_t agent_pid = 0;
  int fail_starts = 0;
  bool agent_ignores_term = false;
  bool lose_next_requests = false;  ///< what comes on this connection is lost with it
  std::string cgroup;
  bool dead = false;

  void begin() {
    socket_->accept = [weak = weak_from_this()](auto stream) {
      if (const auto self = weak.lock()) self->serve(std::move(stream));
    };
  }

  /// SIGSTOP and SIGCONT: bytes arrive, nobody reads them.
  void freeze() { socket_->accepts = false, frozen_ = true; }
  void thaw() {
    frozen_ = false;
    socket_->accepts = true;
    thawed_.notify_all();
    for (auto& stream : std::exchange(socket_->waiting, {}))
      serve(std::move(stream));
  }

  /// The agent's main process ends.
  void agent_exits(environment::exit_status status) {
    processes_.alive.erase(std::exchange(agent_pid, 0));
    const auto incarnation = core_.incarnation();
    feed(shim::main_exited{incarnation, status});
    feed(shim::tree_gone{incarnation});
    feed(shim::output_drained{incarnation, 7});
  }

  /// The core that is connected has every ending on record.
  void endings_are_acknowledged() {
    feed(shim::request_received{connections_.rbegin()->first,
                                shim::acknowledge_exit{core_.incarnation()}});
  }

  /// SIGKILL of the shim itself; its agent lives on.
  void die() {
    dead = true;
    socket_->open = false;
    socket_->accept = nullptr;
    socket_->waiting.clear();
    thawed_.notify_all();
    for (auto& [id, stream] : std::exchange(connections_, {}))
      stream->close();
  }

  void cut_connections() {
    for (auto& [id, stream] : connections_)
      stream->close();
  }

  void time_passed() {
    if (!dead && !frozen_) feed(shim::time_passed{});
  }

 private:
  void serve(std::unique_ptr<environment::stream> stream) {
    const auto id = next_connection_++;
    connections_[id] = std::move(stream);
    feed(shim::connection_opened{id});
    asio::co_spawn(executor_, read(shared_from_this(), id, connections_[id]), asio::detached);
  }

  static asio::awaitable<void> read(std::shared_ptr<fake_shim> self, shim::connection_id id,
                                    std::shared_ptr<environment::stream> stream) {
    shim::frame_reader frames;
    std::array<char, 512> buffer{};
    for (;;) {
      const auto count = co_await stream->read_some(buffer);
      while (self->frozen_ && !self->dead)
        co_await self->thawed_.wait();
      if (self->dead || !count || *count == 0) break;
      frames.feed({buffer.data(), *count});
      for (auto payload = frames.next(); payload && !payload->empty(); payload = frames.next()) {
        auto request = shim::decode_request(*payload);
        if (!request) break;
        if (!self->lose_next_requests) self->feed(shim::request_received{id, *std::move(request)});
      }
    }
    self->lose_next_requests = false;
    if (!self->dead) self->feed(shim::connection_closed{id});
    self->connections_.erase(id);
  }

  void feed(shim::shim_input input) {
    for (auto& action : core_.handle(std::move(input), clock_.now()))
      std::visit([this](auto& what) { act(what); }, action);
  }

  void act(shim::spawn_agent& what) {
    const auto incarnation = what.request.incarnation;
    starts.push_back(what.request);
    if (fail_starts > 0 && fail_starts-- > 0) {
      feed(shim::agent_spawn_failed{incarnation, 2, "no such program"});
      return;
    }
    const auto agent = processes_.add(what.request.environment, [weak = weak_from_this()] {
      if (const auto self = weak.lock(); self && !self->dead)
        self->agent_exits(environment::exit_status::signalled(9));
    });
    agent_pid = agent.pid;
    processes_.alive.at(agent.pid).session = agent.pid;
    feed(shim::agent_spawned{incarnation, agent, cgroup});
  }
  void act(shim::signal_agent& what) {
    if (agent_pid && !agent_ignores_term && what.signal_number == 15)
      agent_exits(environment::exit_status::signalled(15));
  }
  void act(shim::kill_tree&) {
    if (agent_pid) processes_.kill(agent_pid);
  }
  void act(shim::send_event& what) {
    const auto found = connections_.find(what.connection);
    if (found == connections_.end()) return;
    asio::co_spawn(executor_, write(found->second, shim::encode(what.message)), asio::detached);
  }
  static asio::awaitable<void> write(std::shared_ptr<environment::stream> stream,
                                     std::string data) {
    std::ignore = co_await stream->write(data);
  }
  void act(shim::close_connection& what) {
    const auto found = connections_.find(what.connection);
    if (found == connections_.end()) return;
    asio::co_spawn(executor_, close(found->second), asio::detached);
  }
  static asio::awaitable<void> close(std::shared_ptr<environment::stream> stream) {
    stream->close();
    co_return;
  }
  void act(shim::finish&) {
    const auto pid = core_self().pid;
    die();
    processes_.kill(pid);
  }
  template <class Other>
  void act(Other&) {}

  process_identity core_self() const { return self_; }

  asio::any_io_executor executor_;
  memory_processes& processes_;
  manual_clock& clock_;
  std::shared_ptr<memory_socket> socket_;
  shim::shim_core core_;
  process_identity self_;
  bool frozen_ = false;
  environment::async_event thawed_;
  shim::connection_id next_connection_ = 1;
  std::map<shim::connection_id, std::shared_ptr<environment::stream>> connections_;

  friend class world;
};

/// One machine. `poll` runs the executor's ready handlers.
class world {
 public:
  world(asio::any_io_executor where, std::function<void()> poll)
      : executor(std::move(where)), poll_(std::move(poll)) {
    processes.begin_program = [this](const auto& identity, const auto& specification) {
      return begin_shim(identity, specification);
    };
  }

  asio::any_io_executor executor;
  manual_clock clock;
  manual_worker worker;
  middle_random random;
  memory_files files;
  memory_network network;
  memory_processes processes;
  std::map<std::string, std::shared_ptr<fake_shim>> shims;  ///< by directory; the newest
  std::vector<environment::process_specification> spawned;
  int fail_spawns = 0;
  bool new_shims_freeze = false;

  environment::bundle bundle() { return {clock, random, files, network, processes}; }

  /// Runs until nothing is ready; time stands.
  void settle() {
    do
      poll_();
    while (worker.run_one());
  }
  /// Lets time pass in small steps, so that what is due happens in order.
  void pass(duration time) {
    for (const duration step = std::max<duration>(time / 50, 1ms); time > 0s; time -= step) {
      clock.advance(std::min(step, time));
      for (const auto& [directory, shim] : std::map(shims))
        shim->time_passed();
      settle();
    }
  }
  template <class Answer>
  std::shared_ptr<std::optional<Answer>> begin(asio::awaitable<Answer> call) {
    auto answer = std::make_shared<std::optional<Answer>>();
    asio::co_spawn(executor, store(std::move(call), answer), asio::detached);
    return answer;
  }
  template <class Answer>
  Answer finish(asio::awaitable<Answer> call) {
    auto answer = begin(std::move(call));
    settle();
    return answer->value();
  }
  void kill_shim(const std::shared_ptr<fake_shim>& shim) { processes.kill(shim->self_.pid); }

 private:
  template <class Answer>
  static asio::awaitable<void> store(asio::awaitable<Answer> call,
                                     std::shared_ptr<std::optional<Answer>> answer) {
    Answer got = co_await std::move(call);
    answer->emplace(std::move(got));
  }

  result<void> begin_shim(const process_identity& identity,
                          const environment::process_specification& specification) {
    if (fail_spawns > 0 && fail_spawns-- > 0)
      return fail(error_code::not_found, "no such program: nine-shim");
    spawned.push_back(specification);
    auto* listening = static_cast<memory_listener*>(specification.listeners.at(0).socket);
    const core_epoch core(std::stoll(specification.arguments.at(2)));
    auto shim = std::make_shared<fake_shim>(executor, processes, clock, identity, core,
                                            listening->socket());
    shim->self_ = identity;
    processes.alive.at(identity.pid).killed = [weak = std::weak_ptr(shim)] {
      if (const auto self = weak.lock()) self->die();
    };
    shim->begin();
    if (new_shims_freeze) shim->freeze();
    shims[specification.arguments.at(1)] = std::move(shim);
    return {};
  }

  std::function<void()> poll_;
};

}  // namespace nine::supervision::testing_world
