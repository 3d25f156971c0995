#include "ninelives/base/stable_hash.hpp"

#include <gtest/gtest.h>

namespace nine {
namespace {

// The vectors of the authors. Checksums on disk and names of directories are made of it.
TEST(stable_hash, is_the_published_function) {
  EXPECT_EQ(stable_hash_of(""), 0xcbf29ce484222325u);
  EXPECT_EQ(stable_hash_of("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(stable_hash_of("foobar"), 0x85944171f73967e8u);
}

TEST(stable_hash, a_number_counts_as_its_eight_bytes_the_lowest_first) {
  stable_hash hash;
  hash.add(std::uint64_t{0x6261});
  EXPECT_EQ(hash.value(), stable_hash_of(std::string_view("ab\0\0\0\0\0\0", 8)));
}

}  // namespace
}  // namespace nine
