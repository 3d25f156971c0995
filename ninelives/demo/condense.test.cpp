#include "ninelives/demo/condense.hpp"

#include <gtest/gtest.h>

namespace nine::demo {
namespace {

TEST(condense, of_each_file_the_head_and_the_first_lines_stay) {
  EXPECT_EQ(condense("Write.\n"
                     "diff --git a/x b/x\nnew file mode 100644\n@@ -0,0 +1,3 @@\n+1\n+2\n+3\n"
                     "diff --git a/y b/y\n@@ -1 +1 @@\n-old",
                     2),
            "Write.\n"
            "diff --git a/x b/x\nnew file mode 100644\n@@ -0,0 +1,3 @@\n+1\n(2 lines more)\n"
            "diff --git a/y b/y\n@@ -1 +1 @@\n-old\n");
  EXPECT_EQ(condense("", 2), "");
}

}  // namespace
}  // namespace nine::demo
