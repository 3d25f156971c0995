#include "ninelives/supervision/child_specification.hpp"

#include <gtest/gtest.h>

namespace nine::supervision {
namespace {

std::string problem_of(const child_specification& child,
                       auto_shutdown mode = auto_shutdown::never) {
  const auto checked = validate(child, mode);
  return checked ? std::string() : checked.error().message;
}

TEST(child_specification, has_the_defaults_of_otp) {  // OTP 11
  const auto worker = worker_child("w");
  EXPECT_EQ(worker.restart, restart_type::permanent);
  EXPECT_EQ(worker.shutdown, shutdown_policy::after(5s));
  EXPECT_EQ(worker.type, child_type::worker);
  EXPECT_FALSE(worker.significant);
  const auto supervisor = supervisor_child("s");
  EXPECT_EQ(supervisor.shutdown, shutdown_policy::infinity());
  EXPECT_EQ(supervisor.type, child_type::supervisor);
}

TEST(child_specification, accepts_every_combination_of_good_fields) {  // OTP 21
  for (const auto restart :
       {restart_type::permanent, restart_type::transient, restart_type::temporary})
    for (const auto shutdown : {shutdown_policy::brutal_kill(), shutdown_policy::after(1ns),
                                shutdown_policy::after(24h), shutdown_policy::infinity()})
      for (const auto type : {child_type::worker, child_type::supervisor})
        for (const bool significant : {false, true})
          for (const auto mode : {auto_shutdown::never, auto_shutdown::any_significant,
                                  auto_shutdown::all_significant}) {
            const bool good = !significant ||
                              (restart != restart_type::permanent && mode != auto_shutdown::never);
            const child_specification child{"id", restart, shutdown, type, significant};
            EXPECT_EQ(problem_of(child, mode).empty(), good)
                << to_string(restart) << ' ' << to_string(type) << ' ' << to_string(mode);
          }
}

TEST(child_specification, may_have_no_grace_at_all) {
  auto child = worker_child("w");
  child.shutdown = shutdown_policy::within(0s);
  EXPECT_EQ(child.shutdown, shutdown_policy::brutal_kill());
  EXPECT_EQ(problem_of(child), "");
  EXPECT_EQ(shutdown_policy::within(1s), shutdown_policy::after(1s));
}

TEST(child_specification, names_what_is_wrong) {  // OTP 12 21
  const auto with = [](auto change) {
    auto child = worker_child("w");
    change(child);
    return problem_of(child);
  };
  EXPECT_NE(with([](auto& c) { c.id.clear(); }).find("no id"), std::string::npos);
  EXPECT_NE(with([](auto& c) { c.id.assign(201, 'x'); }).find("longer than 200"),
            std::string::npos);
  EXPECT_NE(with([](auto& c) { c.id = "a\nb"; }).find("control characters"), std::string::npos);
  EXPECT_NE(with([](auto& c) { c.shutdown = shutdown_policy::after(0s); }).find("above zero"),
            std::string::npos);
  EXPECT_NE(with([](auto& c) { c.shutdown = shutdown_policy::after(25h); }).find("24 h"),
            std::string::npos);
  EXPECT_NE(with([](auto& c) { c.significant = true; }).find("permanent"), std::string::npos);
}

}  // namespace
}  // namespace nine::supervision
