# SPDX-License-Identifier: Apache-2.0
"""Contract, source and unit test carry the same name."""

import re

from tree import Finding

RULES = {"no_source", "no_test"}

HEADER = re.compile(r"include/gatehouse/(\w+)/(\w+)\.h")


def check(tree):
    pairs = 0
    for name in tree.files:
        match = HEADER.fullmatch(name)
        if not match:
            continue
        room, noun = match.groups()
        has_source = any(tree.exists(f"src/{room}/{noun}{suffix}") for suffix in (".c", ".cpp"))
        if not has_source and tree.source(name).declarations:
            yield Finding(
                name,
                1,
                "no_source",
                f"declares functions, so src/{room}/{noun}.c has to define them",
            )
        if has_source:
            pairs += 1
            if not tree.exists(f"tests/unit/{room}/{noun}.c"):
                yield Finding(
                    f"src/{room}/{noun}.c",
                    1,
                    "no_test",
                    f"has a public contract, so tests/unit/{room}/{noun}.c has to test it",
                )
    tree.note(f"{pairs} contracts with a source")
