#include "ninelives/environment/real/tls.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "ninelives/environment/real/stream_operations.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;
using asio_tls_stream = asio::ssl::stream<asio::generic::stream_protocol::socket>;

/// The context is held as long as a connection that was made from it.
struct tls_state {
  std::shared_ptr<asio::ssl::context> context;
  asio_tls_stream connection;
};

class tls_stream final : public stream {
 public:
  explicit tls_stream(std::shared_ptr<asio_tls_stream> connection)
      : connection_(std::move(connection)) {}
  ~tls_stream() override { tls_stream::close(); }

  asio::awaitable<result<std::size_t>> read_some(std::span<char> buffer) override {
    return read_some_from(connection_, buffer);
  }

  asio::awaitable<result<void>> write(std::string_view data) override {
    return write_all_to(connection_, data);
  }

  void close() override {
    boost::system::error_code ignored;
    connection_->next_layer().close(ignored);
  }

 private:
  std::shared_ptr<asio_tls_stream> connection_;
};

bool is_ip_address(const std::string& host) {
  boost::system::error_code problem;
  asio::ip::make_address(host, problem);
  return !problem;
}

/// Server name indication is for names only (RFC 6066 §3).
bool name_server(asio_tls_stream& connection, const std::string& host) {
  if (is_ip_address(host)) return true;
  return SSL_set_tlsext_host_name(connection.native_handle(), host.c_str()) == 1;
}

std::string handshake_problem(asio_tls_stream& connection,
                              const boost::system::error_code& problem) {
  const long verified = SSL_get_verify_result(connection.native_handle());
  if (verified == X509_V_OK) return problem.message();
  return std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(verified);
}

}  // namespace

result<std::shared_ptr<asio::ssl::context>> tls_connector::context() {
  if (context_) return context_;
  auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code problem;
  made->set_default_verify_paths(problem);
  if (problem) return system_failure(problem, "load the system's certificates");
  made->set_verify_mode(asio::ssl::verify_peer, problem);
  if (problem) return system_failure(problem, "set up TLS");
  if (SSL_CTX_set_min_proto_version(made->native_handle(), TLS1_2_VERSION) != 1) {
    return fail(error_code::internal, "set up TLS: version 1.2 is not available");
  }
  context_ = std::move(made);
  return context_;
}

asio::awaitable<result<std::unique_ptr<stream>>> tls_connector::handshake(
    asio::generic::stream_protocol::socket connected, std::string host) {
  NINE_CO_TRY_ASSIGN(auto settings, context());
  auto state =
      std::make_shared<tls_state>(settings, asio_tls_stream(std::move(connected), *settings));
  std::shared_ptr<asio_tls_stream> connection(state, &state->connection);
  boost::system::error_code problem;
  connection->set_verify_callback(asio::ssl::host_name_verification(host), problem);
  if (problem || !name_server(*connection, host)) {
    co_return fail(error_code::invalid_argument, "TLS with " + host + ": not a usable host name");
  }
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  const auto [failed] = co_await connection->async_handshake(asio::ssl::stream_base::client, token);
  if (failed) {
    throw_if_cancelled(co_await asio::this_coro::cancellation_state);
    co_return fail(error_code::unavailable,
                   "TLS with " + host + ": " + handshake_problem(*connection, failed));
  }
  std::unique_ptr<stream> secured = std::make_unique<tls_stream>(std::move(connection));
  co_return secured;
}

}  // namespace nine::environment
