#include "ninelives/configuration/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ninelives/configuration/document.hpp"

namespace nine::configuration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto whole_file = R"(
agents:
  codex:
    command: [codex, exec, "{prompt}"]
    timeout: 20m
    environment: {pass: [OPENAI_API_KEY], set: {CI: "1"}}
  script:
    command: ./agent.sh | tee log
    prompt: stdin
    result: {file: out/result.md}
    memory: 512MiB
    degrades: [model]
  small: {kind: model, model: cheap, needs: [model]}
models:
  cheap:
    base_url: http://127.0.0.1:8080/v1
    model: 4.10
    api_key_variable: MY_KEY
    temperature: 0.5
tasks:
  commit-message:
    prompt: Write a commit message.
    input: {command: [git, diff]}
    ladder: [small, script]
    gates: [npm test, [cargo, test]]
    validate: [non_empty, {first_line_max: 72}, {not_copy_of_input: 0.85}]
    retries: 2
defaults: {agent: codex, retries: 1}
supervision:
  restart_delay: {initial: 100ms, jitter: equal}
watchdog: {heartbeat: 2s}
)";

std::expected<settings, std::vector<problem>> load_one(std::string text,
                                                       layer_kind kind = layer_kind::home) {
  const layer only{kind, "nine.yaml", std::move(text)};
  return load({&only, 1});
}

/// All problems of one file, a line each.
std::string problems_of(std::string text, layer_kind kind = layer_kind::home) {
  const auto loaded = load_one(std::move(text), kind);
  return loaded ? "" : to_error(loaded.error()).message;
}

TEST(load, everything_a_file_says_is_found_in_the_settings) {
  const auto all = load_one(whole_file);
  ASSERT_TRUE(all) << problems_of(whole_file);
  const auto& codex = all->agents.at("codex");
  EXPECT_EQ(codex.name, "codex");
  EXPECT_THAT(codex.command.words, ElementsAre("codex", "exec", "{prompt}"));
  EXPECT_FALSE(codex.command.shell);
  EXPECT_EQ(codex.timeout, 20min);
  EXPECT_THAT(codex.environment.pass, ElementsAre("OPENAI_API_KEY"));
  EXPECT_EQ(codex.environment.set.at("CI"), "1");
  const auto& script = all->agents.at("script");
  EXPECT_TRUE(script.command.shell);
  EXPECT_EQ(script.prompt, prompt_channel::standard_input);
  EXPECT_EQ(script.result, (result_source{result_source::kind::file, "out/result.md"}));
  EXPECT_EQ(script.memory, 512 * MiB);
  EXPECT_THAT(script.degrades, ElementsAre("model"));
  EXPECT_EQ(all->models.at("cheap").id, "4.10");
  EXPECT_EQ(all->models.at("cheap").temperature, 0.5);
  const auto& task = all->tasks.at("commit-message");
  EXPECT_THAT(task.ladder, ElementsAre("small", "script"));
  EXPECT_EQ(task.gates.size(), 2U);
  EXPECT_THAT(task.validate,
              ElementsAre(validation{}, validation{validation::kind::first_line_max, 72},
                          validation{validation::kind::not_copy_of_input, 0.85}));
  EXPECT_EQ(task.retries, 2U);
  EXPECT_EQ(all->defaults.retries, 1U);
  EXPECT_EQ(all->supervision.restart_delay.jitter, jitter_kind::equal);
  EXPECT_EQ(all->watchdog.heartbeat, 2s);
}

TEST(load, what_no_file_says_keeps_its_default) {
  for (const auto* text : {"", "# nothing\n", "limits:\n", "{}"}) {
    const auto all = load_one(text);
    ASSERT_TRUE(all) << text;
    EXPECT_EQ(*all, settings{}) << text;
  }
}

TEST(load, a_later_layer_replaces_definitions_whole_and_sections_key_by_key) {
  const std::vector<layer> layers{
      {layer_kind::built_in, "(built in)",
       "agents: {a: {command: [old], timeout: 5s}, b: {command: [b]}}\n"
       "defaults: {retries: 1, timeout: 2h}"},
      {layer_kind::project, "nine.yaml", "agents: {a: {command: [new]}}\ndefaults: {retries: 2}"}};
  const auto all = load(layers);
  ASSERT_TRUE(all);
  EXPECT_THAT(all->agents.at("a").command.words, ElementsAre("new"));
  EXPECT_EQ(all->agents.at("a").timeout, std::nullopt);
  EXPECT_TRUE(all->agents.contains("b"));
  EXPECT_EQ(all->defaults.retries, 2U);
  EXPECT_EQ(all->defaults.timeout, 2h);
}

