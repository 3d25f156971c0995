#include "ninelives/journal/digest.hpp"

#include <gtest/gtest.h>

namespace nine::journal {
namespace {

TEST(digest, is_sha_256_as_published) {
  EXPECT_EQ(digest_of("abc"),
            "sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(""),
            "sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(digest, only_its_own_form_is_one) {
  const auto good = digest_of("x");
  EXPECT_TRUE(is_digest(good));
  EXPECT_FALSE(is_digest(good + "0"));
  EXPECT_FALSE(is_digest("sha256-../../etc/passwd"));
  EXPECT_FALSE(is_digest(good.substr(0, good.size() - 1) + "/"));
  EXPECT_FALSE(is_digest(""));
}

}  // namespace
}  // namespace nine::journal
