#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

/// How answers of the control API look to people. Control characters in them are shown and not
/// obeyed, but for results and outputs, which stay as the agents made them. Pure: JSON in, text
/// out.
namespace nine::command_line {

/// "nine: t3 degraded (without model): no model is configured": one line about an end that was not
/// success.
std::string end_line(const boost::json::object& task);

std::string task_table(const boost::json::object& list);
std::string task_detail(const boost::json::object& task);
std::string explanation(const boost::json::object& task);
std::string log_text(const boost::json::object& logs);
std::string tree_text(const boost::json::object& tree);
std::string status_text(const boost::json::object& status);
std::string process_table(const boost::json::object& status);
std::string event_line(const boost::json::object& event);
/// A line of a process's log; one that is no JSON (a dying process's last words) as it stands.
std::string log_line(std::string_view line);
/// The same as one JSON object; last words get the time of the line before.
std::string log_json(std::string_view line, std::string_view time);

}  // namespace nine::command_line
