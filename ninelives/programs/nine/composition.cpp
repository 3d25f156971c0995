#include "ninelives/programs/nine/composition.hpp"

#include "ninelives/base/assert.hpp"
#include "ninelives/control/built_in_configuration.hpp"
#include "ninelives/control/submission_reader.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/this_program.hpp"

namespace nine::programs {

result<home::home_layout> find_home() {
  const auto value = [](const std::string& name) {
    return environment::environment_variable(name).value_or("");
  };
  NINE_TRY_ASSIGN(auto root,
                  home::home_root({value("NINE_HOME"), value("XDG_STATE_HOME"), value("HOME")}));
  return home::home_layout(std::move(root), environment::user_id());
}

std::vector<std::string> service_environment(const home::home_layout& layout) {
  std::vector<std::string> variables{"NINE_HOME=" + layout.root().string()};
  for (const auto* name : {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR",
                           "SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    if (const auto value = environment::environment_variable(name)) {
      variables.push_back(std::string(name) + "=" + *value);
    }
  }
  return variables;
}

std::filesystem::path shim_program(composition& parts) {
  const auto here = parts.program.parent_path();
  auto beside = here / "nine-shim";
  if (parts.world.files().information(beside)) return beside;
  return here.parent_path() / "lib" / "ninelives" / "nine-shim";
}

std::string built_in_text(const composition& parts) {
  const auto installed = parts.program.parent_path().parent_path() / "share" / "ninelives";
  return control::built_in_configuration(installed);
}

namespace {

control::submission_reader reader_of(composition& parts) {
  return {parts.world.files(), built_in_text(parts), parts.layout.root() / "nine.yaml"};
}

}  // namespace

result<void> check_configuration(composition& parts, const std::filesystem::path& directory) {
  NINE_TRY(reader_of(parts).settings_for(directory));
  return {};
}

home_configuration read_home_configuration(composition& parts) {
  auto settings = reader_of(parts).settings_for(parts.layout.root());
  if (settings) return {*std::move(settings), ""};
  auto refused = std::move(settings).error().message;
  const control::submission_reader built_in(parts.world.files(), built_in_text(parts),
                                            "/nonexistent/nine.yaml");
  settings = built_in.settings_for("/nonexistent");
  NINE_ASSERT(settings);
  return {*std::move(settings), std::move(refused)};
}

supervision::guard::guard_command composition::guard_command() const {
  return {.arguments = {program.string(), "guard"},
          .environment = service_environment(layout),
          .log = layout.logs() / "guard.log"};
}

}  // namespace nine::programs
