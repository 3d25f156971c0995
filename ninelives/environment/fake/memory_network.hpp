#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/network.hpp"

/// Fakes of the seams for tests; nothing that ships links them.
namespace nine::environment {

/// One direction of a connection in memory: a bounded buffer between a writer and a reader.
class memory_pipe {
 public:
  static constexpr std::size_t bytes_most = 64 * 1024;

  boost::asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer);
  boost::asio::awaitable<result<void>> write(std::string_view data);

  /// The reader gets what is left, then the end.
  void end();

  /// Both sides get error unavailable at once, as after a reset.
  void cut();

 private:
  std::string buffer_;
  bool ended_ = false;
  bool cut_ = false;
  async_event changed_;
};

/// One end of a connection in memory.
class memory_stream final : public stream {
 public:
  memory_stream(std::shared_ptr<memory_pipe> in, std::shared_ptr<memory_pipe> out);
  ~memory_stream() override;

  boost::asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override;
  boost::asio::awaitable<result<void>> write(std::string_view data) override;
  void close() override;

  /// Loses what is on its way in both directions, as when the other machine dies and comes back.
  void cut();

 private:
  std::shared_ptr<memory_pipe> in_;
  std::shared_ptr<memory_pipe> out_;
  std::shared_ptr<bool> closed_ = std::make_shared<bool>(false);
};

/// Two ends of one connection.
std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> make_memory_streams();

/// Connections in memory between whoever shares this object. Thread: one executor.
class memory_network final : public network {
 public:
  boost::asio::awaitable<result<std::unique_ptr<stream>>> connect(const endpoint& remote) override;
  result<std::unique_ptr<listener>> listen(const endpoint& local) override;
  result<std::unique_ptr<listener>> take_inherited(std::string_view name) override;

 private:
  class memory_listener;
  struct queue;

  std::map<std::string, std::weak_ptr<queue>> listening_;
};

}  // namespace nine::environment
