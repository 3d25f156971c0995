#pragma once

#include <boost/json.hpp>
#include <string>

namespace nine::drill {

/// How one life of an agent reaches the agent API.
struct access {
  std::string socket;
  std::string token;
};

/// From a file that the agent wrote: "$NINE_SOCKET $NINE_TOKEN".
access read_access(const std::string& file);

/// The answer to one call of the agent API; without `verdict` when it was refused.
boost::json::object call(const access& life, const std::string& target, boost::json::object what);

/// Asks before a step that may be done once.
boost::json::object begin(const access& life, const std::string& key);

/// "refused" when there is none.
std::string verdict(const boost::json::object& answer);

}  // namespace nine::drill
