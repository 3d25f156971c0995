#include "ninelives/environment/real/wakeful_loop.hpp"

#include <thread>

namespace nine::environment {

void wakeful_loop::run() {
  while (step()) {
  }
}

bool wakeful_loop::step() {
  if (context_.poll() > 0) return !context_.stopped();
  if (context_.stopped()) return false;
  if (answer_is_near_())
    std::this_thread::yield();
  else
    context_.run_one();
  return !context_.stopped();
}

}  // namespace nine::environment
