#include "ninelives/supervision/shim/protocol.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

#include "ninelives/base/fields_of.hpp"

namespace nine::supervision::shim {
namespace {

// Kinds on the wire; never reused for anything else. Requests and events do not overlap, so that a
// frame sent the wrong way is recognised.
constexpr std::uint16_t first_request_kind = 1;
constexpr std::uint16_t first_event_kind = 101;
constexpr std::size_t length_bytes = 4;
constexpr std::size_t kind_bytes = 2;

class writer {
 public:
  template <std::integral Number>
  void operator()(const Number& value) {
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Number); ++i, rest >>= 8) {
      bytes_.push_back(static_cast<char>(rest & 0xff));
    }
  }
  void operator()(const bool& value) { (*this)(static_cast<std::uint8_t>(value)); }
  template <class Tag>
  void operator()(const strong_id<Tag>& id) {
    (*this)(id.value());
  }
  void operator()(const agent_state& state) { (*this)(static_cast<std::uint8_t>(state)); }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  void operator()(const std::vector<std::string>& list) {
    (*this)(static_cast<std::uint32_t>(list.size()));
    for (const auto& text : list)
      (*this)(text);
  }
  template <class Message>
  void operator()(const std::vector<Message>& list) {
    (*this)(static_cast<std::uint32_t>(list.size()));
    for (const auto& message : list)
      fields(*this, message);
  }
  void operator()(const environment::process_identity& process) {
    (*this)(process.pid);
    (*this)(process.start_time);
    (*this)(process.boot_id);
  }
  void operator()(const environment::exit_status& status) {
    (*this)(static_cast<std::uint8_t>(status.how));
    (*this)(static_cast<std::int32_t>(status.value));
  }

  /// Puts the length in front, now that it is known.
  std::string frame() && {
    const auto length = static_cast<std::uint32_t>(bytes_.size() - length_bytes);
    for (std::size_t i = 0; i < length_bytes; ++i) {
      bytes_[i] = static_cast<char>((length >> (8 * i)) & 0xff);
    }
    return std::move(bytes_);
  }

 private:
  std::string bytes_ = std::string(length_bytes, '\0');
};

/// Reads what the writer wrote; the first thing that does not fit makes everything after it fail.
class reader {
 public:
  explicit reader(std::string_view payload) : rest_(payload) {}

  bool complete() const { return good_ && rest_.empty(); }
  bool good() const { return good_; }

  template <std::integral Number>
  void operator()(Number& value) {
    const auto raw = take(sizeof(Number));
    std::uint64_t number = 0;
    for (std::size_t i = raw.size(); i-- > 0;) {
      number = (number << 8) | static_cast<unsigned char>(raw[i]);
    }
    value = static_cast<Number>(number);
  }
  void operator()(bool& value) { value = small_number(1) == 1; }
  template <class Tag>
  void operator()(strong_id<Tag>& id) {
    std::int64_t value = 0;
    (*this)(value);
    id = strong_id<Tag>(value);
  }
  void operator()(agent_state& state) { state = static_cast<agent_state>(small_number(1)); }
  void operator()(std::string& text) {
    std::uint32_t size = 0;
    (*this)(size);
    text = take(size);
  }
  void operator()(std::vector<std::string>& list) {
    const auto count = count_of_elements();
    for (std::uint32_t i = 0; good_ && i < count; ++i)
      (*this)(list.emplace_back());
  }
  template <class Message>
  void operator()(std::vector<Message>& list) {
    const auto count = count_of_elements();
    for (std::uint32_t i = 0; good_ && i < count; ++i)
      fields(*this, list.emplace_back());
  }
  void operator()(environment::process_identity& process) {
    (*this)(process.pid);
    (*this)(process.start_time);
    (*this)(process.boot_id);
  }
  void operator()(environment::exit_status& status) {
    status.how = static_cast<environment::exit_status::kind>(small_number(2));
    std::int32_t value = 0;
    (*this)(value);
    status.value = value;
  }