TEST(load, a_name_may_be_defined_in_any_layer) {
  const std::vector<layer> layers{
      {layer_kind::home, "home", "tasks: {t: {prompt: p, ladder: [late]}}"},
      {layer_kind::project, "project", "agents: {late: {command: [x]}}"}};
  EXPECT_TRUE(load(layers));
}

TEST(load, a_definition_that_replaces_another_replaces_its_references) {
  const std::vector<layer> layers{
      {layer_kind::home, "home", "tasks: {t: {prompt: p, ladder: [gone]}}"},
      {layer_kind::project, "project",
       "agents: {a: {command: [x]}}\ntasks: {t: {prompt: p, ladder: [a]}}"}};
  EXPECT_TRUE(load(layers));
}

struct refusal {
  const char* text;
  const char* message;
};

TEST(load, every_mistake_is_told_with_its_place_and_what_would_be_right) {
  const std::vector<refusal> cases{
      {"agent: {}", "nine.yaml:1:1: unknown key 'agent'; did you mean 'agents'?"},
      {"agents:\n  a:\n    comand: [x]\n",
       "nine.yaml:3:5: agents.a: unknown key 'comand'; did you mean 'command'?"},
      {"agents: {a: {command: [x]}, a: {command: [y]}}",
       "nine.yaml:1:29: key 'a' stands here a second time; the first is in line 1"},
      {"defaults: {timeout: 30}",
       "nine.yaml:1:21: defaults.timeout: '30' is not a duration such as 500ms, 30s, 5m, 1h or 7d"},
      {"defaults: {timeout: 1ms}",
       "defaults.timeout: '1ms' is out of range; allowed is 1s to 365d"},
      {"defaults: {retries: -1}", "defaults.retries: '-1' is not a whole number"},
      {"defaults: {retries: 4}", "'4' is out of range; allowed is 0 to 3"},
      {"defaults: {retries: }", "defaults.retries: the value is missing; write a whole number"},
      {"defaults: {retries: [1]}", "defaults.retries: a list stands here; write a whole number"},
      {"defaults: [1]", "defaults: a map is expected here, with keys such as agent, timeout"},
      {"limits: {result_size: 5MB}", "'5MB' is not a size such as 512B, 64KiB, 16MiB or 2GiB"},
      {"agents: {a: {command: x, memory: 99999999999999999GiB}}", "is not a size"},
      {"agents: {a: {command: x, prompt: stdn}}",
       "agents.a.prompt: 'stdn' is not known here; did you mean 'stdin'?"},
      {"agents: {a: {}}", "agents.a: key 'command' is missing"},
      {"agents: {a: {command: []}}", "a command needs at least the program's name"},
      {"agents: {a: {command: '  '}}", "the command is empty"},
      {"agents: {a: {command: [x, '{promt}']}}",
       "'{promt}' is no placeholder; did you mean {prompt}?"},
      {"agents: {a: {kind: model}}", "agents.a: key 'model' is missing"},
      {"agents: {a: {kind: model, model: m}}\nmodels: {n: {}}",
       "nine.yaml:1:34: agents.a.model: 'm' is not one of 'models'"},
      {"agents: {a: {command: x, needs: [modle]}}", "did you mean 'model'?"},
      {"agents: {a: {command: x, directory: ../up}}", "'../up' must be a path below"},
      {"agents: {a: {command: x, result: {fil: y}}}", "unknown key 'fil'; did you mean 'file'?"},
      {"agents: {'a b': {command: x}}", "agents: 'a b' cannot be a name; use letters"},
      {"agents: {codex: {command: x}}\ntasks: {t: {prompt: p, ladder: [codx]}}",
       "nine.yaml:2:33: tasks.t.ladder: 'codx' is not one of 'agents'; did you mean 'codex'?"},
      {"tasks: {t: {ladder: [a]}}", "tasks.t: key 'prompt' is missing; What the agent is told"},
      {"tasks: {t: {prompt: p, ladder: []}}", "'ladder' needs at least one agent"},
      {"tasks: {t: {prompt: p, ladder: [a], validate: [first_line_max]}}",
       "'first_line_max' needs a number; write {first_line_max: NUMBER}"},
      {"tasks: {t: {prompt: p, ladder: [a], validate: [non_emty]}}", "did you mean 'non_empty'?"},
      {"models: {m: {temperature: nan}}", "'nan' is not a number"},
      {"models: {m: {base_url: ftp://x}}", "'ftp://x' is not an address such as https://"},
      {"models: {m: {timeout: 1s}}", "'first_byte_timeout' is longer than 'timeout'"},
      {"watchdog: {stale_after: 1s}", "must be at least twice 'heartbeat' (1s)"},
      {"a: [1\nb: 2", "nine.yaml:2:"},
      {"a:\n\t- x", "a tab is used for indentation; use spaces"},
      {"- x", "nine.yaml:1:1: a map is expected here, with keys such as agents, models, tasks"},
      {"? [a]\n: b", "a key must be a text"},
      {"defaults: !!int {}", "is not supported; write the value alone"},
      {"{}\n---\n{}", "a second document begins here"},
      {"agents: \xff", "nine.yaml:1:9: byte 0xff is not text; save the file as UTF-8"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(problems_of(text), HasSubstr(message)) << text;
  }
}

TEST(load, a_key_in_a_file_is_refused_and_never_shown) {
  const std::vector<refusal> cases{
      {"models: {m: {api_key: sk-abcdefghijklmnop}}", "name that with 'api_key_variable'"},
      {"models: {m: {api_key_variable: sk-abcdefghijklmnop}}", "never what it holds"},
      {"models: {m: {base_url: 'https://u:sk-abcdefghijklmnop@x'}}", "no password"},
      {"agents: {a: {command: x, environment: {set: {K: sk-abcdefghijklmnop}}}}",
       "the value looks like a secret"},
  };
  for (const auto& [text, message] : cases) {
    const auto told = problems_of(text);
    EXPECT_THAT(told, HasSubstr(message)) << text;
    EXPECT_EQ(told.find("abcdefghijklmnop"), std::string::npos) << told;
  }
}

TEST(load, all_mistakes_of_a_file_are_told_at_once_in_its_order) {
  const auto loaded = load_one("defaults: {retries: x}\nlimit: {}\nwatchdog: {heartbeat: y}\n");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 3U);
  EXPECT_EQ(loaded.error()[0].at.line, 1);
  EXPECT_EQ(loaded.error()[1].at.line, 2);
  EXPECT_EQ(loaded.error()[2].at.line, 3);
}

