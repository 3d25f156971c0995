#include "ninelives/command_line/log_follower.hpp"

#include <algorithm>

#include "ninelives/environment/rotated_file.hpp"

namespace nine::command_line {

std::string log_follower::take(const std::filesystem::path& file, bytes from, bytes to) {
  if (to <= from) return "";
  from = std::max(from, to > looked_at_most ? to - looked_at_most : 0);
  return files_.read_range(file, from, to - from).value_or("");
}

std::vector<std::string> log_follower::whole_lines(std::string_view text) {
  rest_ += text;
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    lines.push_back(rest_.substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  return lines;
}

std::vector<std::string> log_follower::last_lines(std::size_t most) {
  const auto present = files_.information(file_);
  offset_ = present ? present->size : 0;
  auto text = take(file_, 0, offset_);
  const bool torn = offset_ > looked_at_most;
  auto lines = whole_lines(text);
  if (torn && !lines.empty()) lines.erase(lines.begin());
  if (lines.size() < most && !torn) {
    const auto moved = environment::rotated(file_);
    const auto before = files_.information(moved);
    const auto kept = std::exchange(rest_, "");
    auto earlier = whole_lines(take(moved, 0, before ? before->size : 0));
    rest_ = kept;
    if (before && before->size > looked_at_most && !earlier.empty()) earlier.erase(earlier.begin());
    lines.insert(lines.begin(), earlier.begin(), earlier.end());
  }
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<long>(most));
  return lines;
}

std::vector<std::string> log_follower::added_lines() {
  const auto present = files_.information(file_);
  if (!present) return {};
  std::string text;
  if (present->size < offset_) {
    const auto moved = environment::rotated(file_);
    if (const auto before = files_.information(moved)) text = take(moved, offset_, before->size);
    offset_ = 0;
  }
  text += take(file_, offset_, present->size);
  offset_ = present->size;
  return whole_lines(text);
}

std::string added_text(std::string_view text, std::size_t from, std::size_t& shown) {
  const auto end = from + text.size();
  if (end < shown) shown = 0;
  const auto skip = shown > from ? shown - from : 0;
  shown = end;
  return std::string(text.substr(skip));
}

}  // namespace nine::command_line
