#include "ninelives/command_line/shims_left.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <vector>

#include "ninelives/supervision/shim/identity_record.hpp"
#include "ninelives/supervision/shim_directory.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;
namespace shim = supervision::shim;
using environment::process_identity;

constexpr int terminate = 15;
constexpr duration patience = 30s;  // a shim gives its agent some seconds before it kills it

result<std::vector<process_identity>> living_shims(client_seams seams,
                                                   const home::home_layout& layout) {
  auto& [clock, random, files, network, processes] = seams.environment;
  std::vector<process_identity> living;
  NINE_TRY_ASSIGN(const auto names, files.list(layout.shims()));
  for (const auto& name : names) {
    const supervision::shim_directory directory(layout.shims() / name);
    const auto text = files.read(directory.identity(), shim::identity_bytes_most);
    const auto identity = text ? shim::parse_identity(*text) : std::unexpected(text.error());
    if (identity && processes.probe(*identity) == environment::liveness::alive)
      living.push_back(*identity);
  }
  return living;
}

}  // namespace

asio::awaitable<result<std::size_t>> end_shims_left(client_seams seams,
                                                    const home::home_layout& layout) {
  using namespace asio::experimental::awaitable_operators;
  auto& processes = seams.environment.processes;
  auto& clock = seams.environment.clock;
  NINE_CO_TRY_ASSIGN(const auto living, living_shims(seams, layout));
  for (const auto& one : living)
    static_cast<void>(processes.signal(one, terminate));  // one that is gone already needs none
  const auto deadline = clock.now() + patience;
  for (const auto& one : living) {
    auto gone = processes.wait(one);
    auto over = clock.sleep_until(deadline);
    const auto first = co_await (std::move(gone) || std::move(over));
    if (first.index() == 0) continue;
    co_return fail(error_code::timed_out,
                   fmt::format("the shim with pid {} has not ended its agent", one.pid));
  }
  co_return living.size();
}

}  // namespace nine::command_line
