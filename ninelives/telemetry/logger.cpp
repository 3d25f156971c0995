#include "ninelives/telemetry/logger.hpp"

#include <exception>
#include <utility>

#include "ninelives/telemetry/log_line.hpp"

namespace nine::telemetry {

struct logger::shared_state {
  environment::log_sink& sink;
  const environment::clock& clock;
  log_format format;
  redactor secrets;
  environment::log_sink* people;
  std::atomic<level> least;
  std::atomic<std::uint64_t> dropped_in_all = 0;
  std::atomic<std::uint64_t> dropped_untold = 0;

  void lose(std::uint64_t told_again) {
    ++dropped_in_all;
    dropped_untold += told_again + 1;
  }
};

logger::logger(environment::log_sink& sink, const environment::clock& clock, options chosen)
    : shared_(new shared_state{.sink = sink,
                               .clock = clock,
                               .format = chosen.format,
                               .secrets = std::move(chosen.secrets),
                               .people = chosen.people,
                               .least = chosen.least}),
      identity_(std::make_shared<const log_identity>()) {}

logger logger::with(const log_identity& more) const {
  if (!shared_) return *this;
  auto merged = *identity_;
  if (!more.role.empty()) merged.role = more.role;
  if (more.task) merged.task = more.task;
  if (more.attempt) merged.attempt = more.attempt;
  if (more.epoch) merged.epoch = more.epoch;
  if (!more.agent.empty()) merged.agent = more.agent;
  logger specific = *this;
  specific.identity_ = std::make_shared<const log_identity>(std::move(merged));
  return specific;
}

void logger::write(level how, std::string_view event, std::string_view message,
                   field_list fields) const noexcept {
  if (!writes(how)) return;
  const auto untold = shared_->dropped_untold.exchange(0);
  try {
    const log_entry entry{.at = shared_->clock.wall_now(),
                          .how = how,
                          .event = event,
                          .message = message,
                          .identity = *identity_,
                          .fields = fields,
                          .dropped_before = untold};
    if (shared_->people) {
      shared_->people->write_line(to_line(entry, log_format::human, shared_->secrets));
    }
    if (shared_->sink.write_line(to_line(entry, shared_->format, shared_->secrets))) return;
  } catch (const std::exception&) {
    // Out of memory: the line is lost like one that could not be written.
  }
  shared_->lose(untold);
}

bool logger::writes(level how) const {
  return shared_ && how >= shared_->least.load(std::memory_order_relaxed);
}

void logger::set_level(level least) const {
  if (shared_) shared_->least = least;
}

std::uint64_t logger::dropped() const {
  return shared_ ? shared_->dropped_in_all.load() : 0;
}

}  // namespace nine::telemetry
