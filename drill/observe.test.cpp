// What an engineer sees of a home: logs, status, doctor; and what nobody must see.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto patient_agent = "while [ ! -e go ]; do sleep 0.05; done; echo done";

/// The lines of a log that have this event. The last one may still be on its way to the file.
std::vector<boost::json::object> events_in(const std::string& log, const std::string& event) {
  std::vector<boost::json::object> found;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    boost::json::error_code problem;
    auto value = boost::json::parse(line, problem);
    EXPECT_FALSE(problem) << line;
    if (!problem && text(value.as_object(), "event") == event) found.push_back(value.as_object());
  }
  return found;
}

/// Every file below the home that holds the text; `kept_out` names what is not looked at.
std::vector<std::string> files_with(const std::string& root, const std::string& text,
                                    const std::vector<std::string>& kept_out = {}) {
  std::vector<std::string> found;
  for (const auto& name : files_below(root)) {
    const auto ends = [&](const std::string& end) { return name.ends_with(end); };
    if (std::ranges::any_of(kept_out, ends)) continue;
    if (read_file(name).find(text) != std::string::npos) found.push_back(name);
  }
  return found;
}

boost::json::object process(home& place, const std::string& role) {
  const auto status = place.json({"status"});
  for (const auto& entry : status.at("processes").as_array()) {
    if (text(entry.as_object(), "role") == role) return entry.as_object();
  }
  return {};
}

/// What the doctor finds wrong or warns of, each with its cure.
std::string complaints(home& place, int* exit_code = nullptr) {
  const auto examined = place.nine({"doctor", "--json"});
  if (exit_code) *exit_code = examined.exit_code;
  std::string all;
  const auto told = boost::json::parse(examined.out);
  for (const auto& entry : told.at("findings").as_array()) {
    const auto& one = entry.as_object();
    if (one.at("wrong").as_bool()) all += text(one, "what") + " -> " + text(one, "mend") + "\n";
  }
  return all;
}

// proves: O1
TEST(observe, the_core_logs_what_happens_to_a_task_with_all_its_ids) {
  home place;
  const auto id = place.give("exit 3");
  place.wait(id);
  ASSERT_TRUE(eventually(
      [&] { return !events_in(read_file(place.root() + "/log/core.log"), "task_ended").empty(); }));
  const auto log = read_file(place.root() + "/log/core.log");
  const auto endings = events_in(log, "incarnation_ended");
  ASSERT_FALSE(endings.empty());
  EXPECT_EQ(text(endings[0], "task"), id);
  EXPECT_EQ(text(endings[0], "agent"), "sh");
  EXPECT_EQ(text(endings[0], "role"), "core");
  EXPECT_EQ(text(endings[0], "level"), "warning");
  EXPECT_EQ(endings[0].at("attempt").to_number<int>(), 1);
  EXPECT_GE(endings[0].at("epoch").to_number<int>(), 1);
  EXPECT_FALSE(text(endings[0], "ts").empty());
  EXPECT_EQ(text(events_in(log, "task_ended").at(0), "level"), "error");
}

// proves: P5, S9
TEST(observe, the_guard_logs_the_death_of_the_core_and_both_logs_are_shown) {
  home place;
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  const auto core = place.pid("core");
  const auto follower = place.start({"logs", "--follow", "--json"});
  send_signal(core, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = place.pid("core");
    return now > 0 && now != core;
  }));
  std::vector<boost::json::object> deaths;
  ASSERT_TRUE(eventually([&] {  // a thread writes the log
    deaths = events_in(read_file(place.root() + "/log/guard.log"), "service_ended");
    return deaths.size() == 1;
  }));
  EXPECT_EQ(text(deaths[0], "service"), "core");
  EXPECT_EQ(text(deaths[0], "level"), "warning");
  EXPECT_THAT(text(deaths[0], "message"), HasSubstr("signal 9"));
  EXPECT_THAT(place.nine({"logs", "--guard"}).out, HasSubstr("signal 9"));
  EXPECT_THAT(place.nine({"logs", "--core"}).out, HasSubstr("ready with 0 unfinished tasks"));
  ASSERT_TRUE(eventually([&] {
    const auto shown = follower->out();
    return events_in(shown, "core_ready").size() == 2 && shown.find("signal 9") != shown.npos;
  }));
}

TEST(observe, a_log_that_cannot_be_written_stops_nobody) {
  home place;
  std::filesystem::create_directories(place.root() + "/log");
  for (const auto* name : {"core.log", "guard.log"})
    std::filesystem::create_symlink("/dev/full", place.root() + "/log/" + name);
  const auto id = place.give("echo done");
  EXPECT_EQ(text(place.wait(id), "result"), "done");
  std::filesystem::remove(place.root() + "/log/core.log");
  const auto next = place.give("echo done");
  EXPECT_EQ(text(place.wait(next), "result"), "done");
  EXPECT_TRUE(eventually(
      [&] { return !events_in(read_file(place.root() + "/log/core.log"), "task_ended").empty(); }));
}

