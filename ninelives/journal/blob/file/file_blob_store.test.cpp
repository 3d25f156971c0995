#include "ninelives/journal/blob/file/file_blob_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "ninelives/environment/faulty/faulty_files.hpp"
#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/journal/digest.hpp"

namespace nine::journal::blob {
namespace {

class file_blob_store_test : public ::testing::Test {
 protected:
  ~file_blob_store_test() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path file_of(const std::string& digest) const {
    const auto digits = digest.substr(7);
    return directory_ / digits.substr(0, 2) / digits.substr(2);
  }

  static std::filesystem::path fresh_directory() {
    std::string pattern = "/tmp/nine-blob-XXXXXX";
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory_ = fresh_directory();
  /// So that the file is as old as the test wants it.
  static void make_older(const std::filesystem::path& file, duration by) {
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - by);
  }

  environment::real_files files_;
  environment::real_clock clock_;
  file_blob_store store_{files_, clock_, directory_};
};

/// Counts the files that are written.
class counting_files : public environment::files {
 public:
  using path = environment::path;
  explicit counting_files(environment::files& real) : real_(real) {}

  result<void> write_durably(const path& file, std::string_view content) override {
    ++written;
    NINE_TRY(real_.write_durably(file, content));
    if (fails) return fail(error_code::io_error, "the directory was not synced");
    return {};
  }
  result<std::string> read(const path& file, bytes limit) override {
    return real_.read(file, limit);
  }
  result<std::string> read_range(const path& file, bytes offset, bytes limit) override {
    return real_.read_range(file, offset, limit);
  }
  result<void> make_directory(const path& directory) override {
    return real_.make_directory(directory);
  }
  result<std::vector<std::string>> list(const path& directory) override {
    return real_.list(directory);
  }
  result<environment::file_information> information(const path& file) override {
    return real_.information(file);
  }
  result<void> remove(const path& file) override { return real_.remove(file); }

  int written = 0;
  bool fails = false;  ///< once all is written

 private:
  environment::files& real_;
};

// proves: P2
TEST_F(file_blob_store_test, a_file_that_is_there_counts_only_when_this_process_made_it_durable) {
  counting_files files(files_);
  file_blob_store store(files, clock_, directory_);
  ASSERT_TRUE(store_.put("text")) << "by another process";
  ASSERT_TRUE(store.put("text"));
  EXPECT_EQ(files.written, 1);
  ASSERT_TRUE(store.put("text"));
  EXPECT_EQ(files.written, 1);
  files.fails = true;
  EXPECT_FALSE(store.put("other"));
  files.fails = false;
  ASSERT_TRUE(store.put("other"));
  EXPECT_EQ(files.written, 3);
}

// proves: D5
TEST_F(file_blob_store_test, lists_and_removes_only_what_nobody_was_given_lately) {
  const auto before = clock_.wall_now() - 2h;
  std::vector<std::string> old;
  for (const auto* content : {"a", "b", "c", "d"}) {
    old.push_back(*store_.put(content));
    make_older(file_of(old.back()), 3h);
  }
  const auto fresh = *store_.put("fresh");
  std::ranges::sort(old);
  EXPECT_EQ(store_.list_older(before, "", 9), old);
  EXPECT_EQ(store_.list_older(before, "", 2), std::vector(old.begin(), old.begin() + 2));
  EXPECT_EQ(store_.list_older(before, old[1], 9), std::vector(old.begin() + 2, old.end()));
  EXPECT_TRUE(store_.remove_older(fresh, before));
  EXPECT_TRUE(store_.get(fresh));
  EXPECT_TRUE(store_.remove_older(old[0], before));
  EXPECT_FALSE(store_.get(old[0]));
  EXPECT_TRUE(store_.remove_older(old[0], before)) << "nothing is there";
}

// proves: D5
TEST_F(file_blob_store_test, what_a_killed_process_left_half_written_goes_when_it_is_old) {
  const auto before = clock_.wall_now() - 2h;
  const auto digest = *store_.put("text");
  make_older(file_of(digest), 3h);
  const auto folder = file_of(digest).parent_path();
  const auto old = folder / ".nine-17-3.tmp";
  const auto young = folder / ".nine-18-0.tmp";
  for (const auto& file : {old, young})
    ASSERT_TRUE(files_.write_durably(file, "half of a bl"));
  make_older(old, 3h);

  const auto found = *store_.list_older(before, "", 9);
  ASSERT_EQ(found.size(), 2u) << "the blob and what is half written";
  EXPECT_EQ(store_.list_older(before, "", 1), std::vector{found[0]});
  EXPECT_EQ(store_.list_older(before, found[0], 9), std::vector{found[1]});
  EXPECT_EQ(found[1], digest);
  EXPECT_TRUE(store_.remove_older(found[0], before));
  EXPECT_FALSE(std::filesystem::exists(old));
  EXPECT_TRUE(std::filesystem::exists(young));
  EXPECT_TRUE(store_.get(digest));
}

// proves: D5
TEST_F(file_blob_store_test, what_is_put_again_is_young_again) {
  const auto digest = *store_.put("text");
  make_older(file_of(digest), 3h);
  EXPECT_EQ(store_.put("text"), digest);
  const auto before = clock_.wall_now() - 2h;
  EXPECT_EQ(store_.list_older(before, "", 9), std::vector<std::string>());
  EXPECT_TRUE(store_.remove_older(digest, before));
  EXPECT_EQ(store_.get(digest), "text");
}

// proves: D5
TEST_F(file_blob_store_test, gives_back_what_it_took) {
  for (const auto& content :
       {std::string(), std::string("text"), std::string(1'000'000, 'x'), std::string("\0\1", 2)}) {
    const auto digest = store_.put(content);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_EQ(*digest, digest_of(content));
    EXPECT_EQ(store_.get(*digest), content);
    EXPECT_EQ(store_.put(content), digest);
  }
}

// proves: D5
TEST_F(file_blob_store_test, keeps_contents_compressed_as_any_zstd_can_read_them) {
  const std::string content(1'000'000, 'x');
  const auto stored = *files_.read(file_of(*store_.put(content)), 1 * MiB);
  EXPECT_LT(stored.size(), content.size() / 100);
  EXPECT_TRUE(stored.starts_with("\x28\xB5\x2F\xFD")) << "the magic number of RFC 8878";
}

/// What is written is not what was given: a disk that lies.
class lying_files final : public counting_files {
 public:
  using counting_files::counting_files;
  result<void> write_durably(const path& file, std::string_view content) override {
    std::string changed(content);
    if (lies) changed.back() ^= 1;
    return counting_files::write_durably(file, changed);
  }
  bool lies = true;
};

// proves: D5
TEST_F(file_blob_store_test, what_was_stored_is_read_back_before_it_counts) {
  lying_files files(files_);
  file_blob_store store(files, clock_, directory_);
  EXPECT_EQ(store.put("some text").error().code, error_code::corrupted);
  files.lies = false;
  const auto digest = store.put("some text");
  ASSERT_TRUE(digest) << digest.error().message;
  EXPECT_EQ(store.get(*digest), "some text");
}

class seeded_random final : public environment::random {
 public:
  std::uint64_t next() override { return generator_(); }

