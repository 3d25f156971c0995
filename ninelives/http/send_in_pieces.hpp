#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/network.hpp"

namespace nine::http {

/// Writes the text in pieces of at most 64 KiB. Each may take `piece_most`, so that whoever reads,
/// however slowly, is waited for, and whoever reads nothing is not. Error: timed_out, also when it
/// is not done by the deadline; those of the stream.
boost::asio::awaitable<result<void>> send_in_pieces(
    environment::clock& clock, environment::stream& target, std::string text, duration piece_most,
    monotonic_time deadline = monotonic_time::max());

}  // namespace nine::http
