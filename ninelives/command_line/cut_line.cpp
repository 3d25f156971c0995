#include "ninelives/command_line/cut_line.hpp"

#include "ninelives/base/printable.hpp"
#include "ninelives/base/utf8.hpp"

namespace nine::command_line {

std::string cut_line(std::string_view text, std::size_t columns) {
  constexpr std::string_view mark = "...";
  auto shown = printable_line(text);
  std::size_t characters = 0;
  std::size_t cut = 0;  // where the text ends to leave room for the mark
  for (std::size_t at = 0; at < shown.size(); ++characters) {
    if (characters + mark.size() <= columns) cut = at;
    if (characters == columns) {
      shown.resize(cut);
      return columns < mark.size() ? shown : shown.append(mark);
    }
    at += utf8_sequence_length(std::string_view(shown).substr(at));
  }
  return shown;
}

}  // namespace nine::command_line
