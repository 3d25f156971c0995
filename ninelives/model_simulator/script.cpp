#include "ninelives/model_simulator/script.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ninelives/model_simulator/commit_message.hpp"

namespace nine::model_simulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, fault_count> fault_names = {
    "none",
    "rate_limited",
    "quota_exhausted",
    "unauthorized",
    "context_overflow",
    "server_error",
    "bad_gateway",
    "unavailable",
    "overloaded",
    "hang",
    "slow_first_token",
    "slow_stream",
    "cut_stream",
    "unterminated",
    "malformed_json",
    "wrong_content_type",
    "empty_content",
    "overlong_content",
    "copied_input",
};

constexpr std::size_t prompt_bytes_matched = 64 * KiB;
constexpr std::size_t requests_remembered_most = 100'000;

std::unexpected<error> wrong(std::string text) {
  return fail(error_code::invalid_argument, "script: " + std::move(text));
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ull;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}

result<fault> fault_in(const json::value& value) {
  if (!value.is_string()) return wrong("a fault is named by a string");
  return parse_fault(value.get_string());
}

result<void> read_probabilities(const json::value& value, script& into) {
  if (!value.is_object()) return wrong("'probabilities' is an object");
  double sum = 0;
  for (const auto& [name, chance] : value.get_object()) {
    NINE_TRY_ASSIGN(const auto kind, parse_fault(name));
    boost::system::error_code problem;
    const auto share = chance.to_number<double>(problem);
    if (problem || share < 0 || share > 1) {
      return wrong("the probability of '" + std::string(name) + "' is not between 0 and 1");
    }
    into.probabilities[static_cast<std::size_t>(kind)] = share;
    sum += kind == fault::none ? 0 : share;
  }
  if (sum > 1.0) return wrong("the probabilities add up to more than 1");
  return {};
}

result<void> read_sequence(const json::value& value, script& into) {
  if (!value.is_array()) return wrong("'sequence' is a list");
  for (const auto& entry : value.get_array()) {
    NINE_TRY_ASSIGN(const auto kind, fault_in(entry));
    into.sequence.push_back(kind);
  }
  return {};
}

result<boost::regex> compile(const std::string& expression) {
  try {
    return boost::regex(expression);
  } catch (const std::exception& problem) {
    return wrong("'" + expression + "' is not a regular expression: " + problem.what());
  }
}

result<script::rule> read_rule(const json::value& value) {
  const auto* fields = value.if_object();
  const auto* prompt = fields ? fields->if_contains("prompt") : nullptr;
  if (prompt == nullptr || !prompt->is_string()) return wrong("a rule needs 'prompt'");
  script::rule read;
  read.expression = prompt->get_string();
  NINE_TRY_ASSIGN(read.matches, compile(read.expression));
  for (const auto& [name, field] : *fields) {
    boost::system::error_code problem;
    if (name == "fault") {
      NINE_TRY_ASSIGN(read.does, fault_in(field));
    } else if (name == "answer" && field.is_string()) {
      read.answer = std::string(field.get_string());
    } else if (name == "times") {
      read.times_most = field.to_number<std::uint64_t>(problem);
    } else if (name != "prompt") {
      return wrong("a rule has no '" + std::string(name) + "'");
    }
    if (problem) return wrong("'times' of a rule is not a count");
  }
  return read;
}

result<void> read_rules(const json::value& value, script& into) {
  if (!value.is_array()) return wrong("'rules' is a list");
  for (const auto& entry : value.get_array()) {
    NINE_TRY_ASSIGN(auto read, read_rule(entry));
    into.rules.push_back(std::move(read));
  }
  return {};
}

result<void> read_answer(const json::value& value, script& into) {
  if (value == "commit_message") {
    into.mode = answer_mode::commit_message;
  } else if (value == "echo") {
    into.mode = answer_mode::echo;
  } else if (const auto* fields = value.if_object();
             fields && fields->contains("text") && fields->at("text").is_string()) {
    into.mode = answer_mode::fixed;
    into.fixed_answer = fields->at("text").get_string();
  } else {
    return wrong(R"('answer' is "commit_message", "echo" or {"text": …})");
  }
  return {};
}

