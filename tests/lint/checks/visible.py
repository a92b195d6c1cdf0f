# SPDX-License-Identifier: Apache-2.0
"""The top level shows what the project consists of and nothing else."""

from tree import Finding

RULES = {"visible"}

VISIBLE = {
    "CMakeLists.txt",
    "src",
    "include",
    "drivers",
    "models",
    "config",
    "tests",
    "docs",
    "LICENSE",
    "README.md",
}


def check(tree):
    tops = {}
    for name in tree.files:
        tops.setdefault(name.split("/")[0], name)
    for top, name in tops.items():
        if not top.startswith(".") and top not in VISIBLE:
            yield Finding(
                name,
                1,
                "visible",
                f"{top} stands at the top level: scripts for set-up go to config/, "
                "documents to docs/, benchmarks to tests/bench/",
            )
