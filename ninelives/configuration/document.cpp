#include "ninelives/configuration/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

#include "ninelives/base/utf8.hpp"

namespace nine::configuration {
namespace {

position to_position(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

/// Ends the parse from inside an event; never leaves this file.
struct bound_broken {
  position at;
  std::string message;
};

/// Builds the tree from yaml-cpp's events. Its own tree (YAML::Node) is not used: it keeps
/// duplicate keys silently and expands aliases without a bound.
class tree_builder final : public YAML::EventHandler {
 public:
  explicit tree_builder(problem_list& problems) : problems_(problems) {}

  node_pointer take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(make(node::kind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto made = make(node::kind::scalar, mark);
    made->scalar = value;
    finish(std::move(made), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw bound_broken{to_position(mark), "an alias stands inside what it names"};
    }
    count(found->second.weight, to_position(mark));
    if (open_.size() + found->second.height > document_depth_most) too_deep(mark);
    attach(found->second.value, found->second.weight, found->second.height);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node::kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node::kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct level {
    std::shared_ptr<node> value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t weight = 1;
    std::size_t height = 1;
    bool key_pending = false;  ///< a map: the key was read, its value comes next
    bool key_usable = false;   ///< that key is a plain text, and not a second time
    std::string key;
    position key_at;
    std::map<std::string, int> key_lines;  ///< of the keys read so far
  };
  struct anchored {
    node_pointer value;
    std::size_t weight;
    std::size_t height;
  };

  std::shared_ptr<node> make(node::kind what, const YAML::Mark& mark) {
    auto made = std::make_shared<node>();
    made->what = what;
    made->at = to_position(mark);
    count(1, made->at);
    return made;
  }

  void count(std::size_t nodes, position at) {
    nodes_ += nodes;
    if (nodes_ <= document_nodes_most) return;
    throw bound_broken{at, fmt::format("the file holds more than {} values", document_nodes_most)};
  }

  [[noreturn]] static void too_deep(const YAML::Mark& mark) {
    throw bound_broken{to_position(mark),
                       fmt::format("nested deeper than {} levels", document_depth_most)};
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    problems_.add(to_position(mark),
                  fmt::format("tag {} is not supported; write the value alone", quoted(tag)));
  }

  void open(node::kind what, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (open_.size() + 1 >= document_depth_most) too_deep(mark);
    open_.push_back(
        {.value = make(what, mark), .anchor = anchor, .key = {}, .key_at = {}, .key_lines = {}});
  }

  void close() {
    level done = std::move(open_.back());
    open_.pop_back();
    remember(done.anchor, {done.value, done.weight, done.height});
    attach(std::move(done.value), done.weight, done.height);
  }

  void finish(std::shared_ptr<node> made, YAML::anchor_t anchor) {
    remember(anchor, {made, 1, 1});
    attach(std::move(made), 1, 1);
  }

  void remember(YAML::anchor_t anchor, anchored value) {
    if (anchor != YAML::NullAnchor) anchors_.insert_or_assign(anchor, std::move(value));
  }

  void attach(node_pointer value, std::size_t weight, std::size_t height) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& parent = open_.back();
    parent.weight += weight;
    parent.height = std::max(parent.height, height + 1);
    if (parent.value->what == node::kind::sequence) {
      parent.value->items.push_back(std::move(value));
    } else if (!parent.key_pending) {
      take_key(parent, *value);
    } else {
      take_value(parent, std::move(value));
    }
  }

  void take_key(level& parent, const node& key) {
    parent.key_pending = true;
    parent.key_usable = false;
    parent.key = key.scalar;
    parent.key_at = key.at;
    if (key.what != node::kind::scalar) {
      problems_.add(key.at, "a key must be a text, such as 'agents'");
      return;
    }
    const auto [first, is_new] = parent.key_lines.emplace(key.scalar, key.at.line);
    parent.key_usable = is_new;
    if (is_new) return;
    problems_.add(key.at, fmt::format("key {} stands here a second time; the first is in line {}",
                                      quoted(key.scalar), first->second));
  }

  void take_value(level& parent, node_pointer value) {
    parent.key_pending = false;
    if (!parent.key_usable) return;
    parent.value->entries.push_back({std::move(parent.key), parent.key_at, std::move(value)});
  }

  problem_list& problems_;
  std::vector<level> open_;
  std::map<YAML::anchor_t, anchored> anchors_;
  std::size_t nodes_ = 0;
  node_pointer root_;
};

struct hint {
  std::string_view parser_says;
  std::string_view we_say;
};

/// yaml-cpp's words for the commonest slips, in words that say what to do.
constexpr std::array<hint, 6> hints{{
    {"illegal map value", "a ':' that is part of a text; put the text in quotes"},
    {"end of map not found", "this line is indented unlike its neighbours; align it with them"},
    {"end of sequence not found",
     "this line is indented unlike its neighbours; align it with them"},
    {"end of map flow", "a '{' without its '}'"},
    {"end of sequence flow", "a '[' without its ']'"},
    {"the referenced anchor", "an alias (*name) without an anchor (&name) before it"},
}};

/// Whether line `line` (from 1) of the text has a tab in its indentation.
bool is_indented_by_tab(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  const auto indentation = text.substr(0, text.find_first_not_of(" \t"));
  return indentation.find('\t') != std::string_view::npos;
}

std::string explain(const std::string& parser_message, std::string_view text, position at) {
  if (is_indented_by_tab(text, at.line)) return "a tab is used for indentation; use spaces";
  for (const auto& [parser_says, we_say] : hints) {
    if (parser_message.find(parser_says) != std::string::npos) return std::string(we_say);
  }
  return "this is not YAML: " + parser_message;
}

position position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 == 0: the first line
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

/// Bytes the parser is never given: they would make it guess another encoding.
bool check_bytes(std::string_view text, problem_list& problems) {
  if (text.size() > document_bytes_most) {
    problems.add({}, fmt::format("the file has {} bytes; at most {} are read", text.size(),
                                 document_bytes_most));
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_sequence_length(text.substr(at));
    const bool control = length == 1 && static_cast<unsigned char>(text[at]) < 0x20 &&
                         std::string_view("\t\n\r").find(text[at]) == std::string_view::npos;
    if (length == 0 || control) {
      problems.add(position_of(text, at),
                   fmt::format("byte 0x{:02x} is not text; save the file as UTF-8",
                               static_cast<unsigned char>(text[at])));
      return false;
    }
    at += length;
  }
  return true;
}

node_pointer build(std::string_view text, problem_list& problems) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  tree_builder builder(problems);
  if (!parser.HandleNextDocument(builder)) return std::make_shared<node>();
  auto root = builder.take_root();
  tree_builder second(problems);
  if (parser.HandleNextDocument(second)) {
    const auto extra = second.take_root();
    problems.add(extra ? extra->at : position{},
                 "a second document begins here; a file holds one (remove the '---')");
  }
  return root ? root : std::make_shared<node>();
}

}  // namespace

node_pointer parse_document(std::string_view text, problem_list& problems) {
  if (!check_bytes(text, problems)) return nullptr;
  try {
    return build(text, problems);
  } catch (const bound_broken& broken) {
    problems.add(broken.at, broken.message);
  } catch (const YAML::Exception& broken) {
    const auto at = to_position(broken.mark);
    problems.add(at, explain(broken.msg, text, at));
  } catch (const std::exception& broken) {
    problems.add({}, fmt::format("the file cannot be read: {}", broken.what()));
  }
  return nullptr;
}

}  // namespace nine::configuration
