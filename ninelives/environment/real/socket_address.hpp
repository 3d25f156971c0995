#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/network.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment {

/// The address of a Unix socket. A path longer than sockaddr_un takes is reached through a
/// descriptor of its directory, which must stay open until bind or connect is done.
struct unix_address {
  boost::asio::generic::stream_protocol::endpoint address;
  system::descriptor directory;
};

/// Error: too_large when even the file's own name does not fit, not_found without its directory.
result<unix_address> make_unix_address(const std::filesystem::path& path);

/// The address of an IP literal. Error: invalid_argument when `host` is a name.
result<boost::asio::generic::stream_protocol::endpoint> parse_ip_address(const std::string& host,
                                                                         std::uint16_t port);

/// Where a bound socket listens. A Unix socket bound over a directory's descriptor has lost its
/// path; use the one it was asked for.
result<endpoint> local_endpoint_of(int socket);

/// For messages: "unix socket '/run/x'", "example.org:443", "[::1]:80".
std::string to_string(const endpoint& where);

}  // namespace nine::environment
