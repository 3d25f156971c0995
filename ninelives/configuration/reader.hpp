#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/configuration/document.hpp"
#include "ninelives/configuration/problem.hpp"

namespace nine::configuration {

/// A name in one place that must be defined in another, such as an agent in a ladder.
struct reference {
  std::string file;
  position at;
  std::string path;     ///< where it stands: "tasks.commit-message.ladder"
  std::string section;  ///< where it must be defined: "agents"
  std::string name;
};

/// The references of every definition, by the definition that makes them ("tasks.commit-message"):
/// a definition that replaces another replaces its references too.
using reference_table = std::map<std::string, std::vector<reference>>;

/// Where in a document the reading stands, and what was found wrong there.
class reader {
 public:
  /// All three must outlive the reader.
  reader(std::string file, problem_list& problems, reference_table& references)
      : file_(std::move(file)), problems_(problems), references_(references) {}

  /// Steps into a key for as long as the returned guard lives.
  class inside {
   public:
    explicit inside(reader& owner) : owner_(owner) {}
    ~inside() { owner_.path_.pop_back(); }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;

   private:
    reader& owner_;
  };
  [[nodiscard]] inside enter(std::string_view key);

  /// Reports `message` for the key the reader stands in.
  void refuse(position at, std::string_view message);

  /// Notes that `name` must be a key of `section` once all files are read.
  void refer(position at, std::string_view section, std::string_view name);

  /// How many problems this reader has reported.
  std::size_t refusals() const { return refusals_; }

 private:
  std::string path() const;

  std::string file_;
  problem_list& problems_;
  reference_table& references_;
  std::vector<std::string> path_;
  std::size_t refusals_ = 0;
};

}  // namespace nine::configuration
