#pragma once

#include <boost/json/value.hpp>

#include "ninelives/configuration/document.hpp"

namespace nine::configuration {

/// JSON as a document, so that the schema's tables read it too. Null when it is nested deeper than
/// document_depth_most.
node_pointer to_node(const boost::json::value& value);

}  // namespace nine::configuration
