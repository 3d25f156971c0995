#include "ninelives/supervision/process_survey.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <utility>

namespace nine::supervision {

namespace asio = boost::asio;
using environment::process_identity;
using environment::process_sight;

process_picture::process_picture(std::vector<process_sight> seen) : seen_(std::move(seen)) {
  for (place here = 0; here < seen_.size(); ++here) {
    const auto& sight = seen_[here];
    for (const auto& mark : sight.marks)
      by_mark_[mark].push_back(here);
    by_pid_[sight.identity.pid] = here;
    by_parent_[sight.parent].push_back(here);
    by_leader_[sight.session].push_back(here);
    if (sight.group != sight.session) by_leader_[sight.group].push_back(here);
  }
}

std::vector<process_identity> process_picture::marked(const std::string& mark) const {
  std::vector<process_identity> found;
  const auto places = by_mark_.find(mark);
  if (places == by_mark_.end()) return found;
  for (const auto here : places->second)
    found.push_back(seen_[here].identity);
  return found;
}

/// The kernel gives the number of a process to no other while a session or group is named by it. So
/// who is in it belongs to the agent, unless another process has the number by now.
bool process_picture::may_lead(const process_identity& agent) const {
  if (!agent) return false;
  const auto holder = by_pid_.find(agent.pid);
  return holder == by_pid_.end() || seen_[holder->second].identity == agent;
}

std::vector<process_identity> process_picture::family(const std::string& mark,
                                                      const process_identity& agent,
                                                      const process_identity& self) const {
  std::set<place> known;
  std::vector<place> members;
  const auto add = [&](const auto& index, const auto& key) {
    const auto places = index.find(key);
    if (places == index.end()) return;
    for (const auto here : places->second)
      if (seen_[here].identity != self && known.insert(here).second) members.push_back(here);
  };
  add(by_mark_, mark);
  if (may_lead(agent)) add(by_leader_, agent.pid);
  for (std::size_t next = 0; next < members.size(); ++next)
    add(by_parent_, seen_[members[next]].identity.pid);
  std::vector<process_identity> found;
  for (const auto here : members)
    found.push_back(seen_[here].identity);
  return found;
}

process_survey::process_survey(environment::look_at_processes look,
                               std::vector<std::string> prefixes, environment::worker& worker,
                               coroutine_scope& scope)
    : look_(std::move(look)), prefixes_(std::move(prefixes)), worker_(worker), scope_(scope) {}

asio::awaitable<process_survey::picture> process_survey::look() {
  if (!next_) next_ = std::make_shared<round>();
  const auto mine = next_;
  if (!std::exchange(playing_, true)) scope_.spawn(play_rounds(shared_from_this()));
  while (!mine->seen)
    co_await mine->over.wait();
  co_return mine->seen;
}

asio::awaitable<void> process_survey::play_rounds(std::shared_ptr<process_survey> self) {
  const auto executor = co_await asio::this_coro::executor;
  while (self->next_) {
    auto others = asio::post(executor, asio::use_awaitable);
    co_await std::move(others);  // whose turn is now may ask, too
    const auto now = std::exchange(self->next_, nullptr);
    auto look = [look = self->look_, prefixes = self->prefixes_]() -> picture {
      auto seen = look(prefixes);
      if (!seen) return std::make_shared<result<process_picture>>(std::unexpected(seen.error()));
      return std::make_shared<result<process_picture>>(process_picture(*std::move(seen)));
    };
    now->seen = co_await environment::run_on(self->worker_, std::move(look));
    now->over.notify_all();
  }
  self->playing_ = false;
}

}  // namespace nine::supervision
