"""C++ that a document shows stands in a source, letter by letter: else it grows old unseen.

A line `// …` stands for what is left out.
"""

import re

from checks.tree import Finding, line_of

_BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LEFT_OUT = re.compile(r"^[ \t]*// …\n", re.MULTILINE)


def _stands_in(text, excerpt):
    place = 0
    for part in _LEFT_OUT.split(excerpt):
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def check(files):
    sources = [file.text for file in files if file.is_cpp]
    findings = []
    for file in files:
        if not file.name.endswith(".md"):
            continue
        for match in _BLOCK.finditer(file.text):
            if not any(_stands_in(text, match.group(1)) for text in sources):
                findings.append(Finding(file.name, line_of(file.text, match.start()),
                                        "this C++ stands in no source of the project",
                                        "copy it again from where it comes from"))
    return findings
