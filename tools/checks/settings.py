"""Every key of nine.yaml has a reader: one that is only documented and validated does nothing."""

import re

from checks.tree import Finding, line_of

TABLES = "ninelives/configuration/schema_tables.cpp"
_KEY = re.compile(r'key\("(\w+)",\s*&(\w+)::(\w+)')
# What only declares, checks or writes a setting reads it for nobody.
_NO_READERS = (TABLES, "ninelives/configuration/settings.hpp", "ninelives/configuration/codecs.cpp",
               "ninelives/configuration/command_codecs.cpp")


def check(files):
    tables = [file for file in files if file.name == TABLES]
    readers = [file.text for file in files
               if file.is_cpp and file.name.startswith("ninelives/")
               and ".test." not in file.name and file.name not in _NO_READERS]
    findings = []
    for file in tables:
        for match in _KEY.finditer(file.text):
            key, section, member = match.groups()
            reading = re.compile(rf"(?:\.|->){member}\b(?!\s*=[^=])")
            if not any(reading.search(text) for text in readers):
                findings.append(Finding(file.name, line_of(file.text, match.start()),
                                        f"nothing reads the key '{key}' of {section}",
                                        "use it, or take it out of the schema"))
    return findings
