#include "ninelives/command_line/sendable.hpp"

#include <algorithm>

#include "ninelives/base/utf8.hpp"

namespace nine::command_line {
namespace {

std::unexpected<error> not_utf8(std::string_view what, std::string_view instead) {
  return fail(error_code::invalid_argument,
              std::string(what) + " holds bytes that are no UTF-8; " + std::string(instead));
}

bool all_utf8(const std::vector<std::string>& texts) {
  return std::ranges::all_of(texts, [](const auto& text) { return is_utf8(text); });
}

}  // namespace

result<void> make_sendable(run_request& request) {
  constexpr auto convert = "convert it first (iconv -t UTF-8)";
  if (!is_utf8(request.text)) return not_utf8("the text of the task", convert);
  if (!is_utf8(request.input))
    return not_utf8("the input", "convert it first, or name its file in the text of the task");
  if (!is_utf8(request.directory)) return not_utf8("the directory's name", "rename it");
  if (!is_utf8(request.result_file)) return not_utf8("the result file's name", "choose another");
  if (!all_utf8(request.command))
    return not_utf8("the command", "put it into a script and run the script");
  if (!all_utf8(request.gates))
    return not_utf8("a gate command", "put it into a script and run the script");
  if (!is_utf8(request.agent)) return not_utf8("the agent's name", "no agent is called so");
  if (!is_utf8(request.prompt))
    return not_utf8("the word behind --prompt", "it is 'argument', 'stdin' or 'file'");
  if (!is_utf8(request.result_from))
    return not_utf8("the word behind --result", "it is 'stdout' or 'exit_code'");
  for (const auto& name : request.pass) {
    const auto value = request.environment.find(name);
    if (!is_utf8(name) || (value != request.environment.end() && !is_utf8(value->second)))
      return not_utf8("a variable behind --env", "encode its value (base64)");
  }
  std::erase_if(request.environment, [](const auto& variable) {
    return !is_utf8(variable.first) || !is_utf8(variable.second);
  });
  return {};
}

}  // namespace nine::command_line
