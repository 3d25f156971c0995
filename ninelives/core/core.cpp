#include "ninelives/core/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/control/sealed_text.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/removed_home.hpp"
#include "ninelives/journal/blob/file/file_blob_store.hpp"

namespace nine::core {

namespace asio = boost::asio;

constexpr duration fence_looks_every = 1s;
constexpr duration tombstone_looks_every = 1s;
constexpr duration flush_patience = 5s;

namespace {

/// Whoever reaches this socket is the user. Nobody else waits for what was only looked at.
http::server_options control_limits() {
  http::server_options options;
  options.limits.body_bytes_most = 64 * MiB;
  options.bodies_bytes_most = 256 * MiB;
  options.connections_most = 4096;
  options.cancel_reads_with_client = true;
  return options;
}

/// Agents may be anything: what they send is held only when their token is good, and all of it
/// together stays small. The longest is a step's result, of which JSON may spell some characters
/// with three times as many bytes.
http::server_options agent_limits(bytes result_size) {
  constexpr bytes body_most = 20 * MiB;
  http::server_options options;
  options.limits.head_bytes_most = 8 * KiB;
  options.limits.body_bytes_most = std::min(3 * result_size + 64 * KiB, body_most);
  options.bodies_bytes_most = body_most + 4 * MiB;
  options.connections_most = 4096;
  return options;
}

}  // namespace

core::core(core_options options, core_seams seams) : options_(std::move(options)), seams_(seams) {}

result<void> core::build() {
  auto& environment = seams_.environment;
  NINE_TRY(home::prepare_home(environment.files, options_.layout));
  NINE_TRY_ASSIGN(lock_,
                  seams_.locks.try_lock(options_.layout.core_lock(), environment.processes.self()));
  NINE_TRY_ASSIGN(control_listener_, environment.network.take_inherited("control"));
  NINE_TRY_ASSIGN(agent_listener_, environment.network.take_inherited("agent"));
  NINE_TRY_ASSIGN(const auto home_key,
                  home::ensure_home_key(environment.files, environment.random, options_.layout));
  NINE_TRY(open_journal());
  build_services(home_key);
  return {};
}

result<void> core::open_journal() {
  auto store = options_.open_store();
  if (!store) return noting_damage(std::unexpected(store.error()));
  NINE_TRY(take_over(**store));
  journal_ = std::make_unique<journal::journal>(seams_.executor, seams_.environment.clock,
                                                seams_.journal_worker, *std::move(store));
  blobs_ = std::make_unique<journal::blob::file_blob_store>(
      seams_.environment.files, seams_.environment.clock, options_.layout.blobs());
  return {};
}

/// What the shims that live may have heard of: a journal that was begun anew, or brought back from
/// a copy, knows less than they do. A record that is damaged is written anew.
core_epoch core::newest_known() const {
  const auto known =
      supervision::core_fence::newest(seams_.environment.files, options_.layout.core_epoch());
  if (!known) options_.log.error("core_epoch_unreadable", known.error().message);
  return known.value_or(core_epoch());
}

/// On record before any shim is looked for. Then the claim is proved once more: two cores that
/// claim at once may write their records in either order, but only the newer one goes on.
result<void> core::take_over(journal::store& store) {
  auto& children = options_.orchestration.children;
  const auto claimed = store.claim(newest_known());
  if (!claimed) return noting_damage(std::unexpected(claimed.error()));
  children.core = *claimed;
  children.core_epoch_file = options_.layout.core_epoch();
  fence_.emplace(seams_.environment.files, children.core_epoch_file, children.core);
  NINE_TRY(fence_->take_over());
  std::vector<journal::record_outcome> none;
  return noting_damage(store.commit({}, journal::durability::synced, none));
}

/// For what the store itself answers.
result<void> core::noting_damage(result<void> outcome) {
  if (!outcome && outcome.error().code == error_code::corrupted) journal_damage_ = outcome.error();
  return outcome;
}

void core::build_services(const std::string& home_key) {
  auto& environment = seams_.environment;
  submissions_ = std::make_unique<control::submission_reader>(
      environment.files, options_.built_in_configuration, options_.layout.root() / "nine.yaml");
  const control::agent_tokens tokens(home_key);
  const control::sealed_texts seals(home_key);
  options_.orchestration.seal = {[seals](std::string_view text) { return seals.seal(text); },
                                 [seals](std::string_view sealed) { return seals.open(sealed); }};
  orchestrator_ = std::make_unique<orchestration::orchestrator>(
      seams_.executor, environment, seams_.worker, *journal_, *blobs_,
      [tokens](task_id task, attempt_number attempt, epoch incarnation) {
        return tokens.make({task, attempt, incarnation});
      },
      options_.orchestration);
  options_.guard.home_key = home_key;
  guard_ = std::make_unique<supervision::guard::guard_link>(
      options_.guard, supervision::guard::guard_link_seams{environment.clock, environment.random,
                                                           environment.files, environment.processes,
                                                           seams_.notifications, seams_.locks});
  control_ = std::make_unique<control::control_api>(
      *orchestrator_, *journal_, *submissions_,
      control::control_seams{environment.clock, seams_.worker, options_.inspect},
      control::home_seams{[this] { return own_processes(); }, options_.check_configuration,
                          [this](std::string reason) {
                            auto& seams = seams_.environment;
                            return home::mark_stopped(seams.files, options_.layout, reason,
                                                      seams.clock.wall_now());
                          }});
  agents_ = std::make_unique<control::agent_api>(orchestrator_->steps(), tokens);
}

/// The guard is found by its lock: also one that an init system started.
std::vector<control::reported_process> core::own_processes() const {
  std::vector<control::reported_process> processes;
  if (const auto guard = seams_.locks.holder(options_.layout.guard_lock())) {
    processes.push_back({.role = "guard",
                         .process = *guard,
                         .state = "running",
                         .heartbeat_age = guard_beats_.age(seams_.environment.clock.now())});
  }
  processes.push_back({.role = "core",
                       .process = seams_.environment.processes.self(),
                       .state = "running",
                       .heartbeat_age = guard_->beat_age()});
  return processes;
}

/// Only after boot: it must not mistake the directory of a task being accepted for one left over.
void core::keep_house() {
  orchestration::housekeeping_options options;
  options.expiry.after = options_.kept.expire_after;
  options.expiry.count = options_.kept.expire_count;
  options.last_task = orchestrator_->last_task();
  const orchestration::housekeeping_seams seams{seams_.environment.clock, seams_.worker, *journal_,
                                                *blobs_};
  housekeeping_ = std::make_unique<orchestration::housekeeping>(seams, orchestrator_->files(),
                                                                std::move(options), options_.log);
  asio::co_spawn(seams_.executor, housekeeping_->run(), asio::detached);
}

void core::serve() {
  auto control_routes = std::make_shared<http::router>();
  control_->add_routes(*control_routes);
  auto agent_routes = std::make_shared<http::router>();
  agents_->add_routes(*agent_routes);
  auto& clock = seams_.environment.clock;
  control_server_ = std::make_unique<http::server>(
      clock,
      [control_routes](http::request request) { return (*control_routes)(std::move(request)); },
      control_limits());
  auto agent_options = agent_limits(options_.orchestration.limits.result_size);
  agent_options.admit = [this](const http::request& head) { return agents_->refusal(head); };
  agent_server_ = std::make_unique<http::server>(
      clock, [agent_routes](http::request request) { return (*agent_routes)(std::move(request)); },
      std::move(agent_options));
  asio::co_spawn(seams_.executor, control_server_->serve(*control_listener_), asio::detached);
  asio::co_spawn(seams_.executor, agent_server_->serve(*agent_listener_), asio::detached);
}

/// One pass of the event loop a beat: a loop that hangs falls silent, and the guard acts. The guard
/// is looked at in return, for those who ask for the status.
asio::awaitable<void> core::keep_beating() {
  constexpr duration longest_pause = 500ms;
  const auto pause = std::min<duration>(options_.guard.beat_interval / 2, longest_pause);
  auto& clock = seams_.environment.clock;
  for (;;) {
    guard_->beat();
    if (const auto guard = seams_.locks.holder(options_.layout.guard_lock()))
      guard_beats_.seen(*guard, options_.inspect(*guard).pauses, clock.now());
    co_await clock.sleep_for(pause);
  }
}

/// The reason. A core with nothing to do would never hear of it from journal or shims.
asio::awaitable<std::string> core::until_fenced() {
  using namespace asio::experimental::awaitable_operators;
  auto& clock = seams_.environment.clock;
  while (orchestrator_->fenced_reason().empty()) {
    const auto current = fence_->check();
    if (!current && current.error().code == error_code::fenced) co_return current.error().message;
    if (home::is_removed(seams_.environment.files, options_.layout, options_.guard.home_key))
      co_return "the home was removed";
    co_await (orchestrator_->fenced_event().wait() || clock.sleep_for(fence_looks_every));
  }
  co_return orchestrator_->fenced_reason();
}

/// By a request, or by a tombstone that somebody set who could not reach this core: its sockets and
/// its lock may have been cleared away while no guard was there to put them back.
asio::awaitable<void> core::until_stopped() {
  using namespace asio::experimental::awaitable_operators;
  auto& clock = seams_.environment.clock;
  while (!control_->stopped()) {
    const auto stone = home::find_tombstone(seams_.environment.files, options_.layout);
    if (stone && *stone) co_return co_await end_home(**stone);
    co_await (control_->stopped_event().wait() || clock.sleep_for(tombstone_looks_every));
  }
}

asio::awaitable<void> core::end_home(home::tombstone stone) {
  co_await orchestrator_->interrupt_all(stone.reason);
  auto& seams = seams_.environment;
  const auto now = home::find_tombstone(seams.files, options_.layout);
  const bool still_wanted = now && *now && (*now)->ending;
  if (!still_wanted) co_return;
  const auto marked =
      home::mark_stopped(seams.files, options_.layout, stone.reason, seams.clock.wall_now());
  if (!marked) options_.log.error("tombstone_not_written", marked.error().message);
}

asio::awaitable<int> core::run() {
  using namespace asio::experimental::awaitable_operators;
  const auto stone = home::find_tombstone(seams_.environment.files, options_.layout);
  if (stone && *stone) orchestrator_->interrupt();
  asio::co_spawn(seams_.executor, watch_journal(), asio::detached);
  // Also while it boots: a guard that dies then is to be replaced, too.
  asio::co_spawn(seams_.executor, guard_->keep_guard(*control_listener_, *agent_listener_),
                 asio::detached);
  const auto booted = noting_damage(co_await orchestrator_->boot());
  if (!booted) {
    options_.log.error("cannot_take_over", "cannot take over: " + booted.error().message);
    co_return journal_is_damaged() ? exit_refused : exit_failed;
  }
  serve();
  guard_->ready();
  keep_house();
  asio::co_spawn(seams_.executor, keep_beating(), asio::detached);
  const auto unfinished = orchestrator_->live_tasks().size();
  options_.log.info("core_ready", fmt::format("ready with {} unfinished tasks", unfinished),
                    {{"unfinished_tasks", unfinished}});

  const auto end = co_await (until_fenced() || until_stopped() || seams_.termination.requested() ||
                             until_journal_closed());
  if (journal_is_damaged()) co_return exit_refused;
  const bool closed = end.index() == 3;
  if (end.index() == 0 || closed) {
    const auto why = closed ? journal_->status().last_error->message : std::get<0>(end);
    options_.log.error("core_fenced", "fenced: " + why);
    co_return exit_fenced;
  }
  co_await stop_serving();
  options_.log.info("core_stopped",
                    end.index() == 1 ? "the home is stopped" : "asked to end; agents go on");
  co_return exit_stopped;
}

/// A journal that fails does not keep a core that is to end: what is not on disk was acknowledged
/// to nobody.
asio::awaitable<void> core::stop_serving() {
  using namespace asio::experimental::awaitable_operators;
  orchestrator_->begin_nothing();
  guard_->stopping();
  co_await control_server_->stop(2s);
  co_await agent_server_->stop(1s);
  const auto flushed =
      co_await (journal_->flush() || seams_.environment.clock.sleep_for(flush_patience));
  const auto* outcome = std::get_if<0>(&flushed);
  if (outcome && *outcome) co_return;
  const auto why = journal_->status().last_error;
  options_.log.error("journal_not_flushed", "the journal could not be flushed: " +
                                                (why ? why->message : "it takes too long"));
}

/// Tells the log whenever the journal fails, works again, or is closed.
asio::awaitable<void> core::watch_journal() {
  auto known = journal::journal_health::working;
  while (known != journal::journal_health::closed) {
    const auto now = co_await journal_->health_beyond(known);
    known = now.health;
    tell_of_journal(now);
  }
}

void core::tell_of_journal(const journal::journal_status& status) const {
  using enum journal::journal_health;
  const auto why = status.last_error ? status.last_error->message : std::string("unknown");
  if (status.health == working) {
    options_.log.info("journal_works_again", "the journal works again; nothing was lost");
  } else if (status.health == failed) {
    options_.log.error("journal_failed",
                       fmt::format("the journal has failed ({}); all that is to be recorded waits, "
                                   "and it is tried again",
                                   why));
  } else {
    options_.log.error("journal_closed", fmt::format("the journal is closed for good: {}", why));
  }
}

/// Found by build(), by boot(), or while something was written.
bool core::journal_is_damaged() {
  const auto status = journal_->status();
  const bool closed = status.health == journal::journal_health::closed;
  if (closed && status.last_error)
    static_cast<void>(noting_damage(std::unexpected(*status.last_error)));
  return journal_damage_.has_value();
}

asio::awaitable<void> core::until_journal_closed() {
  auto status = journal_->status();
  while (status.health != journal::journal_health::closed)
    status = co_await journal_->health_beyond(status.health);
}

}  // namespace nine::core