TEST(observe, a_guard_whose_words_nobody_hears_any_more_goes_on) {
  home place;
  const auto guard = place.start_script(
      "mkfifo words; { read -r first < words; touch unheard; } & exec \"$0\" guard 2> words");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("unheard")); }));
  const auto held = "pid " + std::to_string(guard->pid()) + " ";  // else the client starts another
  ASSERT_TRUE(
      eventually([&] { return read_file(place.root() + "/run/guard.lock").starts_with(held); }));
  const auto core = place.pid("core");
  send_signal(core, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto now = place.pid("core");
    return now > 0 && now != core;
  }));
  EXPECT_EQ(place.pid("guard"), guard->pid());
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  EXPECT_EQ(guard->wait().exit_code, 0);
}

TEST(observe, a_command_whose_reader_has_gone_ends_without_a_word) {
  home place;
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  const auto piped = place.start_script("\"$0\" logs --follow | head -n 1 > first; touch ended");
  ASSERT_TRUE(eventually([&] { return !read_file(place.mark("first")).empty(); }));
  ASSERT_TRUE(eventually([&] {
    place.wait(place.give("echo something to tell of"));
    return exists(place.mark("ended"));
  }));
  EXPECT_EQ(piped->wait().err, "");
}

TEST(observe, logs_are_bounded) {
  home place("log: {size: 64KiB, level: debug}\n");
  const std::string name(60, 'x');
  for (int task = 0; task < 40; ++task)
    place.wait(place.give("exit 1 # " + name));
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(place.root() + "/log")) {
    EXPECT_LE(entry.file_size(), 64u * 1024 + 16 * 1024) << entry.path();
    size += entry.file_size();
  }
  EXPECT_GT(size, 64u * 1024) << "nothing was moved aside: the test tests nothing";
}

// proves: X3
TEST(observe, a_key_stands_in_no_file_of_the_home) {
  const std::string key = "hunter2-0123456789-hunter2";
  home place;
  place.set("OPENAI_API_KEY", key);
  place.set("DEPLOY_TOKEN", key + "-deploy");
  const auto given = place.nine(
      {"run", "--detach", "--env", "OPENAI_API_KEY", "--env", "DEPLOY_TOKEN", "do it", "--",
       "/bin/sh", "-c",
       "test ${#OPENAI_API_KEY} = 26 && echo the key is there; " + std::string(patient_agent)});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  const auto id = given.out.substr(0, given.out.find('\n'));
  ASSERT_GT(place.pid("agent"), 0);
  EXPECT_THAT(files_with(place.root(), "hunter2"), testing::IsEmpty()) << "while it runs";
  place.kill_everything();
  write_file(place.mark("go"), "");
  EXPECT_EQ(text(place.wait(id), "result"), "the key is there\ndone") << "after a new start";
  EXPECT_THAT(files_with(place.root(), "hunter2"), testing::IsEmpty());
}

// proves: X3
TEST(observe, a_key_that_an_agent_tells_reaches_neither_journal_nor_log_nor_result) {
  const std::string key = "hunter2-0123456789-hunter2";
  home place;
  place.set("OPENAI_API_KEY", key);
  const auto ran = place.nine({"run", "--env", "OPENAI_API_KEY", "--retries", "0", "do it",
                               "--gate", "echo gate $OPENAI_API_KEY; exit 1", "--", "/bin/sh", "-c",
                               "echo result $OPENAI_API_KEY; echo $OPENAI_API_KEY >&2"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("hunter2")));
  const auto failed = place.nine({"run", "--env", "OPENAI_API_KEY", "--retries", "0", "do it", "--",
                                  "/bin/sh", "-c", "echo $OPENAI_API_KEY >&2; exit 1"});
  EXPECT_THAT(failed.err, HasSubstr("[redacted]"));
  // What an agent itself writes is its own affair.
  EXPECT_THAT(files_with(place.root(), "hunter2", {".out", ".err"}), testing::IsEmpty());
}

TEST(observe, status_names_every_process_with_its_age_and_heartbeat) {
  home place;
  const auto id = place.give(patient_agent);
  ASSERT_GT(place.pid("agent"), 0);
  for (const std::string role : {"guard", "core", "shim", "agent"}) {
    const auto entry = process(place, role);
    EXPECT_GT(entry.at("pid").to_number<int>(), 0) << role;
    EXPECT_GT(entry.at("since_ms").to_number<std::int64_t>(), 1'700'000'000'000) << role;
    EXPECT_TRUE(entry.contains("heartbeat_age_ms")) << role;
  }
  for (const std::string role : {"guard", "core"}) {
    EXPECT_TRUE(eventually([&] { return process(place, role).at("heartbeat_age_ms").is_number(); }))
        << role;
  }
  const auto agent = place.pid("agent");
  send_signal(agent, SIGSTOP);
  EXPECT_TRUE(eventually([&] { return text(process(place, "agent"), "state") == "stopped"; }));
  send_signal(agent, SIGCONT);
  EXPECT_TRUE(eventually([&] { return text(process(place, "agent"), "state") == "running"; }));
  EXPECT_THAT(place.nine({"tree"}).out, HasSubstr("agent " + std::to_string(agent) + " running"));
  write_file(place.mark("go"), "");
  place.wait(id);
}

