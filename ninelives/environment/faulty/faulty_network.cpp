#include "ninelives/environment/faulty/faulty_network.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

std::unexpected<error> injected(std::string_view action) {
  return fail(error_code::unavailable, std::string(action) + ": injected fault");
}

}  // namespace

/// Once cut it stays cut, for reading and writing.
class faulty_network::faulty_stream final : public stream {
 public:
  faulty_stream(faulty_network& network, std::unique_ptr<stream> inner)
      : network_(network), inner_(std::move(inner)) {}

  asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override {
    if (cut_now()) co_return injected("read");
    co_await network_.wait_a_little();
    const auto part = buffer.first(network_.plan_.part_of(buffer.size()));
    co_return co_await inner_->read_some(part);
  }

  asio::awaitable<result<void>> write(std::string_view data) override {
    co_await network_.wait_a_little();
    if (!cut_now()) co_return co_await inner_->write(data);
    // What a broken connection has passed on before it broke, nobody knows.
    const auto passed = data.substr(0, data.size() / 2);
    if (!passed.empty()) {
      auto written = co_await inner_->write(passed);
      if (!written) co_return written;
    }
    inner_->close();
    co_return injected("write");
  }

  void close() override { inner_->close(); }

 private:
  bool cut_now() {
    cut_ = cut_ || network_.plan_.cuts();
    return cut_;
  }

  faulty_network& network_;
  std::unique_ptr<stream> inner_;
  bool cut_ = false;
};

class faulty_network::faulty_listener final : public listener {
 public:
  faulty_listener(faulty_network& network, std::unique_ptr<listener> inner)
      : network_(network), inner_(std::move(inner)) {}

  asio::awaitable<result<std::unique_ptr<stream>>> accept() override {
    auto accepted = co_await inner_->accept();
    if (!accepted) co_return accepted;
    co_return network_.wrap(*std::move(accepted));
  }

  void close() override { inner_->close(); }
  endpoint local_endpoint() const override { return inner_->local_endpoint(); }

 private:
  faulty_network& network_;
  std::unique_ptr<listener> inner_;
};

asio::awaitable<result<std::unique_ptr<stream>>> faulty_network::connect(const endpoint& remote) {
  return connect_or_fail(remote);
}

asio::awaitable<result<std::unique_ptr<stream>>> faulty_network::connect_or_fail(endpoint remote) {
  co_await wait_a_little();
  if (plan_.fails()) co_return injected("connect");
  auto connected = co_await real_.connect(remote);
  if (!connected) co_return connected;
  co_return wrap(*std::move(connected));
}

result<std::unique_ptr<listener>> faulty_network::listen(const endpoint& local) {
  NINE_TRY_ASSIGN(auto made, real_.listen(local));
  return wrap(std::move(made));
}

result<std::unique_ptr<listener>> faulty_network::take_inherited(std::string_view name) {
  NINE_TRY_ASSIGN(auto made, real_.take_inherited(name));
  return wrap(std::move(made));
}

asio::awaitable<void> faulty_network::wait_a_little() {
  const auto wait = plan_.delay();
  if (wait > duration::zero()) co_await clock_.sleep_for(wait);
}

std::unique_ptr<stream> faulty_network::wrap(std::unique_ptr<stream> inner) {
  return std::make_unique<faulty_stream>(*this, std::move(inner));
}

std::unique_ptr<listener> faulty_network::wrap(std::unique_ptr<listener> inner) {
  return std::make_unique<faulty_listener>(*this, std::move(inner));
}

}  // namespace nine::environment
