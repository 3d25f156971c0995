#include "ninelives/telemetry/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include "ninelives/base/utf8.hpp"

namespace nine::telemetry {
namespace {

constexpr std::string_view unreadable = "\xEF\xBF\xBD";  // U+FFFD for bytes that are not UTF-8
constexpr std::size_t text_bytes_most = 8 * 1024;
constexpr std::size_t redacted_bytes_most = 4 * text_bytes_most;

constexpr std::size_t message_bytes_most = log_line_bytes_most * 3 / 4;

/// Keeps the rest of a line's bytes free for its end.
constexpr std::size_t reserve_bytes = 64;

/// Bytes at the end of a text cut before redacting that may be the front half of a secret, which no
/// pattern would know.
constexpr std::size_t doubtful_bytes = 1024;

struct clean_text {
  std::string text;
  bool cut = false;
};

/// Redacted, then cut.
clean_text cleaned(std::string_view text, const redactor& secrets, std::size_t bytes_most) {
  const auto considered = text.substr(0, redacted_bytes_most);
  clean_text clean{.text = secrets.redact(considered), .cut = considered.size() < text.size()};
  auto kept = std::string_view(clean.text);
  if (clean.cut) kept.remove_suffix(std::min(kept.size(), doubtful_bytes));
  kept = utf8_prefix(kept, bytes_most);
  clean.cut = clean.cut || kept.size() < clean.text.size();
  clean.text.resize(kept.size());
  if (clean.cut) clean.text += "…";
  return clean;
}

void append_escaped(std::string& out, char c, bool for_json) {
  const auto byte = static_cast<unsigned char>(c);
  const bool control = byte < 0x20 || byte == 0x7F;
  if (for_json && (c == '"' || c == '\\')) {
    out += '\\';
    out += c;
  } else if (for_json && c == '\n') {
    out += "\\n";
  } else if (for_json && control) {
    out += fmt::format("\\u{:04x}", byte);
  } else if (control) {
    out += fmt::format("\\x{:02x}", byte);
  } else {
    out += c;
  }
}

/// C1 controls (U+0080 to U+009F) also steer terminals.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2' &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

void append_text(std::string& out, std::string_view text, bool for_json) {
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 || is_c1_control(sequence)) {
      out += unreadable;
    } else if (length == 1) {
      append_escaped(out, text[0], for_json);
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  append_text(out, text, true);
  return out + '"';
}

std::string plain_text(std::string_view text) {
  std::string out;
  append_text(out, text, false);
  return out;
}

std::string human_text(std::string_view text) {
  const auto out = plain_text(text);
  const bool plain = !out.empty() && out.find_first_of(" =\"") == std::string::npos;
  return plain ? out : '"' + out + '"';
}

/// Names a value of a line, whose texts are cleaned already.
class line_builder {
 public:
  line_builder(log_format format, const redactor& secrets) : format_(format), secrets_(secrets) {}

  bool json() const { return format_ == log_format::json; }

  /// Adds "name": value, unless the line would grow too long.
  void add(std::string_view name, std::string_view rendered) {
    std::string piece;
    if (json()) {
      piece = (line_.empty() ? "{" : ",") + json_text(name) + ":" + std::string(rendered);
    } else {
      piece = "  " + plain_text(name) + "=" + std::string(rendered);
    }
    if (line_.size() + piece.size() + reserve_bytes > log_line_bytes_most) {
      truncated_ = true;
      return;
    }
    line_ += piece;
  }

  void add_text(std::string_view name, std::string_view text) {
    const auto clean = cleaned(text, secrets_, text_bytes_most);
    truncated_ = truncated_ || clean.cut;
    add(name, json() ? json_text(clean.text) : human_text(clean.text));
  }

  /// The message as it shall stand in the line. Escaping may make six bytes of one: then it is cut
  /// further, so that it leaves room for the rest.
  std::string fitting_message(std::string_view message) {
    for (std::size_t most = text_bytes_most;; most /= 4) {
      const auto clean = cleaned(message, secrets_, most);
      auto out = json() ? json_text(clean.text) : plain_text(clean.text);
      if (out.size() > message_bytes_most) continue;
      truncated_ = truncated_ || clean.cut;
      return out;
    }
  }

  void append_raw(std::string_view text) { line_ += text; }

  std::string take() {
    if (truncated_) line_ += json() ? ",\"truncated\":true" : "  truncated=true";
    if (json()) line_ += '}';
    return std::move(line_);
  }

 private:
  log_format format_;
  const redactor& secrets_;
  std::string line_;
  bool truncated_ = false;
};

std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void add_field(line_builder& line, const field& item) {
  if (const auto* text = std::get_if<std::string_view>(&item.value)) {
    line.add_text(item.name, names_a_secret(item.name) ? "[redacted]" : *text);
  } else if (const auto* truth = std::get_if<bool>(&item.value)) {
    line.add(item.name, *truth ? "true" : "false");
  } else if (const auto* real = std::get_if<double>(&item.value)) {
    line.add(item.name, number_text(*real));
  } else if (const auto* natural = std::get_if<std::uint64_t>(&item.value)) {
    line.add(item.name, fmt::format("{}", *natural));
  } else {
    line.add(item.name, fmt::format("{}", std::get<std::int64_t>(item.value)));
  }
}

void add_identity(line_builder& line, const log_identity& identity) {
  if (!identity.role.empty()) line.add_text("role", identity.role);
  if (identity.task) line.add_text("task", to_string(identity.task));
  if (identity.attempt) line.add("attempt", fmt::format("{}", identity.attempt.value()));
  if (identity.epoch) line.add("epoch", fmt::format("{}", identity.epoch.value()));
  if (!identity.agent.empty()) line.add_text("agent", identity.agent);
}

void begin_json(line_builder& line, const log_entry& entry) {
  line.add("ts", json_text(to_rfc3339(entry.at)));
  line.add("level", json_text(to_string(entry.how)));
  line.add_text("event", entry.event);
  line.add("message", line.fitting_message(entry.message));
}

/// 05:18:54.123 warning  the model did not answer
void begin_human(line_builder& line, const log_entry& entry) {
  const auto time = to_rfc3339(entry.at).substr(11, 12);
  line.append_raw(
      fmt::format("{} {:<7}  {}", time, to_string(entry.how), line.fitting_message(entry.message)));
}

}  // namespace

std::string to_line(const log_entry& entry, log_format format, const redactor& secrets) {
  line_builder line(format, secrets);
  if (format == log_format::json) {
    begin_json(line, entry);
  } else {
    begin_human(line, entry);
  }
  add_identity(line, entry.identity);
  if (entry.dropped_before > 0) line.add("dropped", fmt::format("{}", entry.dropped_before));
  for (const auto& item : entry.fields)
    add_field(line, item);
  return line.take();
}

std::string to_rfc3339(wall_time at) {
  using namespace std::chrono;
  constexpr auto first = milliseconds(-62'167'219'200'000);  // 0000-01-01T00:00:00.000Z
  constexpr auto last = milliseconds(253'402'300'799'999);   // 9999-12-31T23:59:59.999Z
  const auto since_epoch = std::clamp(floor<milliseconds>(at.time_since_epoch()), first, last);
  const auto day = floor<days>(since_epoch);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss time{since_epoch - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace nine::telemetry