// proves: O6
TEST(observe, a_refused_configuration_is_told_by_status_and_doctor_with_its_place) {
  home place("limits: {concurent_agents: 4}\n");
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  const auto status = place.json({"status"});
  const auto& told = status.at("configuration").as_object();
  EXPECT_EQ(text(told, "health"), "refused");
  EXPECT_THAT(text(told, "refused_at_start"), HasSubstr("nine.yaml:1:10"));
  EXPECT_THAT(place.nine({"status"}).out, HasSubstr("nine.yaml:1:10"));
  int exit_code = 0;
  EXPECT_THAT(complaints(place, &exit_code), HasSubstr("nine.yaml:1:10"));
  EXPECT_EQ(exit_code, 1);
  write_file(place.root() + "/nine.yaml", "limits: {concurrent_agents: 4}\n");
  const auto left = complaints(place, &exit_code);
  EXPECT_THAT(left, Not(HasSubstr("nine.yaml:1")));
  EXPECT_EQ(exit_code, 0) << "what the core still runs with is a warning: " << left;
  EXPECT_THAT(place.nine({"doctor"}).out, HasSubstr("still runs with the built-in"));
}

// proves: S9
TEST(observe, the_doctor_finds_a_stopped_guard_and_nothing_in_a_sound_home) {
  home place;
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  int exit_code = -1;
  EXPECT_EQ(complaints(place, &exit_code), "");
  EXPECT_EQ(exit_code, 0);
  const auto guard = place.pid("guard");
  send_signal(guard, SIGSTOP);
  EXPECT_THAT(complaints(place, &exit_code), HasSubstr("kill -CONT " + std::to_string(guard)));
  EXPECT_EQ(exit_code, 1);
  send_signal(guard, SIGCONT);
  EXPECT_TRUE(eventually([&] { return complaints(place).empty(); }));
}

TEST(observe, a_damaged_journal_is_told_by_the_doctor_with_what_to_do) {
  home place;
  place.expect_ending("exit code 4");
  write_file(place.root() + "/journal.db", "this is no journal of anybody, whatever its name");
  EXPECT_EQ(place.nine({"up"}).exit_code, 1);
  int exit_code = 0;
  const auto told = complaints(place, &exit_code);
  EXPECT_EQ(exit_code, 1);
  EXPECT_THAT(told, HasSubstr("restore journal.db from a backup"));
  EXPECT_THAT(told, HasSubstr("the core's last error"));
  EXPECT_EQ(place.nine({"up", "--fresh-journal"}).exit_code, 0);
  EXPECT_EQ(complaints(place), "");
}

// proves: S9
TEST(observe, who_waits_for_a_core_that_does_not_answer_is_told_why) {
  home place;
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  const auto core = place.pid("core");
  send_signal(core, SIGSTOP);
  const auto waiting = place.start({"status"});
  EXPECT_TRUE(eventually(
      [&] { return waiting->err().find("nine: waiting for the core:") != std::string::npos; }));
  send_signal(core, SIGCONT);
  EXPECT_EQ(waiting->wait().exit_code, 0);
}

// proves: D5
TEST(observe, events_end_although_the_newest_facts_have_expired) {
  home place;
  place.wait(place.give("echo done"));
  EXPECT_EQ(place.nine({"down"}).exit_code, 0);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((place.root() + "/journal.db").c_str(), &database), SQLITE_OK);
  const auto* expired =
      "UPDATE home SET expired_up_to = (SELECT max(sequence) FROM facts);"
      "DELETE FROM facts; DELETE FROM task_heads";
  EXPECT_EQ(sqlite3_exec(database, expired, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_EQ(place.nine({"up"}).exit_code, 0);
  const auto events = place.start({"events"});
  const auto ended = events->wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, "");
}

// proves: D5
TEST(observe, finished_tasks_expire_with_their_directories_and_unfinished_ones_stay) {
  home place("journal: {expire_count: 2}\n");
  const auto unfinished = place.give(patient_agent);
  std::vector<std::string> ids;
  for (int task = 0; task < 4; ++task) {
    ids.push_back(place.give("echo done"));
    place.wait(ids.back());
  }
  std::filesystem::create_directory(place.root() + "/tasks/t0");
  send_signal(place.pid("core"), SIGKILL);  // the next one looks at once
  ASSERT_TRUE(
      eventually([&] { return place.json({"task", "list"}).at("tasks").as_array().size() == 3; },
                 std::chrono::seconds(60)));
  for (const auto& id : {ids[0], ids[1]}) {
    EXPECT_TRUE(eventually([&] { return !exists(place.root() + "/tasks/" + id); }));
    EXPECT_EQ(place.nine({"task", "show", id}).exit_code, 2);
  }
  EXPECT_EQ(text(place.task(ids[3]), "result"), "done");
  EXPECT_TRUE(exists(place.root() + "/tasks/" + ids[3]));
  write_file(place.mark("go"), "");
  EXPECT_EQ(text(place.wait(unfinished), "result"), "done");
}

}  // namespace
}  // namespace nine::drill
