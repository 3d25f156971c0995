#include "ninelives/supervision/agent_supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "ninelives/supervision/supervised_child.hpp"

namespace nine::supervision {

namespace asio = boost::asio;

namespace {

bool is_child_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= child_name_bytes_most && name.front() != '.' &&
         std::ranges::all_of(name, good);
}

/// Checks a request and fills in what follows from the rest.
result<void> complete(child_request& request) {
  if (!is_child_name(request.name))
    return fail(error_code::invalid_argument,
                fmt::format("'{}' is no name for a child: 1 to {} of a-z 0-9 . - are, not "
                            "beginning with a dot",
                            request.name, child_name_bytes_most));
  auto& specification = request.specification;
  specification.id = request.name;
  specification.significant = specification.restart != restart_type::permanent;
  NINE_TRY(validate(specification, auto_shutdown::any_significant));
  return validate(request.intensity);
}

std::unexpected<error> no_child(const std::string& name) {
  return fail(error_code::not_found, fmt::format("no child '{}'", name));
}

/// S7: so many deaths at once are doubted, and looked at again.
bool is_mass_death(const std::vector<shim_presence>& seen) {
  constexpr std::ptrdiff_t least = 5;
  const auto dead = std::ranges::count(seen, shim_presence::dead);
  return dead >= least && 2 * dead > std::ssize(seen);
}

}  // namespace

class agent_supervisor::implementation : public child_table,
                                         public std::enable_shared_from_this<implementation> {
 public:
  using self = std::shared_ptr<implementation>;
  using child_pointer = std::shared_ptr<supervised_child>;

  implementation(std::shared_ptr<shim_surroundings> surroundings, child_events& events)
      : surroundings_(std::move(surroundings)), events_(events) {}

  static asio::awaitable<result<void>> start(self me, child_request request);
  static asio::awaitable<result<std::vector<taken_over>>> take_over(self me);
  static asio::awaitable<void> clear_away_dead(self me);
  result<void> adopt(child_request request);
  result<void> discard(const std::string& name, std::string reason);
  result<void> stop(const std::string& name, std::string reason);
  child_pointer find(const std::string& name) const;
  std::vector<child_view> children() const;
  void let_go() {
    surroundings_->scope.cancel();
    removed_.notify_all();
  }

 private:
  /// What the coroutines of one take-over share.
  struct take_over_round {
    std::vector<child_pointer> children;
    std::vector<shim_presence> seen;
    std::vector<std::size_t> places;  ///< of the children whose turn it is
    std::size_t next = 0;
    std::size_t at_work = 0;
    environment::async_event ended;
  };
  using round_pointer = std::shared_ptr<take_over_round>;

  void child_removed(const std::string& child) override {
    children_.erase(child);
    removed_.notify_all();
  }
  void core_is_fenced(const std::string& why) override;

  child_pointer make_child(std::string name);
  asio::awaitable<void> gone_if_leaving(std::string name);
  result<std::vector<std::string>> names_found() const;
  using work_on_child = std::function<asio::awaitable<void>(round_pointer, std::size_t)>;
  asio::awaitable<void> look_at_all(round_pointer round, shim_presence seen_before);
  asio::awaitable<void> for_all(round_pointer round, shim_presence seen, std::size_t at_once,
                                work_on_child work);
  static asio::awaitable<void> for_some(round_pointer round, work_on_child work);

  std::shared_ptr<shim_surroundings> surroundings_;
  child_events& events_;
  std::map<std::string, child_pointer> children_;
  std::map<std::string, child_pointer> dead_;  ///< found so, and their directories not yet removed
  environment::async_event removed_;           ///< a child, or all are let go
  std::optional<std::string> fenced_;
};

agent_supervisor::implementation::child_pointer agent_supervisor::implementation::make_child(
    std::string name) {
  return std::make_shared<supervised_child>(surroundings_, std::move(name), events_, *this);
}

/// What has finished or is not wanted holds its name until all of it has ended.
asio::awaitable<void> agent_supervisor::implementation::gone_if_leaving(std::string name) {
  const auto is_taken = [&] {
    const auto child = find(name);
    return dead_.contains(name) || (child && child->is_leaving());
  };
  while (is_taken()) {
    if (surroundings_->scope.cancelled()) co_return;
    co_await removed_.wait();
  }
}

