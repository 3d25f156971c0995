#include "ninelives/configuration/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "ninelives/base/utf8.hpp"

namespace nine::configuration {
namespace {

constexpr std::size_t quoted_bytes_most = 64;

}  // namespace

std::string to_string(const problem& item) {
  if (item.at.line == 0) return fmt::format("{}: {}", item.file, item.message);
  return fmt::format("{}:{}:{}: {}", item.file, item.at.line, item.at.column, item.message);
}

error to_error(const std::vector<problem>& problems) {
  std::string text;
  for (const auto& item : problems) {
    if (!text.empty()) text += '\n';
    text += to_string(item);
  }
  return {error_code::invalid_argument, std::move(text)};
}

void problem_list::add(position at, std::string message) {
  if (problems_.size() >= problems_most) {
    ++left_out_;
    return;
  }
  const auto place = [](const problem& one) { return std::tie(one.at.line, one.at.column); };
  const auto after = std::ranges::upper_bound(problems_, std::tie(at.line, at.column), {}, place);
  problems_.insert(after, {file_, at, std::move(message)});
}

std::vector<problem> problem_list::take() {
  if (left_out_ > 0) {
    problems_.push_back({file_, {}, fmt::format("{} more problems are not shown", left_out_)});
  }
  left_out_ = 0;
  return std::exchange(problems_, {});
}

std::string quoted(std::string_view text) {
  const auto head = utf8_prefix(text, quoted_bytes_most);
  std::string shown = "'";
  for (const char c : head) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  if (head.size() < text.size()) shown += "…";
  return shown + "'";
}

}  // namespace nine::configuration
