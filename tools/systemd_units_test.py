#!/usr/bin/env python3
"""The units in deploy/systemd: what would kill agents or lose sockets when somebody tidies them."""

import configparser
from pathlib import Path
import re
import unittest

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"system": ROOT / "deploy/systemd", "user": ROOT / "deploy/systemd/user"}


def read(path):
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit


class Units(unittest.TestCase):
    def each(self, name):
        for kind, folder in SERVICES.items():
            with self.subTest(kind=kind):
                yield read(folder / name)

    # proves: S10
    def test_a_restart_of_the_service_kills_no_agent(self):
        for unit in self.each("ninelives.service"):
            self.assertEqual(unit["Service"]["KillMode"], "process")
            self.assertEqual(unit["Service"]["Delegate"], "yes")
            self.assertEqual(unit["Service"]["OOMPolicy"], "continue")
            self.assertEqual(unit["Service"]["TasksMax"], "infinity")

    # proves: S9
    def test_systemd_watches_the_guard_and_never_gives_up(self):
        for unit in self.each("ninelives.service"):
            service = unit["Service"]
            self.assertEqual(service["Type"], "notify")
            self.assertEqual(service["NotifyAccess"], "main")
            self.assertGreater(int(service["WatchdogSec"]), 0)
            self.assertEqual(service["Restart"], "on-failure")
            self.assertEqual(unit["Unit"]["StartLimitIntervalSec"], "0")
            self.assertEqual(service["RestartPreventExitStatus"], "78")  # guard.hpp: exit_refused
            self.assertEqual(service["ExecStart"], "nine guard")

    # proves: S16
    def test_an_orderly_end_is_not_restarted(self):
        for unit in self.each("ninelives.service"):
            self.assertNotEqual(unit["Service"]["Restart"], "always")

    def test_the_stop_waits_for_term_and_kill_of_the_core(self):
        for unit in self.each("ninelives.service"):
            self.assertGreater(int(unit["Service"]["TimeoutStopSec"]), 60)

    def test_the_sockets_bear_the_names_that_the_guard_takes(self):
        header = (ROOT / "ninelives/supervision/guard/handover.hpp").read_text(encoding="utf-8")
        for unit_name, constant, file in (
            ("ninelives.socket", "control_socket_name", "control.sock"),
            ("ninelives-agent.socket", "agent_socket_name", "agent.sock"),
        ):
            name = re.search(constant + r' = "(\w+)"', header).group(1)
            for unit in self.each(unit_name):
                socket = unit["Socket"]
                self.assertEqual(socket["FileDescriptorName"], name)
                self.assertEqual(socket["Service"], "ninelives.service")
                self.assertEqual(socket["SocketMode"], "0600")
                self.assertEqual(socket["DirectoryMode"], "0700")
                self.assertTrue(socket["ListenStream"].endswith("/run/" + file))

    def test_sockets_and_service_mean_the_same_home(self):
        for folder in SERVICES.values():
            service = read(folder / "ninelives.service")["Service"]
            home = service["Environment"].removeprefix("NINE_HOME=")
            for name in ("ninelives.socket", "ninelives-agent.socket"):
                self.assertIn(name, service["Sockets"].split())
                listen = read(folder / name)["Socket"]["ListenStream"]
                self.assertTrue(listen.startswith(home + "/run/"), listen)


if __name__ == "__main__":
    unittest.main()
