#include "ninelives/command_line/doctor.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <vector>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/tombstone.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;

struct finding {
  bool wrong = false;
  std::string what;
  std::string mend;
};

finding fine(std::string what) {
  return {false, std::move(what), ""};
}
finding wrong(std::string what, std::string mend) {
  return {true, std::move(what), std::move(mend)};
}

finding check_directory(environment::files& files, const home::home_layout& layout) {
  if (const auto prepared = home::prepare_home(files, layout); !prepared) {
    return wrong(prepared.error().message,
                 fmt::format("make {} yours: owner you, mode 0700", layout.root().string()));
  }
  const auto probe = layout.run_directory() / "doctor";
  if (const auto written = files.write_durably(probe, "probe\n"); !written) {
    return wrong(written.error().message,
                 "free some space, or set NINE_HOME to a place that can be written");
  }
  if (const auto removed = files.remove(probe); !removed)
    return wrong(removed.error().message, "remove it by hand");
  return fine(fmt::format("the home {} can be written and synced", layout.root().string()));
}

finding check_role(environment::locks& locks, const std::filesystem::path& lock,
                   std::string_view role) {
  const auto holder = locks.holder(lock);
  if (holder) return fine(fmt::format("the {} runs (pid {})", role, holder->pid));
  return wrong(fmt::format("the {} does not run", role), "'nine up' starts it");
}

finding check_answer(const result<boost::json::value>& status) {
  if (!status) {
    return wrong("the core does not answer: " + status.error().message,
                 "if this stays so, look at log/core.log in the home; 'nine down' and 'nine up' "
                 "start afresh");
  }
  const auto& journal = status->as_object().at("journal").as_object();
  if (journal.at("health").as_string() == "working")
    return fine("the core answers and its journal works");
  const auto* cause = journal.if_contains("last_error");
  return wrong("the journal has failed: " +
                   (cause ? std::string(cause->as_string()) : std::string("unknown cause")),
               "remove the cause (a full disk, mostly); the journal goes on by itself, nothing "
               "acknowledged is lost");
}

int report(terminal& terminal, const std::vector<finding>& findings) {
  bool healthy = true;
  boost::json::array list;
  std::string text;
  for (const auto& one : findings) {
    healthy = healthy && !one.wrong;
    list.push_back({{"wrong", one.wrong}, {"what", one.what}, {"mend", one.mend}});
    text += fmt::format("{} {}\n", one.wrong ? "WRONG" : "ok   ", one.what);
    if (one.wrong) text += fmt::format("      {}\n", one.mend);
  }
  if (terminal.json)
    text = boost::json::serialize(boost::json::object{{"healthy", healthy}, {"findings", list}}) +
           "\n";
  terminal.out(text);
  return healthy ? exit_succeeded : exit_failed;
}

}  // namespace

asio::awaitable<int> doctor(control_client& client, terminal& terminal, client_seams seams,
                            const home::home_layout& layout) {
  std::vector<finding> findings;
  findings.push_back(check_directory(seams.environment.files, layout));
  const auto stopped = home::find_tombstone(seams.environment.files, layout);
  if (stopped && *stopped) {
    findings.push_back(fine(fmt::format("the home is stopped on purpose: {}; 'nine up' starts it",
                                        (*stopped)->reason)));
    co_return report(terminal, findings);
  }
  if (const auto refusal = home::find_refusal(seams.environment.files, layout)) {
    findings.push_back(wrong(*refusal, "'nine up' tries again, once the cause is gone"));
  }
  findings.push_back(check_role(seams.locks, layout.guard_lock(), "guard"));
  findings.push_back(check_role(seams.locks, layout.core_lock(), "core"));
  const auto status = co_await client.look("/v1/status");
  findings.push_back(check_answer(status));
  co_return report(terminal, findings);
}

}  // namespace nine::command_line
