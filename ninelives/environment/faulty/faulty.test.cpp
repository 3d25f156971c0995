#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/detached.hpp>
#include <map>
#include <optional>

#include "ninelives/environment/fake/manual_clock.hpp"
#include "ninelives/environment/fake/memory_network.hpp"
#include "ninelives/environment/faulty/faulty_files.hpp"
#include "ninelives/environment/faulty/faulty_network.hpp"
#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

using boost::asio::awaitable;

/// The generator of Knuth's MMIX; enough for tests.
class seeded_random final : public random {
 public:
  explicit seeded_random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return state_;
  }

 private:
  std::uint64_t state_;
};

class map_files final : public files {
 public:
  result<std::string> read(const path& file, bytes) override { return content_[file]; }
  result<std::string> read_range(const path& file, bytes offset, bytes limit) override {
    return content_[file].substr(offset, limit);
  }
  result<void> write_durably(const path& file, std::string_view content) override {
    content_[file] = content;
    return {};
  }
  result<void> make_directory(const path&) override { return {}; }
  result<std::vector<std::string>> list(const path&) override { return {}; }
  result<file_information> information(const path&) override { return file_information{}; }
  result<void> remove(const path&) override { return {}; }

 private:
  std::map<path, std::string> content_;
};

TEST(faulty_files, without_rates_everything_passes_through) {
  map_files inner;
  seeded_random chance(1);
  const fault_rates none;
  faulty_files files(inner, chance, none);
  EXPECT_TRUE(files.write_durably("f", "content"));
  EXPECT_EQ(files.read("f", 100), "content");
}

TEST(faulty_files, fails_about_as_often_as_asked_and_the_same_for_a_seed) {
  const auto failures_of = [](std::uint64_t seed) {
    map_files inner;
    seeded_random chance(seed);
    const fault_rates rates{.fail = 0.3};
    faulty_files files(inner, chance, rates);
    std::vector<bool> failed;
    for (int i = 0; i < 1000; ++i)
      failed.push_back(!files.read("f", 1));
    return failed;
  };
  const auto once = failures_of(1);
  EXPECT_EQ(once, failures_of(1));
  EXPECT_NE(once, failures_of(2));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(once, true)), 300, 100);
}

TEST(faulty_files, a_full_disk_leaves_the_old_content) {
  map_files inner;
  ASSERT_TRUE(inner.write_durably("f", "old"));
  seeded_random chance(1);
  fault_rates rates{.cut = 1};
  faulty_files files(inner, chance, rates);
  EXPECT_EQ(files.write_durably("f", "new").error().code, error_code::resource_exhausted);
  EXPECT_EQ(inner.read("f", 10), "old");
  rates = {};
  EXPECT_TRUE(files.write_durably("f", "new")) << "the faults have ended";
}

struct meeting {
  std::unique_ptr<stream> client;
  std::unique_ptr<stream> server;
  std::unique_ptr<listener> listening;
};

awaitable<meeting> meet(network& through, network& inner) {
  const endpoint where = unix_endpoint{"/s"};
  meeting made;
  made.listening = *inner.listen(where);
  auto client = co_await through.connect(where);
  auto server = co_await made.listening->accept();
  made.client = *std::move(client);
  made.server = *std::move(server);
  co_return made;
}

awaitable<bool> write_text(stream& to, std::string text) {
  auto written = co_await to.write(text);
  co_return written.has_value();
}

awaitable<std::vector<std::size_t>> read_sizes(stream& from, std::size_t total) {
  std::array<char, 100> buffer;
  std::vector<std::size_t> sizes;
  while (total > 0) {
    auto got = co_await from.read_some(buffer);
    if (!got || *got == 0) break;
    sizes.push_back(*got);
    total -= *got;
  }
  co_return sizes;
}

class faulty_network_test : public ::testing::Test {
 protected:
  boost::asio::io_context context_;
  manual_clock clock_;
  memory_network inner_;
  seeded_random chance_{3};
  fault_rates rates_;
  faulty_network network_{inner_, clock_, chance_, rates_};
};

TEST_F(faulty_network_test, reads_in_parts_lose_nothing) {
  rates_ = {.part = 1};
  auto made = testing::run(context_, meet(network_, inner_));
  EXPECT_TRUE(testing::run(context_, write_text(*made.server, std::string(1000, 'x'))));
  const auto sizes = testing::run(context_, read_sizes(*made.client, 1000));
  EXPECT_GT(sizes.size(), 11u);
}

TEST_F(faulty_network_test, a_cut_write_passes_half_and_the_stream_stays_cut) {
  rates_ = {.cut = 1};
  auto made = testing::run(context_, meet(network_, inner_));
  EXPECT_FALSE(testing::run(context_, write_text(*made.client, "0123456789")));
  EXPECT_EQ(testing::run(context_, read_sizes(*made.server, 10)), (std::vector<std::size_t>{5}));
  EXPECT_TRUE(testing::run(context_, read_sizes(*made.client, 10)).empty());
}

awaitable<void> read_once(stream& from, std::optional<error>& problem) {
  std::array<char, 10> buffer;
  auto got = co_await from.read_some(buffer);
  if (!got) problem = got.error();
}

TEST_F(faulty_network_test, a_write_that_is_cut_breaks_a_read_that_waits) {
  auto made = testing::run(context_, meet(network_, inner_));
  std::optional<error> problem;
  boost::asio::co_spawn(context_, read_once(*made.client, problem), boost::asio::detached);
  context_.restart();
  context_.poll();
  rates_ = {.cut = 1};
  EXPECT_FALSE(testing::run(context_, write_text(*made.client, "0123456789")));
  context_.restart();
  context_.poll();
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, error_code::unavailable) << "it was not closed, it broke";
}

TEST_F(faulty_network_test, an_owner_that_leaves_ends_what_was_delayed) {
  auto made = testing::run(context_, meet(network_, inner_));
  rates_ = {.delay = 1, .delay_most = 10s};
  std::optional<error> problem;
  boost::asio::co_spawn(context_, read_once(*made.client, problem), boost::asio::detached);
  context_.restart();
  context_.poll();
  made.client.reset();
  clock_.advance(10s);
  context_.restart();
  context_.poll();
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->code, error_code::cancelled);
}

awaitable<bool> refused(network& through) {
  const endpoint where = unix_endpoint{"/s"};
  auto connected = co_await through.connect(where);
  co_return !connected && connected.error().message.contains("injected");
}

TEST_F(faulty_network_test, a_connection_may_be_refused) {
  rates_ = {.fail = 1};
  EXPECT_TRUE(testing::run(context_, refused(network_)));
}

TEST_F(faulty_network_test, delays_go_through_the_clock) {
  rates_ = {.fail = 1, .delay = 1, .delay_most = 10s};
  bool ended = false;
  boost::asio::co_spawn(context_, refused(network_),
                        [&](std::exception_ptr, bool) { ended = true; });
  context_.poll();
  EXPECT_FALSE(ended);
  clock_.advance(10s);
  context_.restart();
  context_.poll();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace nine::environment
