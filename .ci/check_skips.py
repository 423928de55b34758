"""Fails when a test was skipped that the committed list does not name: ``check_skips.py REPORT.xml LIST.txt``.

The list holds one pattern a line (``tests.test_x::test_y*``), with ``#`` before remarks.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree


def skipped(report: Path) -> dict[str, str]:
    """Gives the reason of each skipped test, by its name."""
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        mark = case.find("skipped")
        if mark is not None:
            found[f"{case.get('classname')}::{case.get('name')}"] = mark.get("message") or "no reason given"
    return found


def main() -> int:
    """Prints every skip; gives 1 where one is not allowed."""
    report, allowed = (Path(argument) for argument in sys.argv[1:3])
    lines = (line.partition("#")[0].strip() for line in allowed.read_text(encoding="utf-8").splitlines())
    patterns = [line for line in lines if line]
    unexpected = 0
    for name, reason in sorted(skipped(report).items()):
        expected = any(fnmatchcase(name, pattern) for pattern in patterns)
        unexpected += not expected
        print(f"{'skipped' if expected else 'SKIPPED, not on the list'}: {name}: {reason}")
    if unexpected:
        print(f"{unexpected} skipped tests are not in {allowed}")
    return int(unexpected > 0)


if __name__ == "__main__":
    sys.exit(main())
