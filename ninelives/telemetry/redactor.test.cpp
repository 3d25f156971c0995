#include "ninelives/telemetry/redactor.hpp"

#include <gtest/gtest.h>

namespace nine::telemetry {
namespace {

struct sample {
  const char* text;
  const char* redacted;
};

TEST(redactor, only_registered_values_leave_a_text_that_must_stay_as_it_is) {
  const redactor secrets({"hunter2hunter2", "hunter2hunter2!longer"});
  EXPECT_EQ(secrets.redact_values("hunter2hunter2 hunter2hunter2!longer token: 0123456789"),
            "[redacted] [redacted] token: 0123456789");
}

TEST(redactor, what_has_the_form_of_a_secret_is_taken_out) {
  const std::vector<sample> samples{
      {"key sk-proj-0123456789abcdef!", "key [redacted]!"},
      {"(ghp_0123456789abcdef0123)", "([redacted])"},
      {"pk-live-0123456789abcdef", "[redacted]"},
      {"xai-0123456789abcdef0123", "[redacted]"},
      {"gsk_0123456789abcdef0123", "[redacted]"},
      {"provided: sk-abcd****************wxyz.", "provided: [redacted]"},
      {"Authorization: Bearer abc.def-ghi", "Authorization: [redacted]"},
      {"Authorization: Digest user=\"x", "Authorization: [redacted]\"x"},
      {"cookie: a=b; c=d\nnext", "cookie: [redacted]\nnext"},
      {"sent Bearer abcdef123456 twice", "sent Bearer [redacted] twice"},
      {"auth: Bearer abcdef123456", "auth: Bearer [redacted]"},
      {"{\"api_key\": \"abcdefgh\", \"a\": 1}", "{\"api_key\": \"[redacted]\", \"a\": 1}"},
      {"{\\\"api_key\\\":\\\"abcdefgh\\\"}", "{\\\"api_key\\\":\\\"[redacted]\\\"}"},
      {"GET /v1?key=abcdefgh&x=1", "GET /v1?key=[redacted]&x=1"},
      {"GET /v1?access_token=abcdefgh", "GET /v1?access_token=[redacted]"},
      {"OPENAI_API_KEY=abcdefgh nine", "OPENAI_API_KEY=[redacted] nine"},
      {"x-api-key: abcdefgh", "x-api-key: [redacted]"},
      {"https://user:pa55@host/path", "https://[redacted]@host/path"},
      {"postgres://u:p@h1 and http://a:b@h2", "postgres://[redacted]@h1 and http://[redacted]@h2"},
  };
  for (const auto& [text, redacted] : samples)
    EXPECT_EQ(redactor().redact(text), redacted);
}

TEST(redactor, honest_words_stay) {
  for (const auto* text :
       {"", "used 1200 tokens: 3 left", "max_tokens=4096000", "token: none", "task-1 done",
        "https://host/a@b", "mail me@host", "a basic idea", "risk-assessment-of-the-thing",
        "the monkey=somethinglong", "sk-short", "12:30:15", "key", "secret", "password:"}) {
    EXPECT_EQ(redactor().redact(text), text);
  }
}

TEST(redactor, registered_values_are_taken_out_wherever_they_stand) {
  const redactor secrets({"hunter2hunter2", "hunter2hunter2-longer", "short"});
  EXPECT_EQ(secrets.redact("xhunter2hunter2y"), "x[redacted]y");
  EXPECT_EQ(secrets.redact("hunter2hunter2-longer"), "[redacted]");
  EXPECT_EQ(secrets.redact("a short word"), "a short word");
}

TEST(redactor, redacting_twice_changes_nothing) {
  const redactor secrets({"hunter2hunter2"});
  for (const auto* text : {"api_key=abcdefgh", "Authorization: Bearer abcdefgh",
                           "http://u:hunter2hunter2@h", "token: \"abcdefghi\""}) {
    const auto once = secrets.redact(text);
    EXPECT_EQ(secrets.redact(once), once);
  }
}

TEST(redactor, names_of_secrets_are_known) {
  for (const auto* name : {"api_key", "API-KEY", "OPENAI_API_KEY", "password", "github_token",
                           "Authorization", "client_secret", "key"}) {
    EXPECT_TRUE(names_a_secret(name)) << name;
  }
  for (const auto* name : {"tokens", "keys", "agent", "monkey", ""}) {
    EXPECT_FALSE(names_a_secret(name)) << name;
  }
}

}  // namespace
}  // namespace nine::telemetry
