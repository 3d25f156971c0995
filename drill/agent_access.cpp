#include "drill/agent_access.hpp"

#include <sstream>

#include "drill/home.hpp"

namespace nine::drill {

access read_access(const std::string& file) {
  access found;
  std::istringstream(read_file(file)) >> found.socket >> found.token;
  return found;
}

boost::json::object call(const access& life, const std::string& target, boost::json::object what) {
  const auto body = boost::json::serialize(what);
  const auto answer = send_and_receive(
      life.socket, "POST " + target + " HTTP/1.1\r\nHost: nine\r\nConnection: close\r\n" +
                       "Authorization: Bearer " + life.token +
                       "\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto head_end = answer.find("\r\n\r\n");
  if (head_end == std::string::npos) return {};
  return boost::json::parse(answer.substr(head_end + 4)).as_object();
}

boost::json::object begin(const access& life, const std::string& key) {
  return call(life, "/v1/steps/begin", {{"key", key}, {"effect", "once"}});
}

std::string verdict(const boost::json::object& answer) {
  return answer.contains("verdict") ? text(answer, "verdict") : "refused";
}

}  // namespace nine::drill
