#include "ninelives/environment/real/child_table.hpp"

#include <signal.h>

#include "ninelives/environment/real/system/child_reaper.hpp"
#include "ninelives/environment/real/system/pidfd.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {

child_table::child_table(boost::asio::any_io_executor executor, std::size_t exits_kept_most)
    : executor_(std::move(executor)), exits_kept_most_(exits_kept_most) {}

result<void> child_table::add(const process_identity& identity, system::descriptor& pidfd) {
  auto added = std::make_shared<child>(executor_);
  added->identity = identity;
  boost::system::error_code problem;
  added->pidfd.assign(pidfd.get(), problem);
  if (problem) return system_failure(problem, "watch process " + std::to_string(identity.pid));
  pidfd.release();
  children_[identity.pid] = added;  // one that ended and is not told yet may have had this pid
  watch(added);
  return {};
}

std::shared_ptr<child_table::child> child_table::find(const process_identity& identity) const {
  const auto found = children_.find(identity.pid);
  const bool same = found != children_.end() && found->second->identity == identity;
  return same ? found->second : nullptr;
}

void child_table::forget(const process_identity& identity) {
  if (find(identity)) children_.erase(identity.pid);
  std::erase(untold_, identity);
}

void child_table::watch(const std::shared_ptr<child>& watched) {
  watched->pidfd.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [table = weak_from_this(), watched](const boost::system::error_code& problem) {
        const auto self = table.lock();
        if (problem || !self || watched->exit) return;
        const auto exit = system::reap(watched->pidfd.native_handle());
        self->ended(watched, exit.value_or(exit_status{}));
      });
}

void child_table::ended(const std::shared_ptr<child>& which, exit_status exit) {
  which->exit = exit;
  boost::system::error_code ignored;
  which->pidfd.close(ignored);
  which->ended.notify_all();
  untold_.push_back(which->identity);
  if (untold_.size() > exits_kept_most_) forget(process_identity(untold_.front()));
}

void child_table::reap_everything() {
  if (child_signal_) return;
  child_signal_ = std::make_unique<boost::asio::signal_set>(executor_, SIGCHLD);
  wait_for_signal();
  reap_all_ready();  // those that ended before
}

void child_table::wait_for_signal() {
  child_signal_->async_wait(
      [table = weak_from_this()](const boost::system::error_code& problem, int) {
        const auto self = table.lock();
        if (problem || !self || !self->child_signal_) return;
        self->wait_for_signal();
        self->reap_all_ready();
      });
}

void child_table::reap_all_ready() {
  for (auto step = system::reap_any(); step.what == system::reaping::kind::reaped;
       step = system::reap_any()) {
    const auto found = children_.find(step.pid);
    if (found == children_.end() || found->second->exit) continue;
    ended(std::shared_ptr<child>(found->second), step.exit);
  }
}

void child_table::close() {
  child_signal_.reset();
  for (const auto& [pid, watched] : children_) {
    boost::system::error_code ignored;
    watched->pidfd.close(ignored);
  }
}

}  // namespace nine::environment
