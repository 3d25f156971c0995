#include <gtest/gtest.h>

#include <map>

#include "ninelives/home/home_layout.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/removed_home.hpp"
#include "ninelives/home/tombstone.hpp"

namespace nine::home {
namespace {

using environment::path;

/// Files as a map; directories have no content.
class map_files : public environment::files {
 public:
  std::map<path, std::string> content;
  std::map<path, environment::file_information> directories;
  bool fail_reads = false;

  result<std::string> read(const path& file, bytes limit) override {
    if (fail_reads) return fail(error_code::io_error, "disk is broken");
    const auto found = content.find(file);
    if (found == content.end()) return fail(error_code::not_found, file.native());
    if (found->second.size() > limit) return fail(error_code::too_large, file.native());
    return found->second;
  }
  result<std::string> read_range(const path&, bytes, bytes) override { return ""; }
  result<void> write_durably(const path& file, std::string_view text) override {
    content[file] = text;
    return {};
  }
  result<void> make_directory(const path& directory) override {
    directories.try_emplace(
        directory, environment::file_information{.is_directory = true, .is_private = true});
    return {};
  }
  result<std::vector<std::string>> list(const path&) override { return {}; }
  result<environment::file_information> information(const path& file) override {
    return directories.at(file);
  }
  result<void> remove(const path& file) override {
    content.erase(file);
    return {};
  }
};

class counting_random : public environment::random {
 public:
  std::uint64_t next() override { return ++value_; }

