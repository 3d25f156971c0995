#pragma once

#include <boost/asio/io_context.hpp>

#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/real_locks.hpp"
#include "ninelives/environment/real/real_network.hpp"
#include "ninelives/environment/real/real_notification.hpp"
#include "ninelives/environment/real/real_processes.hpp"
#include "ninelives/environment/real/real_random.hpp"

namespace nine::environment {

/// The operating system for one program: its event loop and everything that stands on it. Made
/// once, in main; takes the sockets that the parent handed over.
class real_environment {
 public:
  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }

  real_clock& clock() { return clock_; }
  real_random& random() { return random_; }
  real_files& files() { return files_; }
  real_network& network() { return network_; }
  real_locks& locks() { return locks_; }
  real_notifications& notifications() { return notifications_; }
  real_processes& processes() { return processes_; }

 private:
  boost::asio::io_context context_{1};  // one thread runs it
  real_clock clock_;
  real_random random_;
  real_files files_;
  real_network network_{context_.get_executor(), take_inherited_sockets()};
  real_locks locks_;
  real_notifications notifications_{context_.get_executor()};
  real_processes processes_{context_.get_executor()};
};

}  // namespace nine::environment
