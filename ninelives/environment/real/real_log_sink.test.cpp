#include "ninelives/environment/real/real_log_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "ninelives/environment/real/testing.hpp"

namespace nine::environment {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(real_log_sink, lines_are_appended_to_a_private_file) {
  const testing::temporary_directory directory;
  const auto file = directory / "core.log";
  {
    file_log_sink sink(file, MiB);
    EXPECT_TRUE(sink.open());
    EXPECT_TRUE(sink.write_line("one"));
  }
  file_log_sink sink(file, MiB);
  EXPECT_TRUE(sink.write_line("two"));
  EXPECT_EQ(content_of(file), "one\ntwo\n");
  struct stat information{};
  ASSERT_EQ(::stat(file.c_str(), &information), 0);
  EXPECT_EQ(information.st_mode & 0777, 0600U);
}

TEST(real_log_sink, a_file_that_would_grow_too_large_is_moved_aside_once) {
  const testing::temporary_directory directory;
  const auto file = directory / "core.log";
  file_log_sink sink(file, 10);
  for (const auto* line : {"aaaa", "bbbb", "cccc", "dddd", "eeee"}) {
    EXPECT_TRUE(sink.write_line(line));
  }
  EXPECT_EQ(content_of(file), "eeee\n");
  EXPECT_EQ(content_of(file.string() + ".1"), "cccc\ndddd\n");
  EXPECT_TRUE(sink.write_line("a line that is longer than the file may be"));
}

TEST(real_log_sink, two_writers_of_one_file_follow_each_others_rotation) {
  const testing::temporary_directory directory;
  const auto file = directory / "core.log";
  file_log_sink one(file, 10);
  file_log_sink other(file, 10);
  EXPECT_TRUE(other.write_line("aaaa"));
  EXPECT_TRUE(one.write_line("bbbb"));
  EXPECT_TRUE(one.write_line("cccc"));
  EXPECT_TRUE(other.write_line("dddd"));
  EXPECT_EQ(content_of(file), "cccc\ndddd\n");
}

TEST(real_log_sink, stderr_that_goes_to_the_log_moves_along_with_it) {
  const testing::temporary_directory directory;
  const auto file = directory / "core.log";
  const system::descriptor before(::dup(STDERR_FILENO));
  const system::descriptor log(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ::dup2(log.get(), STDERR_FILENO);
  file_log_sink sink(file, 10);
  const bool written = sink.write_line("aaaaaaaa") && sink.write_line("bbbb");
  const auto count = ::write(STDERR_FILENO, "last\n", 5);
  ::dup2(before.get(), STDERR_FILENO);
  EXPECT_TRUE(sink.has_standard_error() && written);
  EXPECT_EQ(count, 5);
  EXPECT_EQ(content_of(file), "bbbb\nlast\n");
}

TEST(real_log_sink, a_log_that_was_removed_is_begun_anew) {
  const testing::temporary_directory directory;
  file_log_sink sink(directory / "core.log", MiB);
  EXPECT_TRUE(sink.write_line("one"));
  std::filesystem::remove(directory / "core.log");
  EXPECT_TRUE(sink.write_line("two"));
  EXPECT_EQ(content_of(directory / "core.log"), "two\n");
}

TEST(real_log_sink, a_line_that_cannot_be_written_is_told_and_the_next_is_tried_again) {
  const testing::temporary_directory directory;
  file_log_sink sink(directory / "missing" / "core.log", MiB);
  EXPECT_EQ(sink.open().error().code, error_code::not_found);
  EXPECT_FALSE(sink.write_line("one"));
  std::filesystem::create_directory(directory / "missing");
  EXPECT_TRUE(sink.write_line("two"));
  file_log_sink full("/dev/full", MiB);
  EXPECT_FALSE(full.write_line("x"));
}

TEST(real_log_sink, a_pipe_that_nobody_reads_does_not_hang_the_writer) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const system::descriptor reader(ends[0]);
  const system::descriptor writer(ends[1]);
  descriptor_log_sink sink(writer.get());
  const std::string line(4000, 'x');
  int written = 0;
  while (written < 1000 && sink.write_line(line))
    ++written;
  EXPECT_GT(written, 0);
  EXPECT_LT(written, 1000);
}

TEST(real_log_sink, lines_of_several_threads_stay_whole) {
  const testing::temporary_directory directory;
  const auto file = directory / "core.log";
  file_log_sink sink(file, MiB);
  std::vector<std::jthread> writers;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    writers.emplace_back([&sink, letter] {
      for (int i = 0; i < 100; ++i)
        sink.write_line(std::string(100, letter));
    });
  }
  writers.clear();
  std::istringstream lines(content_of(file));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_EQ(line, std::string(100, line[0]));
  }
  EXPECT_EQ(count, 400);
}

}  // namespace
}  // namespace nine::environment