 private:
  std::uint64_t value_ = 0;
};

const home_layout layout("/home/ann/.local/state/ninelives", 1000);
const home_layout deep_layout("/" + std::string(100, 'd'), 1000);

TEST(home_root, follows_the_variables_in_order) {
  struct row {
    home_variables variables;
    path expected;  // empty: an error
  };
  const row table[] = {
      {{"/srv/nine", "/state", "/home/ann"}, "/srv/nine"},
      {{"/srv/nine/", "", ""}, "/srv/nine"},
      {{"/srv/./a/../nine", "", ""}, "/srv/nine"},
      {{"", "/state", "/home/ann"}, "/state/ninelives"},
      {{"", "state", "/home/ann"}, "/home/ann/.local/state/ninelives"},
      {{"", "", "/home/ann"}, "/home/ann/.local/state/ninelives"},
      {{"nine", "/state", "/home/ann"}, ""},
      {{"", "", ""}, ""},
  };
  for (const auto& row : table) {
    const auto root = home_root(row.variables);
    EXPECT_EQ(root.has_value(), !row.expected.empty());
    EXPECT_EQ(root.value_or(path()).native(), row.expected.native());
  }
}

TEST(home_layout, keeps_sockets_in_the_home_when_their_addresses_fit) {
  EXPECT_EQ(layout.control_socket(), "/home/ann/.local/state/ninelives/run/control.sock");
  EXPECT_EQ(layout.guard_lock(), "/home/ann/.local/state/ninelives/run/guard.lock");
}

TEST(home_layout, moves_sockets_of_a_deep_home_to_a_short_directory_of_the_user) {
  EXPECT_TRUE(deep_layout.control_socket().native().starts_with("/tmp/nine-1000-"));
  EXPECT_EQ(deep_layout.guard_lock().parent_path(), deep_layout.root() / "run");
  const home_layout other_user(deep_layout.root(), 1001);
  const home_layout other_home(deep_layout.root() / "x", 1000);
  EXPECT_NE(deep_layout.socket_directory(), other_user.socket_directory());
  EXPECT_NE(deep_layout.socket_directory(), other_home.socket_directory());
}

TEST(home_layout, never_makes_a_socket_address_that_is_too_long) {
  const std::string name(home_layout::socket_name_bytes_most, 'n');
  for (std::size_t length = 1; length < 200; ++length) {
    const home_layout any("/" + std::string(length, 'r'), 4'000'000'000);
    EXPECT_LE(any.socket(name).native().size(), 107u) << length;
  }
}

TEST(tombstone, is_found_from_mark_to_clear) {
  map_files files;
  EXPECT_EQ(find_tombstone(files, layout), std::nullopt);
  const auto now = wall_time_from_milliseconds(1'790'000'000'123);
  ASSERT_TRUE(mark_stopped(files, layout, "nine down", now));
  EXPECT_EQ(find_tombstone(files, layout), (tombstone{"nine down", now}));
  EXPECT_TRUE(rests(*find_tombstone(files, layout)));
  ASSERT_TRUE(mark_ending(files, layout, "nine down", now));
  EXPECT_EQ(find_tombstone(files, layout), (tombstone{"nine down", now, true}));
  EXPECT_FALSE(rests(*find_tombstone(files, layout)));
  ASSERT_TRUE(clear_tombstone(files, layout));
  EXPECT_EQ(find_tombstone(files, layout), std::nullopt);
}

// proves: S16
TEST(tombstone, counts_when_its_content_is_damaged) {
  map_files files;
  for (const auto* text : {"", "x\nreason\n", "12", "12x\nreason\n"}) {
    files.content[layout.tombstone()] = text;
    const auto found = find_tombstone(files, layout);
    ASSERT_TRUE(found && *found) << text;
    EXPECT_EQ((*found)->reason, "unreadable tombstone") << text;
  }
  files.content[layout.tombstone()] = std::string(1 << 20, 'x');
  EXPECT_TRUE(find_tombstone(files, layout)->has_value());
}

TEST(tombstone, that_cannot_be_looked_for_is_an_error_and_not_an_absence) {
  map_files files;
  files.fail_reads = true;
  EXPECT_FALSE(find_tombstone(files, layout));
}

TEST(prepare_home, refuses_a_socket_directory_that_others_can_enter) {
  map_files files;
  ASSERT_TRUE(prepare_home(files, deep_layout));
  files.directories[deep_layout.socket_directory()].is_private = false;
  const auto refused = prepare_home(files, deep_layout);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::permission_denied);
}

TEST(home_key, is_made_once_and_then_stays) {
  map_files files;
  counting_random random;
  EXPECT_FALSE(read_home_key(files, layout));
  const auto key = ensure_home_key(files, random, layout);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->size(), 64u);
  EXPECT_EQ(ensure_home_key(files, random, layout), key);
  EXPECT_EQ(read_home_key(files, layout), key);
}

TEST(home_key, is_never_replaced_silently) {
  map_files files;
  counting_random random;
  files.content[layout.home_key()] = "short";
  EXPECT_EQ(ensure_home_key(files, random, layout).error().code, error_code::corrupted);
}

TEST(refusal, is_found_until_it_is_cleared) {
  map_files files;
  EXPECT_FALSE(find_refusal(files, layout));
  ASSERT_TRUE(write_refusal(files, layout, "of a newer version"));
  EXPECT_EQ(find_refusal(files, layout), "of a newer version");
  clear_refusal(files, layout);
  EXPECT_FALSE(find_refusal(files, layout));
}

TEST(refusal, that_cannot_be_read_stops_nobody) {
  map_files files;
  ASSERT_TRUE(write_refusal(files, layout, "why"));
  files.fail_reads = true;
  EXPECT_FALSE(find_refusal(files, layout));
}

// proves: S15
TEST(is_removed, only_when_the_key_is_known_to_be_gone_or_to_be_another) {
  map_files files;
  counting_random random;
  const auto key = *ensure_home_key(files, random, layout);
  EXPECT_FALSE(is_removed(files, layout, key));
  files.fail_reads = true;
  EXPECT_FALSE(is_removed(files, layout, key)) << "a broken disk takes down nothing";
  files.fail_reads = false;
  files.content[layout.home_key()] = "no key";
  EXPECT_FALSE(is_removed(files, layout, key));
  files.content.clear();
  EXPECT_TRUE(is_removed(files, layout, key));
  ASSERT_TRUE(ensure_home_key(files, random, layout));
  EXPECT_TRUE(is_removed(files, layout, key)) << "another home in the same place";
}

}  // namespace
}  // namespace nine::home
