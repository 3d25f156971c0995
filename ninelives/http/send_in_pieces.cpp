#include "ninelives/http/send_in_pieces.hpp"

#include <algorithm>

#include "ninelives/base/units.hpp"
#include "ninelives/environment/deadline.hpp"

namespace nine::http {
namespace {

constexpr std::size_t piece_bytes_most = 64 * KiB;

}  // namespace

boost::asio::awaitable<result<void>> send_in_pieces(environment::clock& clock,
                                                    environment::stream& target, std::string text,
                                                    duration piece_most, monotonic_time deadline) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto piece = rest.substr(0, piece_bytes_most);
    const auto piece_deadline = std::min(environment::after(clock.now(), piece_most), deadline);
    auto writing = target.write(piece);
    auto written = co_await environment::until(clock, piece_deadline, std::move(writing),
                                               "the other side reads nothing");
    if (!written) co_return written;
    rest.remove_prefix(piece.size());
  }
  co_return result<void>();
}

}  // namespace nine::http
