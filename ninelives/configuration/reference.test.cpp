#include "ninelives/configuration/reference.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ninelives/configuration/load.hpp"

namespace nine::configuration {
namespace {

std::string page_path() {
  return std::string(NINE_SOURCE_DIRECTORY) + "/docs/configuration.md";
}

TEST(reference, the_page_in_docs_is_what_the_tables_say) {
  if (std::getenv("NINE_WRITE_DOCS") != nullptr) std::ofstream(page_path()) << reference_markdown();
  std::ostringstream page;
  page << std::ifstream(page_path()).rdbuf();
  EXPECT_EQ(page.str(), reference_markdown())
      << "write it anew with: NINE_WRITE_DOCS=1 configuration.test "
         "--gtest_filter=reference.*";
}

TEST(reference, the_example_it_shows_is_right) {
  const layer only{layer_kind::project, "nine.yaml", std::string(reference_example())};
  const auto loaded = load({&only, 1});
  EXPECT_TRUE(loaded) << to_error(loaded.error()).message;
}

}  // namespace
}  // namespace nine::configuration
