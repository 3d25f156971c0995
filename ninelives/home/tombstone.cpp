#include "ninelives/home/tombstone.hpp"

#include <fmt/format.h>

#include <charconv>

#include "ninelives/base/units.hpp"

namespace nine::home {
namespace {

constexpr bytes tombstone_bytes_most = 64 * KiB;

constexpr std::string_view ending_mark = " ending";

/// The file's form: milliseconds since 1970, perhaps the mark, a line feed, the reason, a line
/// feed.
tombstone parse(std::string_view text) {
  tombstone stone{.reason = "unreadable tombstone"};
  const auto line_end = text.find('\n');
  if (line_end == std::string_view::npos) return stone;
  std::int64_t milliseconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + line_end, milliseconds);
  const std::string_view mark(end, text.data() + line_end);
  if (code != std::errc{} || (!mark.empty() && mark != ending_mark)) return stone;
  auto reason = text.substr(line_end + 1);
  while (reason.ends_with('\n'))
    reason.remove_suffix(1);
  return {.reason = std::string(reason),
          .since = wall_time_from_milliseconds(milliseconds),
          .ending = mark == ending_mark};
}

result<void> write(environment::files& files, const home_layout& layout, std::string_view reason,
                   wall_time now, std::string_view mark) {
  return files.write_durably(layout.tombstone(),
                             fmt::format("{}{}\n{}\n", to_milliseconds(now), mark, reason));
}

}  // namespace

result<void> mark_stopped(environment::files& files, const home_layout& layout,
                          std::string_view reason, wall_time now) {
  return write(files, layout, reason, now, "");
}

result<void> mark_ending(environment::files& files, const home_layout& layout,
                         std::string_view reason, wall_time now) {
  return write(files, layout, reason, now, ending_mark);
}

result<std::optional<tombstone>> find_tombstone(environment::files& files,
                                                const home_layout& layout) {
  auto text = files.read(layout.tombstone(), tombstone_bytes_most);
  if (text) return parse(*text);
  if (text.error().code == error_code::not_found) return std::nullopt;
  if (text.error().code == error_code::too_large) return parse("");
  return with_context("look for a tombstone", std::move(text).error());
}

result<void> clear_tombstone(environment::files& files, const home_layout& layout) {
  return files.remove(layout.tombstone());
}

}  // namespace nine::home
