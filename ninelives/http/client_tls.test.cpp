// The client against a real server that speaks TLS, with a certificate made for the test.

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "ninelives/environment/real/real_environment.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/http/client.hpp"
#include "ninelives/http/test_certificate.test.hpp"

namespace nine::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using testing::test_certificate;

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr auto whole_answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
constexpr auto answer_until_the_end = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf a sec";

enum class farewell { orderly, cut };

/// Takes one connection, reads a request, says `answer` and leaves.
awaitable<void> serve_one(asio::ip::tcp::acceptor& acceptor, asio::ssl::context& settings,
                          std::string answer, farewell how) {
  auto [problem, socket] = co_await acceptor.async_accept(token);
  if (problem) co_return;
  asio::ssl::stream<asio::ip::tcp::socket> connection(std::move(socket), settings);
  const auto [refused] = co_await connection.async_handshake(asio::ssl::stream_base::server, token);
  if (refused) co_return;
  std::string request;
  auto buffer = asio::dynamic_buffer(request);
  co_await asio::async_read_until(connection, buffer, "\r\n\r\n", token);
  const auto text = asio::buffer(answer.data(), answer.size());
  co_await asio::async_write(connection, text, token);
  if (how == farewell::orderly) co_await connection.async_shutdown(token);
  boost::system::error_code ignored;
  connection.next_layer().close(ignored);
}

class client_tls : public ::testing::Test {
 protected:
  /// What the system trusts, for this process, is this certificate alone.
  void trust(const test_certificate& certificate) {
    const auto file = directory_ / "trusted.pem";
    certificate.write(file);
    ::setenv("SSL_CERT_FILE", file.c_str(), 1);
    ::setenv("SSL_CERT_DIR", directory_.path().c_str(), 1);
  }
  ~client_tls() override {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
  }

  void serve(const test_certificate& certificate, std::string answer = whole_answer,
             farewell how = farewell::orderly) {
    SSL_CTX_use_certificate(settings_.native_handle(), certificate.certificate());
    SSL_CTX_use_PrivateKey(settings_.native_handle(), certificate.key());
    auto served = serve_one(acceptor_, settings_, std::move(answer), how);
    asio::co_spawn(real_.context(), std::move(served), asio::detached);
  }

  client_result<client_response> ask(const std::string& host) {
    client asking(real_.network(), real_.clock());
    client_request request;
    request.server = environment::tcp_endpoint{host, acceptor_.local_endpoint().port(), true};
    return environment::testing::run(real_.context(), asking.call(std::move(request)));
  }

  environment::testing::temporary_directory directory_;
  environment::real_environment real_;
  asio::ssl::context settings_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_{real_.context(), {asio::ip::make_address("127.0.0.1"), 0}};
};

TEST_F(client_tls, talks_to_a_server_whose_certificate_is_trusted_and_bears_its_name) {
  const test_certificate certificate("DNS:localhost,IP:127.0.0.1");
  trust(certificate);
  serve(certificate);
  const auto answer = ask("127.0.0.1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "secret");
}

TEST_F(client_tls, refuses_a_certificate_for_another_name) {
  const test_certificate certificate("DNS:elsewhere.example");
  trust(certificate);
  serve(certificate);
  const auto answer = ask("127.0.0.1");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("certificate is not accepted"), std::string::npos)
      << answer.error().message;
}

TEST_F(client_tls, refuses_a_certificate_that_nobody_vouches_for) {
  trust(test_certificate("IP:127.0.0.1"));
  serve(test_certificate("IP:127.0.0.1"));
  const auto answer = ask("127.0.0.1");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("certificate is not accepted"), std::string::npos)
      << answer.error().message;
}

// proves: R10
TEST_F(client_tls, takes_a_connection_that_breaks_off_for_a_cut_answer) {
  const test_certificate certificate("IP:127.0.0.1");
  trust(certificate);
  serve(certificate, answer_until_the_end, farewell::cut);
  const auto cut = ask("127.0.0.1");
  ASSERT_FALSE(cut) << "half an answer was taken for a whole one: " << cut->body;
  EXPECT_EQ(cut.error().kind, client_failure::cut);
}

TEST_F(client_tls, takes_an_orderly_end_for_the_end_of_the_body) {
  const test_certificate certificate("IP:127.0.0.1");
  trust(certificate);
  serve(certificate, answer_until_the_end, farewell::orderly);
  const auto answer = ask("127.0.0.1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "half a sec");
}

}  // namespace
}  // namespace nine::http
