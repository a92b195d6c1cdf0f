# SPDX-License-Identifier: Apache-2.0
"""Documents speak of what is there: paths exist, rooms are named, decisions have their form."""

import re

from tree import Finding

RULES = {"dead_path", "room_unnamed", "long", "decision", "number"}

TOPS = "src|include|drivers|models|config|tests|docs"
PATH = re.compile(rf"(?<![\w./-])(?:{TOPS})/[\w./\[\]*-]+")
# Not a path but the form of one: ROOM, NOUN, NNNN, a star, a choice of letters.
FORM = re.compile(r"[A-Z]{2,}|[*\[\]]|\.\.\.")
CASED = re.compile(r"(README|LICENSE|MANIFEST|CMakeLists)(\.md|\.txt)?$")
ARCHITECTURE = "docs/architecture.md"
ARCHITECTURE_MAX = 120
DECISION = re.compile(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md")
PARTS = ("Context", "Decision", "Consequence")


def check_paths(tree, name):
    for number, line in enumerate(tree.text(name).splitlines(), 1):
        for match in PATH.finditer(line):
            path = match.group().rstrip(".,/")
            if FORM.search(CASED.sub("", path)):
                continue
            # docs/decisions/0015 stands for the page of that number.
            if tree.exists(path) or any(file.startswith(path + "-") for file in tree.files):
                continue
            yield Finding(name, number, "dead_path", f"{path} is not there", path)


def check_architecture(tree):
    if not tree.exists(ARCHITECTURE):
        return
    text = tree.text(ARCHITECTURE)
    if text.count("\n") > ARCHITECTURE_MAX:
        yield Finding(
            ARCHITECTURE, 1, "long", f"at most {ARCHITECTURE_MAX} lines: it is read first"
        )
    rooms = {name.split("/")[1] for name in tree.under("src") if name.count("/") > 1}
    for room in sorted(rooms):
        if not re.search(rf"\b{room}\b", text):
            yield Finding(ARCHITECTURE, 1, "room_unnamed", f"says nothing of room {room}", room)


def check_decisions(tree):
    numbers = {}
    for name in tree.under("docs/decisions"):
        match = DECISION.fullmatch(name)
        text = tree.text(name)
        if not match or not re.search(rf"^# {match.group(1)}:? \S", text, re.MULTILINE):
            yield Finding(name, 1, "decision", "is NNNN-title.md and begins `# NNNN Title`")
            continue
        if numbers.setdefault(match.group(1), name) != name:
            yield Finding(name, 1, "number", f"has the number of {numbers[match.group(1)]}")
        missing = [
            part for part in PARTS if not re.search(rf"^(\*\*|## ){part}", text, re.MULTILINE)
        ]
        if missing:
            yield Finding(name, 1, "decision", f"has no {', '.join(missing)}")


def check(tree):
    documents = [name for name in tree.files if name.endswith(".md")]
    for name in documents:
        yield from check_paths(tree, name)
    yield from check_architecture(tree)
    yield from check_decisions(tree)
    tree.note(f"{len(documents)} documents")
