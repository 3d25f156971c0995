#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ninelives/base/result.hpp"

namespace nine::orchestration {

/// How texts with secrets are kept in files: `open(seal(text))` is the text. Thread: any.
struct text_seal {
  std::function<std::string(std::string_view)> seal;
  std::function<result<std::string>(std::string_view)> open;
};

}  // namespace nine::orchestration
