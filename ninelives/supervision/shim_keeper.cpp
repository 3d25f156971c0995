#include "ninelives/supervision/shim_keeper.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/deadline.hpp"
#include "ninelives/supervision/incarnation_endings.hpp"
#include "ninelives/supervision/remains.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"

namespace nine::supervision {

namespace asio = boost::asio;
using environment::liveness;

namespace {

constexpr bytes endings_bytes_most = 1 * MiB;
constexpr bytes cgroup_bytes_most = 4 * KiB;
constexpr bytes last_words_bytes_most = 1 * KiB;
constexpr duration retired_shim_ends_within = 5s;
constexpr duration killed_shim_ends_within = 5s;

}  // namespace

shim_keeper::shim_keeper(std::shared_ptr<shim_surroundings> surroundings, shim_directory directory)
    : surroundings_(std::move(surroundings)),
      directory_(std::move(directory)),
      reconnect_pause_(surroundings_->options.reconnect_first) {}

// --- once, before begin() ---

asio::awaitable<result<void>> shim_keeper::launch() {
  NINE_CO_TRY(surroundings_->fence.check());
  NINE_CO_TRY(co_await make_directory());
  if (over()) co_return fail(error_code::cancelled, "the core lets go");
  NINE_CO_TRY(spawn());
  write_identity();
  auto connected = co_await connect(surroundings_->options.shim_starts_within);
  if (connected || over()) co_return connected;
  connected.error().message += last_words();
  co_await end_by_force();
  co_return connected;
}

/// To make a directory waits for the disk, and the core has others to serve meanwhile.
asio::awaitable<result<void>> shim_keeper::make_directory() {
  auto make = [surroundings = surroundings_, directory = directory_]() -> result<void> {
    auto& files = surroundings->environment.files;
    NINE_TRY(files.make_directory(directory.path()));
    // Of a directory that could not be cleared away: until ours is written, it would let a new core
    // believe that the shim, and with it the agent, was of an earlier boot.
    return files.remove(directory.identity());
  };
  co_return co_await environment::run_on(surroundings_->worker, std::move(make));
}

/// The end of what the shim wrote to its log before it failed.
std::string shim_keeper::last_words() const {
  auto& files = surroundings_->environment.files;
  const auto information = files.information(directory_.log());
  if (!information) return {};
  const auto begin = information->size - std::min(information->size, last_words_bytes_most);
  auto words = files.read_range(directory_.log(), begin, last_words_bytes_most).value_or("");
  while (!words.empty() && words.back() == '\n')
    words.pop_back();
  return words.empty() ? words : "; the shim said: " + words;
}

result<void> shim_keeper::spawn() {
  auto& environment = surroundings_->environment;
  const auto& options = surroundings_->options;
  NINE_TRY_ASSIGN(const auto listening,
                  environment.network.listen(environment::unix_endpoint{directory_.socket()}));
  environment::process_specification program;
  program.arguments = {options.shim_program.string(), directory_.path().string(),
                       std::to_string(options.core.value())};
  program.environment = options.shim_environment;
  program.environment.push_back(directory_.shim_marker());
  program.log = directory_.log();
  program.listeners.push_back({std::string(shim::listener_name), listening.get()});
  NINE_TRY_ASSIGN(shim_, environment.processes.spawn(program));
  present_ = true;
  return {};
}

/// Not waited for: should the core die before it is written, the shim is found by its marker.
void shim_keeper::write_identity() {
  surroundings_->worker.post([surroundings = surroundings_, file = directory_.identity(),
                              text = shim::format_identity(shim_)] {
    std::ignore = surroundings->environment.files.write_durably(file, text);
  });
}

asio::awaitable<shim_presence> shim_keeper::look() {
  present_ = true;
  const auto connected = co_await connect(surroundings_->options.shim_answers_within);
  if (connected) co_return shim_presence::answers;
  const bool fenced = connected.error().code == error_code::fenced;
  co_return fenced ? shim_presence::fenced : shim_presence::unknown;
}

asio::awaitable<shim_presence> shim_keeper::judge() {
  const auto alive = co_await probe();
  if (alive != liveness::gone) co_return shim_presence::unknown;
  read_written_endings();
  co_return shim_presence::dead;
}

/// Neither they nor the outputs they speak of are synced: with the machine they are not believed.
void shim_keeper::read_written_endings() {
  written_endings_.clear();
  if (of_earlier_boot()) return;
  const auto text = surroundings_->environment.files.read(directory_.endings(), endings_bytes_most);
  if (!text) return;
  for (const auto& ending : shim::parse_endings(*text))
    written_endings_.push_back(std::visit([](const auto& it) { return ending_of(it); }, ending));
}

asio::awaitable<void> shim_keeper::end_what_is_left() {
  nothing_is_left_ = of_earlier_boot();
  if (nothing_is_left_) co_return;
  const auto ended = co_await end_what_it_left();
  nothing_is_left_ = ended.has_value();
}

asio::awaitable<void> shim_keeper::clear_away() {
  if (nothing_is_left_) co_await remove_directory();
}

asio::awaitable<void> shim_keeper::abandon() {
  if (over()) co_return;
  co_await end_by_force();
  co_await remove_directory();
}

/// Of a shim without an agent: only its control group can be left of it.
asio::awaitable<void> shim_keeper::end_by_force() {
  if (!present_) co_return;
  kill();
  disconnect();
  std::ignore = co_await ends_within(killed_shim_ends_within);
  if (over()) co_return;
  co_await remove_cgroup();
  shim_ = {};
  present_ = false;
}

asio::awaitable<bool> shim_keeper::ends_within(duration limit) {
  auto& environment = surroundings_->environment;
  auto gone = [](environment::processes& processes,
                 environment::process_identity shim) -> asio::awaitable<result<void>> {
    co_await processes.wait(shim);
    co_return result<void>{};
  };
  const auto deadline = surroundings_->now() + limit;
  auto waiting = gone(environment.processes, shim_);
  auto bounded =
      environment::until(environment.clock, deadline, std::move(waiting), "the shim lives on");
  const auto ended = co_await std::move(bounded);
  co_return ended.has_value();
}

asio::awaitable<result<void>> shim_keeper::end_what_it_left() {
  auto& files = surroundings_->environment.files;
  if (!agent_) {
    const auto text = files.read(directory_.agent(), shim::identity_bytes_most);
    if (text) agent_ = shim::parse_identity(*text).value_or(environment::process_identity{});
  }
  if (agent_.boot_id != surroundings_->environment.processes.self().boot_id) agent_ = {};
  learn_cgroup();
  auto ending = end_remains(surroundings_, {directory_, cgroup_, std::exchange(agent_, {})});
  auto ended = co_await std::move(ending);
  if (ended) co_await remove_cgroup();
  co_return ended;
}

void shim_keeper::learn_cgroup() {
  if (!cgroup_.empty()) return;
  auto& files = surroundings_->environment.files;
  cgroup_ = files.read(directory_.cgroup(), cgroup_bytes_most).value_or(std::string());
}

/// Nobody else would: a shim that is killed cannot.
asio::awaitable<void> shim_keeper::remove_cgroup() {
  learn_cgroup();
  const auto name = std::filesystem::path(cgroup_).filename().string();
  if (!name.starts_with(shim::cgroup_prefix)) co_return;
  auto remove = [surroundings = surroundings_, path = std::exchange(cgroup_, {})] {
    return surroundings->environment.files.remove(path);
  };
  std::ignore = co_await environment::run_on(surroundings_->worker, std::move(remove));
}

asio::awaitable<void> shim_keeper::remove_directory() {
  auto remove = [surroundings = surroundings_, path = directory_.path()]() -> result<void> {
    NINE_TRY(surroundings->fence.check());  // it may be a newer core's by now
    return surroundings->environment.files.remove(path);
  };
  co_await environment::run_on(surroundings_->worker, std::move(remove));
}

// --- contact ---

asio::awaitable<result<void>> shim_keeper::connect(duration within) {
  const auto deadline = surroundings_->now() + within;
  auto connecting = connect_without_bound();
  auto bounded = environment::until(surroundings_->environment.clock, deadline,
                                    std::move(connecting), "the shim does not answer");
  auto connected = co_await std::move(bounded);
  if (!connected) disconnect();
  co_return connected;
}

asio::awaitable<result<void>> shim_keeper::connect_without_bound() {
  const environment::endpoint socket = environment::unix_endpoint{directory_.socket()};
  NINE_CO_TRY_ASSIGN(auto stream, co_await surroundings_->environment.network.connect(socket));
  connection_ = std::make_shared<shim_connection>(std::move(stream), surroundings_->scope);
  const auto connection = connection_;
  NINE_CO_TRY_ASSIGN(auto hello, co_await connection->greet(surroundings_->options.core));
  shim_ = hello.shim;
  cgroup_ = hello.cgroup;
  agent_ =
      hello.state == shim::agent_state::running ? hello.agent : environment::process_identity{};
  hello_ = std::move(hello);
  greeted_ = true;
  told_ = false;
  reconnect_pause_ = surroundings_->options.reconnect_first;
  co_return result<void>{};
}

void shim_keeper::disconnect() {
  if (connection_) connection_->close();
  connection_.reset();
  greeted_ = false;
}

asio::awaitable<liveness> shim_keeper::probe() {
  auto& environment = surroundings_->environment;
  if (!shim_) {
    const auto text = environment.files.read(directory_.identity(), shim::identity_bytes_most);
    if (text) shim_ = shim::parse_identity(*text).value_or(environment::process_identity{});
  }
  if (of_earlier_boot()) co_return liveness::gone;
  if (shim_) {
    const auto alive = environment.processes.probe(shim_);
    if (alive != liveness::gone) co_return alive;
  }
  // Twice, by independent evidence: the record may be of the shim before this one.
  co_return co_await probe_by_marker();
}

/// Then nothing of it can live. The record cannot be stale: it is removed before a shim is made.
bool shim_keeper::of_earlier_boot() const {
  const auto present = surroundings_->environment.processes.self().boot_id;
  return !shim_.boot_id.empty() && !present.empty() && shim_.boot_id != present;
}

bool shim_keeper::over() const {
  return surroundings_->scope.cancelled();
}

asio::awaitable<liveness> shim_keeper::probe_by_marker() {
  const auto picture = co_await surroundings_->survey->look();
  if (!*picture) co_return liveness::unknown;
  const auto found = (*picture)->marked(directory_.shim_marker());
  if (found.empty()) co_return liveness::gone;
  shim_ = found.front();
  co_return liveness::alive;
}

// --- keeping ---

void shim_keeper::begin(shim_events& events, std::shared_ptr<void> owner) {
  NINE_ASSERT(!events_);
  events_ = &events;
  surroundings_->scope.spawn(keep(shared_from_this(), std::move(owner)));
}

asio::awaitable<void> shim_keeper::keep(std::shared_ptr<shim_keeper> self,
                                        [[maybe_unused]] std::shared_ptr<void> owner) {
  while (!self->ended_) {
    if (self->greeted_) {
      co_await self->listen_to_shim();
    } else if (self->retiring_) {
      co_await self->end_retired_shim();
    } else if (self->present_) {
      co_await self->find_again();
    } else if (self->wanted_) {
      co_await self->make_again();
    } else {
      co_await self->changed_.wait();
    }
  }
}

asio::awaitable<void> shim_keeper::listen_to_shim() {
  const auto connection = connection_;
  if (!std::exchange(told_, true)) events_->shim_greeted(*hello_);
  for (;;) {
    const auto event = co_await connection->receive();
    if (over()) co_return;
    if (!event) break;
    note(*event);
    events_->shim_said(*event);
  }
  disconnect();
}

void shim_keeper::note(const shim::event& event) {
  if (const auto* born = std::get_if<shim::started>(&event)) {
    agent_ = born->agent;
    cgroup_ = born->cgroup;
  } else if (std::holds_alternative<shim::exited>(event)) {
    agent_ = {};
  }
}

asio::awaitable<void> shim_keeper::find_again() {
  const auto connected = co_await connect(surroundings_->options.shim_answers_within);
  if (connected || over()) co_return;
  if (connected.error().code == error_code::fenced) {
    ended_ = true;
    events_->shim_fenced(connected.error().message);
    co_return;
  }
  const auto alive = co_await probe();
  if (over()) co_return;
  if (alive == liveness::gone) {
    co_await bury();
  } else {
    co_await surroundings_->environment.clock.sleep_for(reconnect_pause_);
    reconnect_pause_ = std::min(reconnect_pause_ * 2, surroundings_->options.reconnect_most);
  }
}

asio::awaitable<void> shim_keeper::bury() {
  const auto ended = co_await end_what_it_left();
  if (over()) co_return;
  if (!ended && ended.error().code == error_code::fenced) {
    ended_ = true;
    events_->shim_fenced(ended.error().message);
    co_return;
  }
  read_written_endings();
  shim_ = {};
  cgroup_.clear();
  present_ = false;
  events_->shim_lost(ended ? "its shim died" : "its shim died, and " + ended.error().message);
}

asio::awaitable<void> shim_keeper::make_again() {
  const auto launched = co_await launch();
  wanted_ = false;
  if (launched || over()) co_return;
  if (launched.error().code == error_code::fenced) {
    ended_ = true;
    events_->shim_fenced(launched.error().message);
  } else {
    events_->shim_launch_failed(launched.error());
  }
}

asio::awaitable<void> shim_keeper::end_retired_shim() {
  if (present_ && shim_) {
    const auto ended = co_await ends_within(retired_shim_ends_within);
    if (!ended && !over()) co_await end_by_force();
  }
  if (over()) co_return;
  co_await remove_cgroup();  // one that quits removes it itself, one that was killed cannot
  co_await remove_directory();
  if (over()) co_return;
  ended_ = true;
  events_->shim_retired();
}

// --- asked from outside ---

void shim_keeper::want() {
  if (present_) return;
  wanted_ = true;
  changed_.notify_all();
}

void shim_keeper::retire() {
  if (std::exchange(retiring_, true)) return;
  send(shim::quit{});
  changed_.notify_all();
}

void shim_keeper::kill() {
  if (!shim_ || surroundings_->fence.is_fenced()) return;
  std::ignore = surroundings_->environment.processes.signal(shim_, SIGKILL);
}

bool shim_keeper::send(const shim::request& message) {
  if (!greeted_) return false;
  connection_->send(message);
  return true;
}

}  // namespace nine::supervision