 private:
  std::uint32_t count_of_elements() {
    std::uint32_t count = 0;
    (*this)(count);
    // Each element takes four bytes at least: a huge number in a small frame allocates nothing.
    if (count > rest_.size() / sizeof(std::uint32_t)) good_ = false;
    return count;
  }
  std::string_view take(std::size_t size) {
    if (!good_ || size > rest_.size()) {
      good_ = false;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint8_t small_number(std::uint8_t most) {
    std::uint8_t value = 0;
    (*this)(value);
    if (value > most) good_ = false;
    return good_ ? value : 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

// The fields of every message in their order on the wire, once for both directions.

template <class Coder>
void fields(Coder& code, fields_of<core_hello> auto& message) {
  code(message.version);
  code(message.core);
}
template <class Coder>
void fields(Coder& code, fields_of<start> auto& message) {
  code(message.incarnation);
  code(message.supersedes);
  code(message.arguments);
  code(message.environment);
  code(message.directory);
  code(message.stdin_file);
  code(message.stdout_file);
  code(message.stderr_file);
  code(message.log_bytes_most);
  code(message.memory_bytes_most);
}
template <class Coder>
void fields(Coder& code, fields_of<stop> auto& message) {
  code(message.incarnation);
  code(message.grace_ms);
}
template <class Coder>
void fields(Coder& code, fields_of<acknowledge_exit> auto& message) {
  code(message.incarnation);
}
template <class Coder>
void fields(Coder&, fields_of<quit> auto&) {}
template <class Coder>
void fields(Coder& code, fields_of<started> auto& message) {
  code(message.incarnation);
  code(message.agent);
  code(message.cgroup);
}
template <class Coder>
void fields(Coder& code, fields_of<start_failed> auto& message) {
  code(message.incarnation);
  code(message.error_number);
  code(message.message);
}
template <class Coder>
void fields(Coder& code, fields_of<exited> auto& message) {
  code(message.incarnation);
  code(message.exit);
  code(message.stop_was_asked);
  code(message.output_bytes);
  code(message.stdout_bytes_lost);
}
template <class Coder>
void fields(Coder& code, fields_of<shim_hello> auto& message) {
  code(message.version);
  code(message.shim);
  code(message.state);
  code(message.incarnation);
  code(message.agent);
  code(message.cgroup);
  code(message.exits);
  code(message.failed_starts);
}
template <class Coder>
void fields(Coder& code, fields_of<refused> auto& message) {
  code(message.request_kind);
  code(message.incarnation);
  code(message.reason);
}

template <class Variant>
std::string encode_frame(const Variant& message, std::uint16_t first_kind) {
  writer out;
  out(static_cast<std::uint16_t>(first_kind + message.index()));
  std::visit([&out](const auto& alternative) { fields(out, alternative); }, message);
  return std::move(out).frame();
}

/// The alternative number `index` of the variant, with default values.
template <class Variant, std::size_t Index = 0>
Variant alternative(std::size_t index) {
  if constexpr (Index + 1 < std::variant_size_v<Variant>) {
    if (index != Index) return alternative<Variant, Index + 1>(index);
  }
  return Variant(std::in_place_index<Index>);
}

template <class Variant>
result<Variant> decode_payload(std::string_view payload, std::uint16_t first_kind,
                               const char* what) {
  reader in(payload);
  std::uint16_t kind = 0;
  in(kind);
  const bool known =
      in.good() && kind >= first_kind && kind < first_kind + std::variant_size_v<Variant>;
  if (!known) {
    return fail(error_code::protocol_error,
                std::string("no ") + what + " of kind " + std::to_string(kind));
  }
  auto message = alternative<Variant>(kind - first_kind);
  std::visit([&in](auto& fields_wanted) { fields(in, fields_wanted); }, message);
  if (!in.complete()) {
    return fail(error_code::protocol_error,
                std::string(what) + " of kind " + std::to_string(kind) + ": " +
                    (in.good() ? "bytes are left over" : "cut short or out of range"));
  }
  return message;
}

}  // namespace

std::string encode(const request& message) {
  return encode_frame(message, first_request_kind);
}
std::string encode(const event& message) {
  return encode_frame(message, first_event_kind);
}

result<request> decode_request(std::string_view payload) {
  return decode_payload<request>(payload, first_request_kind, "request");
}
result<event> decode_event(std::string_view payload) {
  return decode_payload<event>(payload, first_event_kind, "event");
}

void frame_reader::feed(std::string_view data) {
  if (consumed_ > 0) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  buffer_.append(data);
}

result<std::string> frame_reader::next() {
  const auto rest = std::string_view(buffer_).substr(consumed_);
  if (rest.size() < length_bytes) return std::string();
  std::uint32_t length = 0;
  reader(rest.substr(0, length_bytes))(length);
  if (length < kind_bytes || length > frame_bytes_most) {
    return fail(error_code::protocol_error, "a frame of " + std::to_string(length) + " bytes");
  }
  if (rest.size() - length_bytes < length) return std::string();
  consumed_ += length_bytes + length;
  return std::string(rest.substr(length_bytes, length));
}

}  // namespace nine::supervision::shim
