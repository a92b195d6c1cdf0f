# SPDX-License-Identifier: Apache-2.0
"""Every public function is explained where it is declared."""

from tree import Finding

RULES = {"no_contract"}

DOCUMENTED = (
    "a /** comment */ that ends on the line before: what, units, who owns what, statuses, "
    "thread, longest block"
)


def check(tree):
    count = 0
    for name in tree.under("include", suffixes=(".h",)):
        source = tree.source(name)
        ends = {c.last_line for c in source.comments if c.text.startswith("/**")}
        functions = [(d.name, d.line) for d in source.declarations]
        functions += [(f.name, f.line) for f in source.functions]
        for function, line in functions:
            count += 1
            if line - 1 not in ends:
                yield Finding(name, line, "no_contract", f"{function} needs {DOCUMENTED}", function)
    tree.note(f"{count} public functions")
