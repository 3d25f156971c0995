#pragma once

#include <signal.h>

/// The signals that matter here, by name, for those who may not include <signal.h>.
namespace nine::environment::system {

constexpr int signal_hangup = SIGHUP;
constexpr int signal_interrupt = SIGINT;
constexpr int signal_kill = SIGKILL;
constexpr int signal_pipe = SIGPIPE;
constexpr int signal_terminate = SIGTERM;
constexpr int signal_child = SIGCHLD;
constexpr int signal_continue = SIGCONT;

}  // namespace nine::environment::system