TEST(load, beyond_twenty_mistakes_only_their_number_is_told) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += fmt::format("wrong{}: 1\n", i);
  const auto loaded = load_one(text);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), problem_list::problems_most + 1);
  EXPECT_EQ(loaded.error().back().message, "30 more problems are not shown");
}

TEST(load, a_project_cannot_set_what_concerns_the_whole_home) {
  EXPECT_THAT(problems_of("watchdog: {heartbeat: 2s}", layer_kind::project),
              HasSubstr("nine.yaml:1:1: 'watchdog' concerns all projects"));
  EXPECT_EQ(problems_of("watchdog: {heartbeat: 2s}", layer_kind::home), "");
}

TEST(load, the_problems_of_every_layer_are_told) {
  const std::vector<layer> layers{{layer_kind::home, "home.yaml", "x: 1"},
                                  {layer_kind::project, "nine.yaml", "y: 1"}};
  const auto loaded = load(layers);
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 2U);
  EXPECT_EQ(loaded.error()[0].file, "home.yaml");
  EXPECT_EQ(loaded.error()[1].file, "nine.yaml");
}

TEST(load, hostile_files_are_refused_and_nothing_grows) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_THAT(problems_of(laughs), HasSubstr("holds more than 50000 values"));
  EXPECT_THAT(problems_of(std::string(100'000, '[')), HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(problems_of(std::string(100'000, '{')), HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(problems_of(std::string(2 * document_bytes_most, 'x')), HasSubstr("at most"));
  EXPECT_THAT(problems_of("a: &a [*a]"), HasSubstr("nine.yaml:1:"));
  EXPECT_THAT(problems_of(std::string("a: \0", 4)), HasSubstr("byte 0x00 is not text"));
}

TEST(load, an_alias_stands_for_what_it_names) {
  const auto all = load_one("agents:\n  a: &it {command: [x]}\n  b: *it\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->agents.at("b").command, all->agents.at("a").command);
}

}  // namespace
}  // namespace nine::configuration
