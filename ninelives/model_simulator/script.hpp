#pragma once

#include <array>
#include <boost/regex.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/model_simulator/chat.hpp"

namespace nine::model_simulator {

/// What a model does wrong. The names in scripts and logs are these.
enum class fault {
  none,
  rate_limited,        ///< 429 with Retry-After and retry-after-ms
  quota_exhausted,     ///< 429 that no waiting mends
  unauthorized,        ///< 401, with the key in its message
  context_overflow,    ///< 400 with code context_length_exceeded
  server_error,        ///< 500
  bad_gateway,         ///< 502
  unavailable,         ///< 503
  overloaded,          ///< 529
  hang,                ///< nothing is answered, not even a head
  slow_first_token,    ///< the head comes at once, the first token late
  slow_stream,         ///< every piece comes late
  cut_stream,          ///< the connection breaks in the middle of the body
  unterminated,        ///< the body ends cleanly, but half of it is missing
  malformed_json,      ///< what looks like an answer cannot be parsed
  wrong_content_type,  ///< a page in HTML with status 200
  empty_content,       ///< a correct answer with nothing in it
  overlong_content,    ///< a first line far over every limit
  copied_input,        ///< the prompt as the answer
};
constexpr std::size_t fault_count = 19;

std::string_view to_string(fault kind);
result<fault> parse_fault(std::string_view name);

/// How the answers of a model without faults look.
enum class answer_mode {
  commit_message,  ///< made from the diff in the prompt
  echo,            ///< the prompt
  fixed,           ///< script::fixed_answer
};

/// What a simulated model does. Which fault a request meets is decided by the first of: a rule
/// whose expression the prompt matches and that is not used up; the next entry of the sequence; a
/// draw by the probabilities.
struct script {
  struct rule {
    std::string expression;  ///< as it was given
    boost::regex matches;
    fault does = fault::none;
    std::optional<std::string> answer;  ///< instead of the mode's
    std::uint64_t times_most = UINT64_MAX;
  };

  std::vector<rule> rules;
  std::vector<fault> sequence;
  std::array<double, fault_count> probabilities{};

  answer_mode mode = answer_mode::commit_message;
  std::string fixed_answer;

  duration retry_after = 1s;
  duration first_token = 0s;  ///< before every answer
  duration between_pieces = 0s;
  duration slow = 5s;  ///< what slow_first_token and slow_stream add
  duration hang = 600s;
  std::size_t overlong_bytes = 10'000;
};

/// Reads a script from JSON:
/// {"answer": "commit_message" | "echo" | {"text": …}, "probabilities": {"rate_limited": 0.1, …},
///  "sequence": ["none", "hang", …], "rules": [{"prompt": REGEX, "fault": …, "answer": …,
///  "times": …}], "retry_after_ms": …, "first_token_ms": …, "between_pieces_ms": …, "slow_ms": …,
///  "hang_ms": …, "overlong_bytes": …}. Everything may be left out. Error: invalid_argument with
/// what is wrong.
result<script> parse_script(std::string_view json);

/// What to do with one request.
struct decision {
  fault does = fault::none;
  std::string content;  ///< of the answer, as far as the fault lets it through
};

/// Decides; the same script, seed and requests give the same decisions. The draws of different
/// requests do not depend on each other: only on the seed, the request and how often it came.
class decider {
 public:
  decider(script rules, std::uint64_t seed) : script_(std::move(rules)), seed_(seed) {}

  decision decide(const question& asked);

  /// How often this request has been decided on.
  std::uint64_t occurrences(std::uint64_t hash) const;
  const script& rules() const { return script_; }

 private:
  const script::rule* matching_rule(const question& asked);
  fault draw(const question& asked, std::uint64_t occurrence) const;
  std::string content_for(const question& asked, fault does, const script::rule* by) const;

  script script_;
  std::uint64_t seed_;
  std::size_t sequence_used_ = 0;
  std::map<std::string, std::uint64_t> rule_uses_;
  std::map<std::uint64_t, std::uint64_t> seen_;
};

}  // namespace nine::model_simulator
