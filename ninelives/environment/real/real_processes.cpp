#include "ninelives/environment/real/real_processes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>

#include "ninelives/environment/real/real_listener.hpp"
#include "ninelives/environment/real/system/child_reaper.hpp"
#include "ninelives/environment/real/system/kernel_error.hpp"
#include "ninelives/environment/real/system/pidfd.hpp"
#include "ninelives/environment/real/system/process_table.hpp"
#include "ninelives/environment/real/system/spawn_process.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

namespace asio = boost::asio;

constexpr auto retry_when_out_of_descriptors = std::chrono::milliseconds(100);

result<system::descriptor> open_for_child(const std::string& file, int flags) {
  system::descriptor opened(::open(file.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0600));
  if (!opened) return system::kernel_failure(errno, "open " + file);
  return opened;
}

/// Adds the listeners behind 0, 1 and 2.
result<void> hand_over(const process_specification& specification,
                       system::spawn_specification& what) {
  for (const auto& handed : specification.listeners) {
    const auto* socket = dynamic_cast<const real_listener*>(handed.socket);
    if (socket == nullptr || socket->native_handle() < 0) {
      return fail(error_code::invalid_argument, "listener " + handed.name + " is not open");
    }
    what.descriptors.push_back(socket->native_handle());
    what.listen_names.push_back(handed.name);
  }
  return {};
}

/// `ended` becomes readable when the process has ended.
result<void> watch(const process_identity& process, asio::posix::stream_descriptor& ended) {
  NINE_TRY_ASSIGN(auto handle, system::pidfd::open(process));
  boost::system::error_code problem;
  ended.assign(handle.native_handle(), problem);
  if (problem) return system_failure(problem, "watch process " + std::to_string(process.pid));
  std::move(handle).release().release();
  return {};
}

}  // namespace

real_processes::real_processes(asio::any_io_executor executor)
    : executor_(std::move(executor)),
      children_(std::make_shared<child_table>(executor_, exits_kept_most)) {}

real_processes::~real_processes() {
  children_->close();
}

process_identity real_processes::self() {
  return system::identify(::getpid()).value_or(process_identity{::getpid(), 0, system::boot_id()});
}

result<process_identity> real_processes::spawn(const process_specification& specification) {
  if (specification.arguments.empty()) {
    return fail(error_code::invalid_argument, "no program was named");
  }
  const auto log_name = specification.log.empty() ? "/dev/null" : specification.log.string();
  NINE_TRY_ASSIGN(const auto nothing, open_for_child("/dev/null", O_RDONLY));
  NINE_TRY_ASSIGN(const auto log, open_for_child(log_name, O_WRONLY | O_APPEND | O_CREAT));

  system::spawn_specification what;
  for (const auto& text : specification.arguments)
    what.arguments.push_back(text.c_str());
  for (const auto& text : specification.environment)
    what.environment.push_back(text.c_str());
  what.directory = specification.directory.c_str();
  what.descriptors = {nothing.get(), log.get(), log.get()};
  NINE_TRY(hand_over(specification, what));

  auto born = system::spawn_process(what);
  if (!born) {
    return fail(system::code_of(born.error().error_number), std::move(born.error().message));
  }
  auto kept = keep(born->pid, born->pidfd);
  if (kept) return kept;
  // Nobody would ever hear of it: who is told that a start has failed starts another.
  system::kill_and_reap(born->pidfd.get());
  return with_context("start " + specification.arguments[0], std::move(kept).error());
}

/// It cannot have been reaped yet: only this thread reaps.
result<process_identity> real_processes::keep(std::int32_t pid, system::descriptor& pidfd) {
  NINE_TRY_ASSIGN(auto identity, system::identify(pid));
  NINE_TRY(children_->add(identity, pidfd));
  return identity;
}

result<process_identity> real_processes::identify(std::int32_t pid) {
  return system::identify(pid);
}

liveness real_processes::probe(const process_identity& process) {
  return system::probe(process);
}

result<void> real_processes::signal(const process_identity& process, int signal_number) {
  NINE_TRY_ASSIGN(const auto handle, system::pidfd::open(process));
  return handle.send_signal(signal_number);
}

asio::awaitable<exit_status> real_processes::wait(const process_identity& process) {
  const process_identity wanted = process;  // the caller's may be gone when this resumes
  const auto child = children_->find(wanted);
  if (!child) co_return co_await wait_for_stranger(wanted);
  while (!child->exit)
    co_await child->ended.wait();
  children_->forget(wanted);
  co_return *child->exit;
}

asio::awaitable<exit_status> real_processes::wait_for_stranger(process_identity process) {
  asio::posix::stream_descriptor ended(executor_);
  auto watched = watch(process, ended);
  while (!watched && watched.error().code != error_code::not_found) {
    // Descriptors or memory are short. That proves nothing about the process.
    asio::steady_timer timer(executor_, retry_when_out_of_descriptors);
    co_await timer.async_wait(asio::use_awaitable);
    watched = watch(process, ended);
  }
  if (!watched) co_return exit_status{};
  co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  // An adopted orphan is a child after all.
  co_return system::reap(ended.native_handle()).value_or(exit_status{});
}

result<std::vector<process_identity>> real_processes::find_marked(std::string_view marker) {
  return system::find_marked(marker);
}

result<void> real_processes::adopt_orphans() {
  NINE_TRY(system::become_subreaper());
  children_->reap_everything();
  return {};
}

}  // namespace nine::environment
