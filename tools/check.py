#!/usr/bin/env python3
"""Proves what the compiler cannot: floors, seams, header hygiene, formatting (`./dev lint`).

Python's standard library only. Exit code 1 when a rule is broken; each line says where, what was
found and what to write instead. Sizes are reported and never fail.
"""

import argparse
from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).resolve().parent))
from checks import excerpts, floors, seams, settings, sizes, style  # noqa: E402
from checks.tree import list_files  # noqa: E402
import requirements  # noqa: E402

REPORTED_MOST = 10  # of each kind of size


def find_all(root, with_format=True):
    files = list_files(root)
    findings = floors.check(files) + seams.check(files) + style.check(files)
    findings += settings.check(files) + excerpts.check(files)
    findings += requirements.check(root, files)
    if with_format:
        findings += style.check_format(root, files)
    return files, sorted(set(findings))


def report_sizes(files):
    long_files, long_functions = sizes.long_files(files), sizes.long_functions(files)
    if long_files:
        print(f"{len(long_files)} files over {sizes.FILE_LINES} lines (reported, not enforced):")
        for name, lines in long_files[:REPORTED_MOST]:
            print(f"  {lines:5} {name}")
    if long_functions:
        print(f"{len(long_functions)} functions over {sizes.FUNCTION_LINES} lines:")
        for name, line, function, lines in long_functions[:REPORTED_MOST]:
            print(f"  {lines:5} {name}:{line} {function}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--no-format", action="store_true", help="leave out clang-format")
    arguments = parser.parse_args()
    files, findings = find_all(arguments.root, not arguments.no_format)
    for finding in findings:
        print(finding)
    report_sizes(files)
    count = sum(file.is_cpp for file in files)
    print(f"{count} C++ files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
