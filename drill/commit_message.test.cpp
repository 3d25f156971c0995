// `nine run commit-message` without a model, in repositories as people have them.

#include <gtest/gtest.h>

#include <filesystem>

#include "drill/shell.hpp"

namespace nine::drill {
namespace {

/// A repository with one commit, in the workspace.
struct repository : home {
  repository() { git("init -q . && git config user.email a@b.c && git config user.name a"); }
  void git(const std::string& words) {
    const auto ended = shell(*this, "exec 2>&1; git " + words);
    EXPECT_EQ(ended.exit_code, 0) << words << ": " << ended.out;
  }
  void commit_file(const std::string& name, const std::string& content) {
    write_file(mark(name), content);
    git("add -A && git commit -qm base");
  }
  outcome message() { return shell(*this, "exec nine run commit-message"); }
};

void expect_told(const outcome& ended, const std::string& told, const std::string& what) {
  EXPECT_EQ(ended.exit_code, 3) << what << ": " << ended.err;
  EXPECT_TRUE(ended.out.contains(told)) << what << " told " << ended.out;
}

// proves: L1
TEST(commit_message, settings_of_git_change_nothing) {
  repository place;
  place.commit_file("one.txt", "first\n");
  write_file(place.mark("one.txt"), "second\n");
  const auto plain = place.message();
  expect_told(plain, "one.txt: 1 lines added, 1 removed", "no setting");
  for (const std::string setting :
       {"color.ui always", "diff.external /bin/true", "diff.mnemonicPrefix true",
        "diff.noprefix true", "core.quotePath true", "diff.renames copies"}) {
    place.git("config " + setting);
    for (const std::string staged : {"", "staged"}) {
      if (!staged.empty()) place.git("add -A");
      EXPECT_EQ(place.message().out, plain.out) << setting << " " << staged;
    }
    place.git("reset -q && git config --unset " + setting.substr(0, setting.find(' ')));
  }
}

// proves: L1
TEST(commit_message, a_file_is_named_as_it_is_called) {
  repository place;
  place.commit_file("base", "x\n");
  for (const std::string name : {"café.txt", "my file.txt", "dir b/x y.txt", "quo\"te", "-- a"}) {
    std::filesystem::create_directories(std::filesystem::path(place.mark(name)).parent_path());
    write_file(place.mark(name), "new\n");
    place.git("add -A");
    expect_told(place.message(), "- " + name + ": 1 lines added, 0 removed", name);
    place.git("rm -qrf --cached . && git reset -q --hard");
  }
}

// proves: L1
TEST(commit_message, changes_that_are_no_lines_are_told_too) {
  repository place;
  place.commit_file("old name", "a\nb\nc\nd\ne\n");
  place.git("mv 'old name' 'new name'");
  expect_told(place.message(), "Rename new name", "a rename");
  place.git("reset -q --hard");
  write_file(place.mark("picture"), std::string("\0\1\2", 3));
  place.git("add -A");
  expect_told(place.message(), "Add picture", "a binary file");
  place.git("reset -q --hard && git rm -q 'old name'");
  expect_told(place.message(), "Remove old name", "a removal");
}

// proves: L1
TEST(commit_message, a_merge_with_conflicts_is_described) {
  repository place;
  place.commit_file("one.txt", "first\n");
  place.git("checkout -qb other");
  place.commit_file("one.txt", "other\n");
  place.git("checkout -q - ");
  place.commit_file("one.txt", "mine\n");
  EXPECT_EQ(shell(place, "git merge -q other").exit_code, 1);
  expect_told(place.message(), "one.txt", "a conflict");
}

// proves: L1
TEST(commit_message, the_first_commit_has_a_message_too) {
  repository place;
  write_file(place.mark("one.txt"), "first\n");
  place.git("add -A");
  expect_told(place.message(), "Add one.txt", "an empty repository");
}

// proves: L1
TEST(commit_message, a_diff_with_two_parents_is_understood) {
  repository place;
  write_file(
      place.mark("diff"),
      "diff --cc one.txt\nindex 1,2..0\n--- a/one.txt\n+++ b/one.txt\n@@@ -1,1 -1,1 +1,2 @@@\n"
      "- mine\n -other\n++both\n++more\n");
  expect_told(shell(place, "exec nine run commit-message --input diff"),
              "one.txt: 2 lines added, 2 removed", "a combined diff");
}

}  // namespace
}  // namespace nine::drill
