# SPDX-License-Identifier: Apache-2.0
"""Sizes a reader can hold: functions, nesting, files, lines, parameters, and how much is explained.

A function's length is counted from the first line of its head to its closing brace. A header's
share of comment is the share of its non-blank lines that hold comment.
"""

import math

from tree import Finding

RULES = {
    "file_long",
    "line_long",
    "function_long",
    "nesting",
    "parameters",
    "header_long",
    "header_comment",
    "median",
    "p95",
}

MEDIAN_MAX = 15
P95_MAX = 60
FUNCTION_MAX = 100
NESTING_MAX = 4
SOURCE_MAX = 800
HEADER_MAX = 300
COMMENT_MIN_PERCENT = 40
PARAMETERS_MAX = 7
COLUMNS_MAX = 100
TAB = 8


def percentile(values, share):
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def comment_percent(source):
    commented = set()
    for comment in source.comments:
        commented.update(range(comment.line, comment.last_line + 1))
    filled = [n for n, line in enumerate(source.text.splitlines(), 1) if line.strip()]
    return 100 * sum(n in commented for n in filled) // max(1, len(filled))


def columns(line):
    return len(line.expandtabs(TAB))


def check_file(tree, name):
    source = tree.source(name)
    if source.line_count > SOURCE_MAX:
        yield Finding(
            name,
            1,
            "file_long",
            f"{source.line_count} lines, at most {SOURCE_MAX}: " "split it by noun",
        )
    for number, line in enumerate(source.text.splitlines(), 1):
        if columns(line) > COLUMNS_MAX:
            yield Finding(
                name,
                number,
                "line_long",
                f"{columns(line)} columns, at most {COLUMNS_MAX} with tabs of {TAB}",
            )
    for function in source.functions:
        if function.lines > FUNCTION_MAX:
            yield Finding(
                name,
                function.line,
                "function_long",
                f"{function.name} has {function.lines} lines, at most {FUNCTION_MAX}: "
                "give its steps names",
                function.name,
            )
        if function.nesting > NESTING_MAX:
            yield Finding(
                name,
                function.line,
                "nesting",
                f"{function.name} nests {function.nesting} deep, at most {NESTING_MAX}: "
                "return early or name the inner loop",
                function.name,
            )
    for item in source.functions + source.declarations:
        if item.parameters > PARAMETERS_MAX:
            yield Finding(
                name,
                item.line,
                "parameters",
                f"{item.name} takes {item.parameters} parameters, at most "
                f"{PARAMETERS_MAX}: pass a struct",
                item.name,
            )


def check_header(tree, name):
    source = tree.source(name)
    if source.line_count > HEADER_MAX:
        yield Finding(name, 1, "header_long", f"{source.line_count} lines, at most {HEADER_MAX}")
    percent = comment_percent(source)
    if percent < COMMENT_MIN_PERCENT:
        yield Finding(
            name,
            1,
            "header_comment",
            f"{percent} % of its lines explain, at least {COMMENT_MIN_PERCENT}: "
            "a header is the only place where its contract stands",
        )


def check(tree):
    for name in tree.all_c():
        yield from check_file(tree, name)
    for name in tree.under("include", suffixes=(".h",)):
        yield from check_header(tree, name)

    lengths = [f.lines for name in tree.product() for f in tree.source(name).functions]
    if not lengths:
        return
    median, p95 = percentile(lengths, 0.5), percentile(lengths, 0.95)
    tree.note(f"{len(lengths)} functions: median {median}, p95 {p95}, longest {max(lengths)} lines")
    code = sum(tree.source(name).line_count for name in tree.product())
    tests = sum(tree.source(name).line_count for name in tree.under("tests", suffixes=(".c", ".h")))
    tests += sum(tree.text(name).count("\n") for name in tree.under("tests", suffixes=(".py",)))
    tree.note(f"{code} lines of product code, {tests} of tests ({tests / max(1, code):.2f})")
    for what, value, limit in (("median", median, MEDIAN_MAX), ("p95", p95, P95_MAX)):
        if value > limit:
            yield Finding(
                "src",
                1,
                what,
                f"the {what} of all functions is {value} lines, at most "
                f"{limit}: start with the longest",
            )
