#include "ninelives/quality/validators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace nine::quality {
namespace {

constexpr std::size_t words_per_run = 4;

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  std::vector<std::string_view> words;
  for (auto begin = text.find_first_not_of(blanks); begin != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(blanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(blanks, end);
  }
  return words;
}

/// Hashes of all runs of `length` words. Equal hashes of different runs are too rare to matter
/// here.
std::unordered_set<std::size_t> runs_of(const std::vector<std::string_view>& words,
                                        std::size_t length) {
  std::unordered_set<std::size_t> runs;
  for (std::size_t first = 0; first + length <= words.size(); ++first) {
    std::size_t hash = 0;
    for (std::size_t offset = 0; offset < length; ++offset) {
      hash = hash * 1'000'003 + std::hash<std::string_view>{}(words[first + offset]);
    }
    runs.insert(hash);
  }
  return runs;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

/// Characters, not bytes: a byte that continues a UTF-8 sequence is not counted.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

finding check_non_empty(std::string_view result) {
  const bool blank = result.find_first_not_of(" \t\r\n") == std::string_view::npos;
  return {!blank, blank ? "the result is empty" : "the result is not empty"};
}

finding check_first_line(std::string_view result, std::size_t limit) {
  const auto length = characters(first_line(result));
  return {length <= limit,
          fmt::format("the first line has {} characters; at most {} are allowed", length, limit)};
}

finding check_copy(std::string_view result, std::string_view input, double limit) {
  const auto share = similarity(result, input);
  return {share < limit,
          fmt::format("{:.0f} % of the result is copied from the input; it must be under {:.0f} %",
                      share * 100, limit * 100)};
}

}  // namespace

std::string name_of(const configuration::validation& validation) {
  switch (validation.what) {
    case configuration::validation::kind::non_empty:
      return "non_empty";
    case configuration::validation::kind::first_line_max:
      return fmt::format("first_line_max {}", validation.limit);
    case configuration::validation::kind::not_copy_of_input:
      return fmt::format("not_copy_of_input {}", validation.limit);
  }
  return "";
}

double similarity(std::string_view result, std::string_view input) {
  const auto words = words_of(result);
  const auto length = std::min(words_per_run, words.size());
  if (length == 0) return 0;
  const auto known = runs_of(words_of(input), length);
  const auto runs = runs_of(words, length);
  const auto copied =
      std::ranges::count_if(runs, [&](std::size_t run) { return known.contains(run); });
  return static_cast<double>(copied) / static_cast<double>(runs.size());
}

finding validate(const configuration::validation& validation, std::string_view result,
                 std::string_view input) {
  switch (validation.what) {
    case configuration::validation::kind::non_empty:
      return check_non_empty(result);
    case configuration::validation::kind::first_line_max:
      return check_first_line(result, static_cast<std::size_t>(validation.limit));
    case configuration::validation::kind::not_copy_of_input:
      return check_copy(result, input, validation.limit);
  }
  return {false, "unknown validation"};
}

}  // namespace nine::quality
