# SPDX-License-Identifier: Apache-2.0
"""The scanner on pieces of C and C++ that mislead a simple one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scanner import Source  # noqa: E402


def names(text):
    return [f.name for f in Source(text).functions]


def only(text):
    functions = Source(text).functions
    assert len(functions) == 1, functions
    return functions[0]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("int f(void)\n{\n}\n", ["f"]),
        ("static inline struct a *f(struct b *x, int (*call)(int, int))\n{\n}\n", ["f"]),
        ("int f(void);\n", []),
        ("struct a {\n\tint (*f)(int);\n};\nint g(void)\n{\n}\n", ["g"]),
        ("enum a { B = (1), C };\nint g(void)\n{\n}\n", ["g"]),
        ("static const int t[] = { f(1), g(2) };\nint h(void) { }\n", ["h"]),
        ("static const struct a t = { .call = f, .n = (size_t)(3) };\nint h(void) { }\n", ["h"]),
        ("static int (*const hooks[])(int) = { a, b };\nint h(void) { }\n", ["h"]),
        ("/* int f(void) { } */\nint g(void) { }\n", ["g"]),
        ("// int f(void) { }\nint g(void) { }\n", ["g"]),
        ("#define F(x) int x(void) { \\\n\treturn 1; }\nint g(void) { }\n", ["g"]),
        ('const char *s = "{ int f(void) {";\nint g(void) { }\n', ["g"]),
        (
            "int g(void) { char a = '{'; char b = '\\''; char c = '\"'; return a; }\nint h(void) { }\n",
            ["g", "h"],
        ),
        ('extern "C" {\nint g(void) { }\n}\n', ["g"]),
        ("namespace {\nint g(int a) noexcept { }\n}\nint h(void) { }\n", ["g", "h"]),
        (
            "class A : public B {\npublic:\n\tint g() const { }\n\tint n{0};\n};\nint h() { }\n",
            ["g", "h"],
        ),
        ("A::A(int x) : n(x), m{2} { }\n", ["A"]),
        ('auto s = R"x(int f() { )" )x";\nint g() { }\n', ["g"]),
        ("GH_PRINTF(2, 3) static int f(const char *format, ...)\n{\n}\n", ["f"]),
        ("int f(void) __attribute__((noreturn));\nint g(void) { }\n", ["g"]),
        ('__attribute__((target_clones("avx2", "default"))) int g(void)\n{\n}\n', ["g"]),
        ("WRAP(int, fsync, int file)\n{\n}\n", ["WRAP(int fsync)"]),
        ("int n = 1'000'000;\nint g(void) { }\n", ["g"]),
        ("#if A\nint g(void)\n#else\nint g(int x)\n#endif\n{\n}\nint h(void) { }\n", ["g", "h"]),
    ],
)
def test_finds_the_functions(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("int f(void) { }", 0),
        ("int f() { }", 0),
        ("int f(int a) { }", 1),
        ("int f(int a, int (*call)(int, int), struct b x[2]) { }", 3),
        ("int f(const char *format, ...) { }", 2),
        ("int f(std::array<int, 3> a) { }", 2),
    ],
)
def test_counts_parameters(text, expected):
    assert only(text).parameters == expected


@pytest.mark.parametrize(
    "body, expected",
    [
        ("return 1;", 0),
        ("if (a) b();", 1),
        ("if (a) { b(); } else { c(); }", 1),
        ("if (a) b(); else if (c) d(); else if (e) f(); else g();", 1),
        ("if (a) b(); else { if (c) d(); }", 2),
        ("for (int i = 0; i < n; i++) if (a) while (b) c();", 3),
        ("switch (a) { case 1: if (b) c(); break; default: d(); }", 2),
        ("do { if (a) b(); } while (c); d();", 2),
        ("do b(); while (c); if (a) if (b) c();", 2),
        ("struct a x = { .b = { .c = { .d = { 1 } } } };", 0),
        ("call((struct a){ .b = 1 }, (int[]){ 1, 2 });", 0),
        ("LIST_EACH(list, entry) { if (entry) call(); }", 2),
        ("{ int a; { int b; } }", 0),
        ("out: if (a) goto out; free: b();", 1),
        ("if (a) { if (b) { if (c) { if (d) { if (e) { f(); } } } } }", 5),
    ],
)
def test_measures_nesting(body, expected):
    assert only("int f(void)\n{\n" + body + "\n}\n").nesting == expected


def test_measures_length_from_head_to_brace():
    function = only("\n/* a */\nint f(int a,\n\tint b)\n{\n\treturn 1;\n}\n\n")
    assert (function.line, function.last_line, function.lines) == (3, 7, 5)


def test_reads_includes_but_no_commented_ones():
    source = Source(
        '#include <a.h>\n/*\n#include <b.h>\n*/\n  #  include "c/d.h"\n// #include "e.h"\n'
    )
    assert [(i.path, i.line, i.is_system) for i in source.includes] == [
        ("a.h", 1, True),
        ("c/d.h", 5, False),
    ]


def test_reads_declarations():
    source = Source(
        "GH_MUST_USE enum gh_status gh_a(int x,\n\tint y);\n"
        "extern const int table[];\n"
        "typedef int (*call)(int);\n"
        "struct s {\n\tint (*f)(int);\n};\n"
        "int (*hook)(int);\n"
        "void gh_b(void) __attribute__((format(printf, 1, 2)));\n"
    )
    assert [(d.name, d.line, d.parameters) for d in source.declarations] == [
        ("gh_a", 1, 2),
        ("gh_b", 9, 0),
    ]


def test_reads_calls_with_their_arguments():
    calls = Source('void f(void) { a(1, g(2, 3), "x, y"); x->b(); if (c) d(); }').calls()
    assert [(c.name, c.arguments, c.is_member) for c in calls] == [
        ("f", ["void"], False),
        ("a", ["1", "g ( 2 , 3 )", '""'], False),
        ("g", ["2", "3"], False),
        ("b", [""], True),
        ("d", [""], False),
    ]


def test_reads_members():
    source = Source("struct a {\n\tint b;\n\tstruct c d[2];\n\tint (*e)(int x);\n};\n")
    ((kind, name, line, index, close),) = source.types
    assert (kind, name, line) == ("struct", "a", 1)
    assert [(line, tokens[-1]) for line, tokens in source.members(index, close)] == [
        (2, "b"),
        (3, "]"),
        (4, ")"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "int f(void) {",
        "/* open",
        '"open',
        "((((",
        "}}}}",
        "int f(void) }",
        "#include",
        'R"(open',
        "struct",
        "if (",
        "do",
        "int f(void) { case",
        "",
        "\\",
        "int f(void) { if ( }",
    ],
)
def test_survives_broken_text(text):
    Source(text)
