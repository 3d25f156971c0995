#!/usr/bin/env python3
"""Writes docs/requirements.md: each requirement and the tests that prove it.

A test says what it proves in the line above it: `// proves: S6, S8` (C++), `# proves: S6` (Python).
`./dev format` rewrites the list, `./dev lint` fails when it is stale or an id is unknown.
"""

import argparse
from pathlib import Path
import re
import sys

sys.path.insert(0, str(Path(__file__).resolve().parent))
from checks.tree import Finding, line_of, list_files  # noqa: E402
from requirement_titles import SECTIONS, TITLES  # noqa: E402

DOCUMENT = "docs/requirements.md"
_CITATION = re.compile(r"^[ \t]*(?://|#)[ \t]*proves:[ \t]*(.*)$", re.MULTILINE)
_TEST = re.compile(
    r"\s*(?:(?://|#)[^\n]*\n\s*)*"
    r"(?:(?:TYPED_)?TEST(?:_F|_P)?\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)|(?:async )?def (test_\w+))")


def citations(files):
    """({id: [(file, test)]}, findings) of all tests that say what they prove."""
    proved, findings = {}, []
    for file in files:
        if not file.name.endswith((".test.cpp", "_test.py")):
            continue
        for match in _CITATION.finditer(file.text):
            line = line_of(file.text, match.start())
            test = _TEST.match(file.text, match.end())
            if test is None:
                findings.append(Finding(file.name, line, "'proves:' without a test below it",
                                        "put it directly above TEST(...) or def test_..."))
                continue
            name = test.group(3) or f"{test.group(1)}.{test.group(2)}"
            for identifier in re.split(r"[,\s]+", match.group(1).strip()):
                if identifier in TITLES:
                    proved.setdefault(identifier, []).append((file.name, name))
                else:
                    findings.append(Finding(file.name, line, f"unknown requirement '{identifier}'",
                                            f"take an id of {DOCUMENT}"))
    return proved, findings


def render(proved):
    lines = [
        "# Requirements and their proofs",
        "",
        "Written by tools/requirements.py from the lines `// proves: ID` above tests; `./dev format`",
        "brings it up to date. A requirement counts as met as far as its tests go; without any it is",
        "open.",
        "",
        f"{len(proved)} of {len(TITLES)} requirements have a test.",
    ]
    for letter, title in SECTIONS.items():
        lines += ["", f"## {letter}: {title}", "", "| id | requirement | proved by |", "|---|---|---|"]
        for identifier in (one for one in TITLES if one[0] == letter):
            tests = sorted(set(proved.get(identifier, [])))
            by = "<br>".join(f"{name} ([{Path(file).name}](../{file}))" for file, name in tests)
            lines.append(f"| {identifier} | {TITLES[identifier]} | {by or 'open'} |")
    return "\n".join(lines) + "\n"


def check(root, files):
    proved, findings = citations(files)
    path = Path(root) / DOCUMENT
    if not path.is_file() or path.read_text() != render(proved):
        findings.append(Finding(DOCUMENT, 1, "does not list what the tests cite", "./dev format"))
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    proved, findings = citations(list_files(arguments.root))
    for finding in findings:
        print(finding)
    if findings:
        return 1
    path = arguments.root / DOCUMENT
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(proved))
    return 0


if __name__ == "__main__":
    sys.exit(main())
