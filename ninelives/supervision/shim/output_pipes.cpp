#include "ninelives/supervision/shim/output_pipes.hpp"

#include <utility>

#include "ninelives/environment/real/system/pipe.hpp"

namespace nine::supervision::shim {

namespace system = environment::system;

namespace {

constexpr int pieces_per_turn_most = 8;  // then the core's requests get their turn
/// A stranger that was given the pipe could keep filling it; what descendants wrote before their
/// end is never more than a pipe holds.
constexpr int pieces_at_end_most = 128;

}  // namespace

result<void> output_pipes::open(const std::string& stdout_file, const std::string& stderr_file,
                                bytes log_bytes_most) {
  received_ = 0;
  merged_ = stdout_file == stderr_file;
  choose_log(channels_[0], stdout_file, log_bytes_most);
  stdout_lost_before_ = channels_[0].log->lost();
  NINE_TRY(open_pipe(channels_[0]));
  if (merged_) return {};
  choose_log(channels_[1], stderr_file, log_bytes_most);
  return open_pipe(channels_[1]);
}

void output_pipes::choose_log(channel& which, const std::string& path, bytes log_bytes_most) {
  const std::string file = path.empty() ? "/dev/null" : path;
  const bool kept = which.log && which.log->path() == file &&
                    which.log->bytes_most() == log_bytes_most && which.log->in_place();
  if (!kept) which.log.emplace(file, path.empty() ? 0 : log_bytes_most);
}

result<void> output_pipes::open_pipe(channel& which) {
  NINE_TRY_ASSIGN(auto made, system::make_pipe());
  which.read_end = std::move(made.read_end);
  which.write_end = std::move(made.write_end);
  return {};
}

int output_pipes::stdout_for_agent() const {
  return channels_[0].write_end.get();
}
int output_pipes::stderr_for_agent() const {
  return channels_[merged_ ? 0 : 1].write_end.get();
}

void output_pipes::begin() {
  for (auto& each : channels_) {
    each.write_end.reset();
    if (!each.read_end) continue;
    const auto watch = loop_.watch(each.read_end.get(), system::event_loop::readable,
                                   [this, &each] { on_readable(each); });
    each.watch = watch.value_or(0);  // unwatched, it is read at the end
  }
}

bool output_pipes::take_piece(channel& which, bool& ended) {
  const auto got = system::read_some(which.read_end.get(), buffer_);
  ended = got && *got == 0;
  if (!got || *got <= 0) return false;
  const auto size = static_cast<std::size_t>(*got);
  received_ += size;
  which.log->append(std::string_view(buffer_.data(), size));
  return true;
}

void output_pipes::on_readable(channel& which) {
  bool ended = false;
  for (int i = 0; i < pieces_per_turn_most && take_piece(which, ended); ++i)
    continue;
  if (ended) stop_reading(which);
}

void output_pipes::stop_reading(channel& which) {
  loop_.unwatch(std::exchange(which.watch, 0));
  which.read_end.reset();
}

output_pipes::totals output_pipes::drain() {
  for (auto& each : channels_) {
    if (!each.read_end) continue;
    bool ended = false;
    for (int i = 0; i < pieces_at_end_most && take_piece(each, ended); ++i)
      continue;
  }
  close();
  const auto lost = channels_[0].log ? channels_[0].log->lost() - stdout_lost_before_ : 0;
  return {received_, lost};
}

void output_pipes::close() {
  for (auto& each : channels_) {
    each.write_end.reset();
    if (each.read_end) stop_reading(each);
  }
}

}  // namespace nine::supervision::shim