result<void> read_milliseconds(std::string_view name, const json::value& value, duration& into) {
  constexpr std::int64_t day_ms = 86'400'000;
  boost::system::error_code problem;
  const auto wait_ms = value.to_number<std::int64_t>(problem);
  if (problem || wait_ms < 0 || wait_ms > day_ms) {
    return wrong("'" + std::string(name) + "' is not a number of milliseconds up to a day");
  }
  into = std::chrono::milliseconds(wait_ms);
  return {};
}

result<void> read_field(std::string_view name, const json::value& value, script& into) {
  if (name == "probabilities") return read_probabilities(value, into);
  if (name == "sequence") return read_sequence(value, into);
  if (name == "rules") return read_rules(value, into);
  if (name == "answer") return read_answer(value, into);
  if (name == "retry_after_ms") return read_milliseconds(name, value, into.retry_after);
  if (name == "first_token_ms") return read_milliseconds(name, value, into.first_token);
  if (name == "between_pieces_ms") return read_milliseconds(name, value, into.between_pieces);
  if (name == "slow_ms") return read_milliseconds(name, value, into.slow);
  if (name == "hang_ms") return read_milliseconds(name, value, into.hang);
  if (name != "overlong_bytes") return wrong("there is no '" + std::string(name) + "'");
  boost::system::error_code problem;
  into.overlong_bytes = value.to_number<std::size_t>(problem);
  if (problem || into.overlong_bytes > 64 * MiB) return wrong("'overlong_bytes' is at most 64 MiB");
  return {};
}

}  // namespace

std::string_view to_string(fault kind) {
  return fault_names[static_cast<std::size_t>(kind)];
}

result<fault> parse_fault(std::string_view name) {
  const auto found = std::ranges::find(fault_names, name);
  if (found == fault_names.end()) return wrong("there is no fault '" + std::string(name) + "'");
  return static_cast<fault>(found - fault_names.begin());
}

result<script> parse_script(std::string_view text) {
  boost::system::error_code problem;
  const auto parsed = json::parse(text, problem);
  if (problem) return wrong("not JSON: " + problem.message());
  if (!parsed.is_object()) return wrong("not a JSON object");
  script read;
  for (const auto& [name, value] : parsed.get_object()) {
    NINE_TRY(read_field(name, value, read));
  }
  return read;
}

std::uint64_t decider::occurrences(std::uint64_t hash) const {
  const auto found = seen_.find(hash);
  return found == seen_.end() ? 0 : found->second;
}

decision decider::decide(const question& asked) {
  if (seen_.size() >= requests_remembered_most) seen_.clear();
  const auto occurrence = ++seen_[asked.hash];
  const auto* rule = matching_rule(asked);
  fault does = fault::none;
  if (rule != nullptr) {
    does = rule->does;
  } else if (sequence_used_ < script_.sequence.size()) {
    does = script_.sequence[sequence_used_++];
  } else {
    does = draw(asked, occurrence);
  }
  return {does, content_for(asked, does, rule)};
}

const script::rule* decider::matching_rule(const question& asked) {
  const auto text = std::string_view(asked.prompt).substr(0, prompt_bytes_matched);
  for (const auto& candidate : script_.rules) {
    auto& uses = rule_uses_[candidate.expression];
    if (uses >= candidate.times_most) continue;
    try {
      if (!boost::regex_search(text.begin(), text.end(), candidate.matches)) continue;
    } catch (const std::exception&) {
      continue;  // too much backtracking for this prompt
    }
    ++uses;
    return &candidate;
  }
  return nullptr;
}

fault decider::draw(const question& asked, std::uint64_t occurrence) const {
  const auto drawn = mix(seed_ ^ mix(asked.hash ^ mix(occurrence)));
  double left = static_cast<double>(drawn >> 11) * 0x1.0p-53;
  for (std::size_t kind = 1; kind < fault_count; ++kind) {
    if (left < script_.probabilities[kind]) return static_cast<fault>(kind);
    left -= script_.probabilities[kind];
  }
  return fault::none;
}

std::string decider::content_for(const question& asked, fault does, const script::rule* by) const {
  if (does == fault::empty_content) return {};
  if (does == fault::copied_input) return asked.prompt;
  if (does == fault::overlong_content) return std::string(script_.overlong_bytes, 'x');
  if (by != nullptr && by->answer) return *by->answer;
  switch (script_.mode) {
    case answer_mode::echo:
      return asked.prompt;
    case answer_mode::fixed:
      return script_.fixed_answer;
    case answer_mode::commit_message:
      break;
  }
  return commit_message_for(asked.prompt);
}

}  // namespace nine::model_simulator
