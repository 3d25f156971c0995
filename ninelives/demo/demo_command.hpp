#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/terminal.hpp"
#include "ninelives/environment/termination.hpp"

namespace nine::demo {

struct demo_options {
  std::filesystem::path repository;  ///< whose commits get messages
  std::filesystem::path scratch;     ///< an empty directory of the demo's own
  std::filesystem::path program;     ///< nine, for the model simulator
  std::size_t tasks = 20;
  std::size_t kills = 30;
  std::uint64_t seed = 1;
};

/// How a demo ended.
struct demo_end {
  int exit_code = 0;
  bool worth_a_look = false;  ///< something went wrong that the scratch directory may explain
};

/// The main job on real input under fire: a message for each of the newest commits, written by
/// agents that ask a simulated model (which fails now and then), while agents, shims, the core and
/// the guard of a home of its own are killed at random. Ends with a table and a check of the
/// journal; 0 only if everything held. However it ends, Ctrl-C included, its home is stopped.
boost::asio::awaitable<demo_end> run_demo(command_line::control_client& client,
                                          command_line::terminal& terminal,
                                          command_line::client_seams seams,
                                          environment::termination& termination,
                                          home::home_layout layout, demo_options options);

}  // namespace nine::demo