 private:
  std::mt19937_64 generator_;  // its seed is the standard's
};

// proves: D5
TEST_F(file_blob_store_test, on_files_that_fail_now_and_then_each_success_can_be_read) {
  seeded_random chance;
  const environment::fault_rates rates{.fail = 0.1, .cut = 0.1};
  environment::faulty_files files(files_, chance, rates);
  file_blob_store store(files, clock_, directory_);
  int stored = 0;
  int failed = 0;
  for (int i = 0; i < 200; ++i) {
    const auto content = "content " + std::to_string(i % 50);
    const auto digest = store.put(content);
    ++(digest ? stored : failed);
    if (!digest) continue;
    EXPECT_EQ(store_.get(*digest), content) << "by a process whose files work";
  }
  EXPECT_GT(stored, 50);
  EXPECT_GT(failed, 10);
}

TEST_F(file_blob_store_test, says_when_there_is_none) {
  EXPECT_EQ(store_.get(digest_of("never stored")).error().code, error_code::not_found);
  EXPECT_EQ(store_.get("../../etc/passwd").error().code, error_code::invalid_argument);
}

TEST_F(file_blob_store_test, a_damaged_file_is_found_out_and_mended_by_storing_again) {
  const std::string content(10'000, 'y');
  const auto digest = store_.put(content);
  ASSERT_TRUE(digest);
  const auto stored = files_.read(file_of(*digest), 1 * MiB);
  ASSERT_TRUE(stored);
  const auto other = file_blob_store(files_, clock_, directory_).put("something else");
  ASSERT_TRUE(other);
  const std::string damages[] = {"", "no zstd at all", stored->substr(0, stored->size() / 2),
                                 *files_.read(file_of(*other), 1 * MiB)};
  for (const auto& damage : damages) {
    ASSERT_TRUE(files_.write_durably(file_of(*digest), damage));
    EXPECT_EQ(store_.get(*digest).error().code, error_code::corrupted) << damage.size();
    EXPECT_EQ(store_.put(content), digest);
    EXPECT_EQ(store_.get(*digest), content);
  }
}

}  // namespace
}  // namespace nine::journal::blob