asio::awaitable<result<void>> agent_supervisor::implementation::start(self me,
                                                                      child_request request) {
  NINE_CO_TRY(complete(request));
  co_await me->gone_if_leaving(request.name);
  if (me->fenced_) co_return fail(error_code::fenced, *me->fenced_);
  if (me->surroundings_->scope.cancelled())
    co_return fail(error_code::cancelled, "the core lets go");
  if (me->children_.contains(request.name))
    co_return fail(error_code::already_exists,
                   fmt::format("there is a child '{}' already", request.name));
  const auto child = me->make_child(request.name);
  me->children_.emplace(request.name, child);

  auto launched = co_await child->keeper().launch();
  if (launched && child->stop_was_asked())
    launched = fail(error_code::cancelled, "stopped while its shim was started");
  if (launched) {
    child->begin(std::move(request));
    co_return launched;
  }
  co_await child->keeper().abandon();
  me->children_.erase(request.name);
  if (launched.error().code == error_code::fenced) me->core_is_fenced(launched.error().message);
  co_return launched;
}

/// Does the work for all children that were seen so, for a bounded number at once.
asio::awaitable<void> agent_supervisor::implementation::for_all(round_pointer round,
                                                                shim_presence seen,
                                                                std::size_t at_once,
                                                                work_on_child work) {
  round->next = 0;
  round->places.clear();
  for (std::size_t place = 0; place < round->children.size(); ++place)
    if (round->seen[place] == seen) round->places.push_back(place);
  round->at_work = std::min(std::max<std::size_t>(1, at_once), round->places.size());
  for (auto left = round->at_work; left > 0; --left)
    surroundings_->scope.spawn(for_some(round, work));
  while (round->at_work > 0 && !surroundings_->scope.cancelled())
    co_await round->ended.wait();
}

asio::awaitable<void> agent_supervisor::implementation::for_some(round_pointer round,
                                                                 work_on_child work) {
  while (round->next < round->places.size()) {
    const auto place = round->places[round->next++];
    auto piece = work(round, place);
    co_await std::move(piece);
  }
  --round->at_work;
  round->ended.notify_all();
}

/// Asked are few at once, so that each has the time to answer. Who does not is judged with all
/// others at once, because one look at the processes of the machine serves them all.
asio::awaitable<void> agent_supervisor::implementation::look_at_all(round_pointer round,
                                                                    shim_presence seen_before) {
  work_on_child look = [](round_pointer of, std::size_t place) -> asio::awaitable<void> {
    of->seen[place] = co_await of->children[place]->keeper().look();
  };
  co_await for_all(round, seen_before, surroundings_->options.take_over_at_once, std::move(look));
  work_on_child judge = [](round_pointer of, std::size_t place) -> asio::awaitable<void> {
    of->seen[place] = co_await of->children[place]->keeper().judge();
  };
  co_await for_all(round, shim_presence::unknown, round->children.size(), std::move(judge));
}

result<std::vector<std::string>> agent_supervisor::implementation::names_found() const {
  auto names = surroundings_->environment.files.list(surroundings_->options.shims);
  if (!names && names.error().code == error_code::not_found) return std::vector<std::string>{};
  if (names) std::erase_if(*names, [](const auto& name) { return !is_child_name(name); });
  return names;
}

asio::awaitable<result<std::vector<taken_over>>> agent_supervisor::implementation::take_over(
    self me) {
  NINE_CO_TRY_ASSIGN(const auto names, me->names_found());
  const auto round = std::make_shared<take_over_round>();
  for (const auto& name : names)
    round->children.push_back(me->make_child(name));
  round->seen.assign(names.size(), shim_presence::unknown);

  co_await me->look_at_all(round, shim_presence::unknown);
  if (is_mass_death(round->seen)) co_await me->look_at_all(round, shim_presence::dead);
  if (std::ranges::count(round->seen, shim_presence::fenced) > 0) {
    me->core_is_fenced("a shim of this home serves a newer core");
    co_return fail(error_code::fenced, *me->fenced_);
  }
  work_on_child clear = [](round_pointer of, std::size_t place) {
    return of->children[place]->keeper().end_what_is_left();
  };
  co_await me->for_all(round, shim_presence::dead, names.size(), std::move(clear));

  std::vector<taken_over> found;
  for (std::size_t place = 0; place < names.size(); ++place) {
    const auto& child = round->children[place];
    found.push_back(child->report(round->seen[place]));
    auto& table = round->seen[place] == shim_presence::dead ? me->dead_ : me->children_;
    table.emplace(names[place], child);
  }
  co_return found;
}

