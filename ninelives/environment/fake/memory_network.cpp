#include "ninelives/environment/fake/memory_network.hpp"

#include <algorithm>

namespace nine::environment {
namespace {

namespace asio = boost::asio;

std::string key_of(const endpoint& where) {
  if (const auto* local = std::get_if<unix_endpoint>(&where)) return local->path.string();
  const auto& remote = std::get<tcp_endpoint>(where);
  return remote.host + ":" + std::to_string(remote.port);
}

std::unexpected<error> reset() {
  return fail(error_code::unavailable, "connection reset");
}

std::unexpected<error> closed() {
  return fail(error_code::cancelled, "closed");
}

// The coroutines hold what they use: the stream may be destroyed while they wait.

asio::awaitable<result<std::size_t>> read_from(std::shared_ptr<memory_pipe> pipe,
                                               std::shared_ptr<bool> own_end_closed,
                                               std::span<char> buffer) {
  if (*own_end_closed) co_return closed();
  auto got = co_await pipe->read_some(buffer);
  if (*own_end_closed) co_return closed();
  co_return got;
}

asio::awaitable<result<void>> write_to(std::shared_ptr<memory_pipe> pipe,
                                       std::shared_ptr<bool> own_end_closed,
                                       std::string_view data) {
  if (*own_end_closed) co_return closed();
  auto written = co_await pipe->write(data);
  if (*own_end_closed) co_return closed();
  co_return written;
}

}  // namespace

asio::awaitable<result<std::size_t>> memory_pipe::read_some(std::span<char> buffer) {
  while (buffer_.empty() && !ended_ && !cut_)
    co_await changed_.wait();
  if (cut_) co_return reset();
  const auto count = std::min(buffer.size(), buffer_.size());
  std::copy_n(buffer_.begin(), count, buffer.begin());
  buffer_.erase(0, count);
  changed_.notify_all();
  co_return count;
}

asio::awaitable<result<void>> memory_pipe::write(std::string_view data) {
  while (!data.empty()) {
    while (buffer_.size() == bytes_most && !ended_ && !cut_)
      co_await changed_.wait();
    if (ended_ || cut_) co_return reset();
    const auto count = std::min(data.size(), bytes_most - buffer_.size());
    buffer_.append(data.substr(0, count));
    data.remove_prefix(count);
    changed_.notify_all();
  }
  co_return result<void>();
}

void memory_pipe::end() {
  ended_ = true;
  changed_.notify_all();
}

void memory_pipe::cut() {
  cut_ = true;
  changed_.notify_all();
}

memory_stream::memory_stream(std::shared_ptr<memory_pipe> in, std::shared_ptr<memory_pipe> out)
    : in_(std::move(in)), out_(std::move(out)) {}

memory_stream::~memory_stream() {
  memory_stream::close();
}

asio::awaitable<result<std::size_t>> memory_stream::read_some(std::span<char> buffer) {
  return read_from(in_, closed_, buffer);
}

asio::awaitable<result<void>> memory_stream::write(std::string_view data) {
  return write_to(out_, closed_, data);
}

void memory_stream::close() {
  *closed_ = true;
  in_->end();
  out_->end();
}

void memory_stream::cut() {
  in_->cut();
  out_->cut();
}

std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> make_memory_streams() {
  auto there = std::make_shared<memory_pipe>();
  auto back = std::make_shared<memory_pipe>();
  return {std::make_unique<memory_stream>(back, there),
          std::make_unique<memory_stream>(there, back)};
}

struct memory_network::queue {
  std::deque<std::unique_ptr<stream>> waiting;
  bool closed = false;
  async_event changed;
};

class memory_network::memory_listener final : public listener {
 public:
  memory_listener(std::shared_ptr<queue> connections, endpoint local)
      : connections_(std::move(connections)), local_(std::move(local)) {}
  ~memory_listener() override { memory_listener::close(); }

  asio::awaitable<result<std::unique_ptr<stream>>> accept() override {
    return accept_from(connections_);
  }

  void close() override {
    connections_->closed = true;
    connections_->waiting.clear();
    connections_->changed.notify_all();
  }

  endpoint local_endpoint() const override { return local_; }

 private:
  static asio::awaitable<result<std::unique_ptr<stream>>> accept_from(std::shared_ptr<queue> from) {
    while (from->waiting.empty() && !from->closed)
      co_await from->changed.wait();
    if (from->closed) co_return closed();
    auto accepted = std::move(from->waiting.front());
    from->waiting.pop_front();
    co_return accepted;
  }

  std::shared_ptr<queue> connections_;
  endpoint local_;
};

asio::awaitable<result<std::unique_ptr<stream>>> memory_network::connect(const endpoint& remote) {
  const auto key = key_of(remote);
  const auto found = listening_.find(key);
  const auto to = found == listening_.end() ? nullptr : found->second.lock();
  if (!to || to->closed) co_return fail(error_code::unavailable, key + ": connection refused");
  auto [client, server] = make_memory_streams();
  to->waiting.push_back(std::move(server));
  to->changed.notify_all();
  std::unique_ptr<stream> connected = std::move(client);
  co_return connected;
}

result<std::unique_ptr<listener>> memory_network::listen(const endpoint& local) {
  auto connections = std::make_shared<queue>();
  listening_[key_of(local)] = connections;
  return std::make_unique<memory_listener>(std::move(connections), local);
}

result<std::unique_ptr<listener>> memory_network::take_inherited(std::string_view name) {
  return fail(error_code::not_found, "no listener '" + std::string(name) + "' was handed over");
}

}  // namespace nine::environment
