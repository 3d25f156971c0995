// The stream of facts, through deaths of the core: nothing is left out, nothing comes twice.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

std::vector<std::int64_t> sequences_in(const std::string& lines) {
  std::vector<std::int64_t> found;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    const auto event = boost::json::parse(line).as_object();
    found.push_back(event.at("sequence").to_number<std::int64_t>());
  }
  return found;
}

std::int64_t last_fact(home& place) {
  const auto status = place.json({"status"});
  return status.at("journal").at("last_durable").to_number<std::int64_t>();
}

/// The numbers from `first` to `last`.
std::vector<std::int64_t> all_from(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> all;
  while (first <= last)
    all.push_back(first++);
  return all;
}

void kill_core(home& place) {
  const auto core = place.pid("core");
  ASSERT_GT(core, 1);
  send_signal(core, SIGKILL);
  ASSERT_TRUE(eventually([&] {
    const auto next = place.pid("core");
    return next > 1 && next != core;
  }));
}

/// Stops a follower, lets the core die and a task be done meanwhile, and wakes it again
/// until it has told all of that.
void miss_a_task(home& place, const running_program& follower) {
  follower.signal(SIGSTOP);
  kill_core(place);
  place.wait(place.give("echo meanwhile"));
  const auto last = last_fact(place);
  follower.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] {
    const auto seen = sequences_in(follower.out());
    return !seen.empty() && seen.back() >= last;
  }));
}

// proves: P1
TEST(event_stream, who_follows_misses_nothing_while_the_core_is_replaced) {
  home place;
  const auto follower = place.start({"events", "--follow", "--json"});
  ASSERT_TRUE(eventually([&] {
    place.wait(place.give("echo one"));
    return !follower->out().empty();
  }));
  miss_a_task(place, *follower);
  const auto seen = sequences_in(follower->out());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen, all_from(seen.front(), seen.back()));
}

// proves: P1
TEST(event_stream, who_has_seen_nothing_yet_misses_nothing_either) {
  home place;
  place.wait(place.give("echo one"));
  const auto follower = place.start({"events", "--follow", "--json"});
  const std::string told = "after fact ";
  ASSERT_TRUE(eventually([&] { return follower->err().contains("Ctrl-C"); }));
  const auto before = std::stoll(follower->err().substr(follower->err().find(told) + told.size()));
  ASSERT_GT(before, 0);
  miss_a_task(place, *follower);
  const auto seen = sequences_in(follower->out());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen, all_from(before + 1, seen.back()));
}

// proves: P1
TEST(event_stream, a_listing_that_the_core_dies_under_is_told_to_its_end) {
  home place;
  // More than pipe and sockets hold, so that the core still has facts to tell when it dies.
  write_file(place.mark("text"), std::string(100'000, 'x') + " y");
  ASSERT_EQ(shell(place,
                  "mkfifo pipe; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; "
                  "do nine run --detach - -- true <text || exit 1; done")
                .exit_code,
            0);
  const auto last = last_fact(place);
  const auto reader = start_shell(
      place, "exec 3<pipe; head -c 1 <&3; : >begun; until [ -e go ]; do sleep 0.05; done; cat <&3");
  const auto listing = start_shell(place, "exec nine events --json >pipe");
  ASSERT_TRUE(eventually([&] { return exists(place.mark("begun")); }));
  kill_core(place);
  write_file(place.mark("go"), "");
  EXPECT_EQ(listing->wait().exit_code, 0);
  const auto seen = sequences_in(reader->wait().out);
  ASSERT_FALSE(seen.empty());
  EXPECT_GE(seen.back(), last);
  EXPECT_EQ(seen, all_from(1, seen.back()));
}

/// What the control API answers to this request.
std::string ask(const home& place, const std::string& request) {
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = place.root() + "/run/control.sock";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
      << path;
  EXPECT_EQ(::write(connection, request.data(), request.size()), std::ssize(request));
  std::string answer;
  char buffer[4096];
  for (auto count = ::read(connection, buffer, sizeof buffer); count > 0;
       count = ::read(connection, buffer, sizeof buffer))
    answer.append(buffer, static_cast<std::size_t>(count));
  ::close(connection);
  return answer;
}

TEST(event_stream, a_client_that_names_the_last_event_it_saw_gets_those_behind_it) {
  home place;
  place.wait(place.give("echo one"));
  const auto last = last_fact(place);
  ASSERT_GT(last, 4);
  const auto answer = ask(place,
                          "GET /v1/events?until_now=1 HTTP/1.1\r\nHost: nine\r\n"
                          "Last-Event-ID: 3\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(answer.contains("id: 3\n")) << answer;
  for (const auto number : all_from(4, last))
    EXPECT_TRUE(answer.contains("id: " + std::to_string(number) + "\n")) << number;
}

}  // namespace
}  // namespace nine::drill
