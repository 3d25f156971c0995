#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "ninelives/environment/environment.hpp"

namespace nine::demo {

/// A commit to write a message for.
struct commit {
  std::string id;
  std::string subject;  ///< what its author wrote
  std::string diff;
};

/// Runs a program to its end and returns what it printed. Error: with what it printed, when it
/// failed.
boost::asio::awaitable<result<std::string>> run_program(environment::bundle environment,
                                                        std::vector<std::string> arguments,
                                                        std::filesystem::path directory,
                                                        std::filesystem::path scratch);

/// The newest `count` commits that changed something, newest first.
boost::asio::awaitable<result<std::vector<commit>>> newest_commits(environment::bundle environment,
                                                                   std::filesystem::path repository,
                                                                   std::filesystem::path scratch,
                                                                   std::size_t count);

}  // namespace nine::demo
