#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/configuration/problem.hpp"

namespace nine::configuration {

struct node;
using node_pointer = std::shared_ptr<const node>;

/// A part of a YAML document, with its place. Scalars stay text: what they mean is the schema's
/// business, so that `model: 4.10` or `name: no` never turn into a number or a truth value.
struct node {
  enum class kind { null, scalar, sequence, map };
  struct entry {
    std::string key;
    position key_at;
    node_pointer value;
  };

  kind what = kind::null;
  position at;
  std::string scalar;
  std::vector<node_pointer> items;  ///< of a sequence
  std::vector<entry> entries;       ///< of a map, in the order of the file, each key once
};

/// Bounds that no hand-written file meets; an alias counts as often as it is used.
constexpr std::size_t document_bytes_most = 1024 * 1024;
constexpr std::size_t document_depth_most = 32;
constexpr std::size_t document_nodes_most = 50'000;

/// Reads one YAML document, whatever the bytes are. An empty one gives a null node. Duplicate keys,
/// keys that are not plain text, tags, a second document and the bounds above are reported to
/// `problems`; on broken syntax or a broken bound the result is null. Never throws.
node_pointer parse_document(std::string_view text, problem_list& problems);

}  // namespace nine::configuration