asio::awaitable<void> agent_supervisor::implementation::clear_away_dead(self me) {
  const auto round = std::make_shared<take_over_round>();
  for (const auto& [name, child] : me->dead_)
    round->children.push_back(child);
  round->seen.assign(round->children.size(), shim_presence::dead);
  work_on_child clear = [](round_pointer of, std::size_t place) {
    return of->children[place]->keeper().clear_away();
  };
  co_await me->for_all(round, shim_presence::dead, round->children.size(), std::move(clear));
  me->dead_.clear();
  me->removed_.notify_all();
}

result<void> agent_supervisor::implementation::adopt(child_request request) {
  NINE_TRY(complete(request));
  const auto child = find(request.name);
  if (!child) return no_child(request.name);
  if (child->has_request())
    return fail(error_code::already_exists,
                fmt::format("child '{}' is adopted already", request.name));
  child->adopt(std::move(request));
  return {};
}

result<void> agent_supervisor::implementation::discard(const std::string& name,
                                                       std::string reason) {
  const auto child = find(name);
  if (!child) return no_child(name);
  if (child->has_request())
    return fail(error_code::precondition_failed,
                fmt::format("child '{}' has an owner; stop it", name));
  child->discard(std::move(reason));
  return {};
}

result<void> agent_supervisor::implementation::stop(const std::string& name, std::string reason) {
  const auto child = find(name);
  if (!child) return no_child(name);
  child->stop(std::move(reason));
  return {};
}

agent_supervisor::implementation::child_pointer agent_supervisor::implementation::find(
    const std::string& name) const {
  const auto position = children_.find(name);
  return position == children_.end() ? nullptr : position->second;
}

std::vector<child_view> agent_supervisor::implementation::children() const {
  std::vector<child_view> views;
  views.reserve(children_.size());
  for (const auto& [name, child] : children_)
    views.push_back(child->view());
  return views;
}

void agent_supervisor::implementation::core_is_fenced(const std::string& why) {
  if (std::exchange(fenced_, why)) return;
  let_go();
  events_.fenced(why);
}

// --- the interface ---

agent_supervisor::agent_supervisor(asio::any_io_executor executor, environment::bundle environment,
                                   environment::worker& worker, child_events& events,
                                   agent_supervisor_options options) {
  auto surroundings = std::make_shared<shim_surroundings>(std::move(executor), environment, worker,
                                                          std::move(options));
  implementation_ = std::make_shared<implementation>(std::move(surroundings), events);
}

agent_supervisor::~agent_supervisor() {
  implementation_->let_go();
}

asio::awaitable<result<void>> agent_supervisor::start(child_request request) {
  return implementation::start(implementation_, std::move(request));
}

result<void> agent_supervisor::stop(const std::string& child, std::string reason) {
  return implementation_->stop(child, std::move(reason));
}

asio::awaitable<result<std::vector<taken_over>>> agent_supervisor::take_over() {
  return implementation::take_over(implementation_);
}

asio::awaitable<void> agent_supervisor::clear_away_dead() {
  return implementation::clear_away_dead(implementation_);
}

result<void> agent_supervisor::adopt(child_request request) {
  return implementation_->adopt(std::move(request));
}

result<void> agent_supervisor::discard(const std::string& child, std::string reason) {
  return implementation_->discard(child, std::move(reason));
}

void agent_supervisor::acknowledge(const std::string& child, epoch incarnation) {
  if (const auto found = implementation_->find(child)) found->acknowledge(incarnation);
}

void agent_supervisor::made_progress(const std::string& child) {
  if (const auto found = implementation_->find(child)) found->made_progress();
}

std::vector<child_view> agent_supervisor::children() const {
  return implementation_->children();
}

}  // namespace nine::supervision
