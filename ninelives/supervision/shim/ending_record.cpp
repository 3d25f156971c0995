#include "ninelives/supervision/shim/ending_record.hpp"

#include <charconv>
#include <concepts>
#include <optional>
#include <utility>

namespace nine::supervision::shim {
namespace {

using environment::exit_status;

std::string_view name_of(exit_status::kind how) {
  switch (how) {
    case exit_status::kind::exited:
      return "exit";
    case exit_status::kind::signalled:
      return "signal";
    case exit_status::kind::unknown:
      break;
  }
  return "unknown";
}

std::string format(const exited& what) {
  return "exited " + std::to_string(what.incarnation.value()) + " " +
         std::string(name_of(what.exit.how)) + " " + std::to_string(what.exit.value) + " " +
         (what.stop_was_asked ? "asked" : "unasked") + " " + std::to_string(what.output_bytes) +
         " " + std::to_string(what.stdout_bytes_lost) + " .\n";
}

std::string format(const start_failed& what) {
  std::string message = what.message;
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return "start_failed " + std::to_string(what.incarnation.value()) + " " +
         std::to_string(what.error_number) + " " + std::to_string(message.size()) + " " + message +
         " .\n";
}

/// Takes the words of a line one by one; what does not fit makes it bad.
class line_reader {
 public:
  explicit line_reader(std::string_view line) : rest_(line) {}

  std::string_view word() {
    const auto end = rest_.find(' ');
    if (end == std::string_view::npos) good_ = false;
    const auto taken = rest_.substr(0, end);
    rest_.remove_prefix(good_ ? end + 1 : rest_.size());
    return taken;
  }
  template <std::integral Number>
  Number number() {
    const auto text = word();
    Number value{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) good_ = false;
    return value;
  }
  /// All but the end mark; the size in front tells one that was cut from one that ends so.
  std::string_view text() {
    const auto size = number<std::size_t>();
    if (!rest_.ends_with(" .") || rest_.size() != size + 2) good_ = false;
    const auto taken = good_ ? rest_.substr(0, rest_.size() - 2) : std::string_view();
    rest_ = ".";
    return taken;
  }
  bool complete() const { return good_ && rest_ == "."; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

exit_status::kind kind_of(std::string_view name) {
  if (name == "exit") return exit_status::kind::exited;
  if (name == "signal") return exit_status::kind::signalled;
  return exit_status::kind::unknown;
}

std::optional<kept_ending> parse(std::string_view text) {
  line_reader line(text);
  const auto what = line.word();
  const auto incarnation = epoch(line.number<std::int64_t>());
  if (what == "start_failed") {
    const auto error_number = line.number<std::int32_t>();
    start_failed failed{incarnation, error_number, std::string(line.text())};
    return line.complete() ? std::optional<kept_ending>(std::move(failed)) : std::nullopt;
  }
  exited ended{incarnation, {}, false, 0, 0};
  ended.exit.how = kind_of(line.word());
  ended.exit.value = line.number<int>();
  ended.stop_was_asked = line.word() == "asked";
  ended.output_bytes = line.number<bytes>();
  ended.stdout_bytes_lost = line.number<bytes>();
  const bool good = what == "exited" && line.complete();
  return good ? std::optional<kept_ending>(ended) : std::nullopt;
}

}  // namespace

std::string format_ending(const kept_ending& what) {
  return std::visit([](const auto& alternative) { return format(alternative); }, what);
}

std::vector<kept_ending> parse_endings(std::string_view text) {
  std::vector<kept_ending> endings;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    if (auto parsed = parse(text.substr(0, end))) endings.push_back(std::move(*parsed));
    text.remove_prefix(end + 1);
  }
  return endings;
}

}  // namespace nine::supervision::shim
