# SPDX-License-Identifier: Apache-2.0
"""Every driver folder has the same furniture, and a contract suite runs over its class."""

import re

from tree import Finding

RULES = {"no_file", "heading", "no_suite", "no_class"}

HEADINGS = ["Hardware", "Identification", "Protocol", "Timing", "Access", "Deviations", "Recording"]
CLASSES = "include/gatehouse/device/device.h"


def folders(tree):
    return sorted(
        {"/".join(name.split("/")[:3]) for name in tree.under("drivers") if name.count("/") > 2}
    )


def check_folder(tree, folder, classes):
    _, device_class, noun = folder.split("/")
    for file in ("README.md", "CMakeLists.txt", f"{noun}.c"):
        if not tree.exists(f"{folder}/{file}") and not (
            file.endswith(".c") and tree.exists(f"{folder}/{noun}.cpp")
        ):
            yield Finding(f"{folder}/{file}", 1, "no_file", "every driver has one")
    if tree.exists(f"{folder}/README.md"):
        found = re.findall(r"^## (.+?)\s*$", tree.text(f"{folder}/README.md"), re.MULTILINE)
        if [heading for heading in found if heading in HEADINGS] != HEADINGS:
            yield Finding(
                f"{folder}/README.md",
                1,
                "heading",
                f"wants the headings {', '.join('## ' + h for h in HEADINGS)} in this order",
            )
    if not tree.exists(f"tests/contract/{device_class}.c"):
        yield Finding(folder, 1, "no_suite", f"no tests/contract/{device_class}.c runs over it")
    if classes and device_class not in classes:
        yield Finding(folder, 1, "no_class", f"{device_class} is no class of {CLASSES}")


def check(tree):
    classes = set()
    if tree.exists(CLASSES):
        classes = set(re.findall(r'X\([A-Z_]+, "(\w+)"\)', tree.text(CLASSES)))
    for folder in folders(tree):
        yield from check_folder(tree, folder, classes)
    tree.note(f"{len(folders(tree))} drivers")
