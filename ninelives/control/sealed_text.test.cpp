#include "ninelives/control/sealed_text.hpp"

#include <gtest/gtest.h>

namespace nine::control {
namespace {

const sealed_texts seals("0123456789abcdef");

TEST(sealed_text, opens_to_what_was_sealed_and_shows_nothing_of_it) {
  for (const auto& text :
       {std::string(), std::string("OPENAI_API_KEY=sk-secret\0", 25), std::string(100'000, 'x')}) {
    const auto sealed = seals.seal(text);
    EXPECT_EQ(seals.open(sealed), text);
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_EQ(sealed.find("xxxxxxxx"), std::string::npos);
  }
}

TEST(sealed_text, that_was_changed_or_sealed_elsewhere_is_refused) {
  const auto sealed = seals.seal("NAME=value");
  for (std::size_t place = 0; place < sealed.size(); ++place) {
    auto changed = sealed;
    changed[place] = static_cast<char>(changed[place] ^ 1);
    EXPECT_FALSE(seals.open(changed)) << place;
    EXPECT_FALSE(seals.open(sealed.substr(0, place))) << place;
  }
  EXPECT_FALSE(seals.open(sealed + "x"));
  EXPECT_FALSE(sealed_texts("another key").open(sealed));
}

}  // namespace
}  // namespace nine::control
