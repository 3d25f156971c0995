#!/usr/bin/env python3
"""Says again, at the end of `./dev ci`, what failed: CI keeps the end of a long log.

    tools/failures.py LOG

LOG is what one part printed. The output of each test that failed (as ctest prints it), or the end of
the log when no test did. Bounded: so many tests, so many lines of each.
"""

from pathlib import Path
import re
import sys

TESTS_MOST = 8
LINES_MOST = 40  # of each test, its last ones

RESULT = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (?P<name>.+?) \.*\s*(?P<verdict>Passed|\*\*\*.*)")
NO_FAILURE = re.compile(r"Skipped|Not Run \(Disabled\)")
NEXT = re.compile(r"^\s+Start\s+\d+: |^\d+% tests passed")


def failed_tests(lines):
    """[(name, verdict, lines of its output)] in the order in which they ended."""
    found, current = [], None
    for line in lines:
        result = RESULT.match(line)
        if result:
            failed = result["verdict"].startswith("***") and not NO_FAILURE.search(result["verdict"])
            current = (result["name"], result["verdict"].strip("* "), []) if failed else None
            found += [current] if failed else []
        elif NEXT.match(line):
            current = None
        elif current:
            current[2].append(line)
    return found


def shorten(lines):
    lines = [line for line in lines if line.strip()]
    left_out = len(lines) - LINES_MOST
    return lines if left_out <= 0 else [f"({left_out} lines left out)", *lines[-LINES_MOST:]]


def report(text):
    lines = text.splitlines()
    tests = failed_tests(lines)
    if not tests:
        return shorten(lines)
    told = []
    for name, verdict, output in tests[:TESTS_MOST]:
        told += [f"--- {name}: {verdict}", *shorten(output)]
    more = tests[TESTS_MOST:]
    return told + [f"--- {name}: {verdict}" for name, verdict, _ in more]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace")
    print("\n".join(report(text)))


if __name__ == "__main__":
    main()
