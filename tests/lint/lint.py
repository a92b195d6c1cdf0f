#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run one house rule over the tree: lint.py CHECK [--source FOLDER] [--build FOLDER]

CHECK is a module in checks/. Exit status 0: nothing found, 1: something found, 77: cannot run here.
"""

import argparse
import importlib
import sys
from pathlib import Path

import tree as trees

HERE = Path(__file__).resolve().parent
SKIPPED = 77


def run(name, tree, out=sys.stdout):
    module = importlib.import_module(f"checks.{name}")
    exemptions = [
        e for e in trees.read_exemptions(tree.root / "tests/lint/exemptions") if e.check == name
    ]
    try:
        findings = list(module.check(tree))
        assert {f.rule for f in findings} <= module.RULES, "a rule that RULES does not name"
    except trees.Skip as reason:
        print(f"skipped: {reason}", file=out)
        return SKIPPED
    standing = trees.apply_exemptions(findings, exemptions)
    for exemption in exemptions:
        if exemption.uses == 0:
            standing.append(
                trees.Finding(
                    "tests/lint/exemptions",
                    exemption.line,
                    "stale",
                    f"nothing in {exemption.subject} breaks {name} {exemption.rule} any more: "
                    "take the line out",
                )
            )
    for finding in sorted(standing, key=lambda f: (f.path, f.line)):
        print(finding, file=out)
    for note in tree.notes:
        print(note, file=out)
    print(f"{name}: {len(standing)} findings, {len(exemptions)} exemptions", file=out)
    return 1 if standing else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("check", choices=sorted(p.stem for p in (HERE / "checks").glob("*.py")))
    parser.add_argument("--source", default=HERE.parent.parent)
    parser.add_argument("--build")
    arguments = parser.parse_args()
    return run(arguments.check, trees.Tree(arguments.source, arguments.build))


if __name__ == "__main__":
    sys.exit(main())
