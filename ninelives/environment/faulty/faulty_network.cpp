#include "ninelives/environment/faulty/faulty_network.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

std::unexpected<error> injected(std::string_view action) {
  return fail(error_code::unavailable, std::string(action) + ": injected fault");
}

}  // namespace

/// What a stream's operations hold: its owner may be gone when they go on.
struct faulty_network::connection {
  faulty_network& network;
  std::unique_ptr<stream> inner;
  bool cut = false;  ///< it stays so, for reading and writing

  bool cut_now() {
    cut = cut || network.plan_.cuts();
    return cut;
  }

  static asio::awaitable<result<std::size_t>> read_some(std::shared_ptr<connection> self,
                                                        std::span<char> buffer) {
    co_await self->network.wait_a_little();
    if (self->cut_now()) {
      self->inner->close();
      co_return injected("read");
    }
    const auto part = buffer.first(self->network.plan_.part_of(buffer.size()));
    auto got = co_await self->inner->read_some(part);
    if (!got && self->cut) co_return injected("read");  // by a write meanwhile
    co_return got;
  }

  static asio::awaitable<result<void>> write(std::shared_ptr<connection> self,
                                             std::string_view data) {
    co_await self->network.wait_a_little();
    if (self->cut) co_return injected("write");
    if (!self->cut_now()) co_return co_await self->inner->write(data);
    // What a broken connection has passed on before it broke, nobody knows.
    const auto passed = data.substr(0, data.size() / 2);
    if (!passed.empty()) {
      auto written = co_await self->inner->write(passed);
      if (!written) co_return written;
    }
    self->inner->close();
    co_return injected("write");
  }
};

class faulty_network::faulty_stream final : public stream {
 public:
  faulty_stream(faulty_network& network, std::unique_ptr<stream> inner)
      : connection_(std::make_shared<connection>(network, std::move(inner))) {}
  ~faulty_stream() override { faulty_stream::close(); }

  asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override {
    return connection::read_some(connection_, buffer);
  }

  asio::awaitable<result<void>> write(std::string_view data) override {
    return connection::write(connection_, data);
  }

  void close() override { connection_->inner->close(); }

 private:
  std::shared_ptr<connection> connection_;
};

asio::awaitable<result<std::unique_ptr<stream>>> faulty_network::connect(const endpoint& remote) {
  return connect_or_fail(remote);
}

asio::awaitable<result<std::unique_ptr<stream>>> faulty_network::connect_or_fail(endpoint remote) {
  co_await wait_a_little();
  if (plan_.fails()) co_return injected("connect");
  auto connected = co_await real_.connect(remote);
  if (!connected) co_return connected;
  std::unique_ptr<stream> faulty = std::make_unique<faulty_stream>(*this, *std::move(connected));
  co_return faulty;
}

result<std::unique_ptr<listener>> faulty_network::listen(const endpoint& local) {
  return real_.listen(local);
}

result<std::unique_ptr<listener>> faulty_network::take_inherited(std::string_view name) {
  return real_.take_inherited(name);
}

asio::awaitable<void> faulty_network::wait_a_little() {
  const auto wait = plan_.delay();
  if (wait > duration::zero()) co_await clock_.sleep_for(wait);
}

}  // namespace nine::environment
