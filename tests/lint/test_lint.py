# SPDX-License-Identifier: Apache-2.0
"""Every rule of every check is broken once on purpose, and a clean tree passes them all.

A rule that no sample here breaks is an error, so that no check is one that cannot fail.
"""

import importlib
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import lint  # noqa: E402
import tree as trees  # noqa: E402
from checks import drivers, needed, words  # noqa: E402

CHECKS = sorted(path.stem for path in (HERE / "checks").glob("*.py"))
LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
HASH_LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"
HEAD = LICENCE + "/* A sample. */\n"


def header(room, noun, body):
    guard = f"GATEHOUSE_{room}_{noun}_H".upper()
    return f"{HEAD}#ifndef {guard}\n#define {guard}\n\n{body}\n#endif\n"


THING_H = header(
    "base",
    "thing",
    """/**
 * Add 1 to a number.
 *
 * Returns the sum. Any thread.
 */
int gh_thing_add(int number);
""",
)
THING_C = (
    HEAD + '#include "gatehouse/base/thing.h"\n\nint gh_thing_add(int number)\n{\n'
    "\treturn number + 1;\n}\n"
)
PERSON_H = header(
    "manifest",
    "person",
    """/**
 * A person on a voyage, as the carrier said.
 *
 * Wiped by its owner.
 */
struct gh_person {
	struct gh_personal surname;
};
""",
)
MAIN_C = HEAD + "int main(void)\n{\n\treturn 0;\n}\n"

README = "# camera/replay\n" + "".join(f"\n## {heading}\n\nNone.\n" for heading in drivers.HEADINGS)

GOOD = {
    "CMakeLists.txt": HASH_LICENCE,
    "README.md": "# Sample\n\nSee `docs/architecture.md`, `tests/unit/ROOM/NOUN.c`, `src/base/*.c`, docs/decisions/0001.\n",
    "docs/architecture.md": "The only room is base.\n",
    "docs/decisions/0001-a-sample.md": "# 0001 A sample\n\n**Context.** A.\n\n**Decision.** B.\n\n"
    "**Consequence.** C.\n",
    "include/gatehouse/base/thing.h": THING_H,
    "include/gatehouse/device/thing.h": header("device", "thing", "/* Nothing yet. */\n"),
    "src/base/thing.c": THING_C,
    "src/base/CMakeLists.txt": "gatehouse_room(base)\n",
    "tests/unit/base/thing.c": HEAD + "static int number;\n",
    "drivers/camera/replay/replay.c": HEAD + '#include "gatehouse/base/thing.h"\n'
    "#include <jpeglib.h>\n#include <sys/stat.h>\n",
    "drivers/camera/replay/CMakeLists.txt": "gatehouse_driver(camera replay PKG libjpeg libpng)\n",
    "drivers/camera/replay/README.md": README,
    "include/gatehouse/device/device.h": header("device", "device", '/* X(CAMERA, "camera") */\n'),
    "tests/contract/camera.c": HEAD,
    "tests/lint/rooms": (HERE / "rooms").read_text(),
    ".clang-format": (HERE.parent.parent / ".clang-format").read_text(),
}


def lines(count, line="\tcall();\n"):
    return line * count


def function(body):
    return HEAD + "static void call(void);\n\nstatic void sample(int a)\n{\n" + body + "}\n"


def c(body):
    return HEAD + body


# check, rule, path of the finding, and the files that break it; None takes a file away.
BAD = [
    ("visible", "visible", "scripts/run.sh", {"scripts/run.sh": "#!/bin/sh\n"}),
    ("same_name", "no_source", "include/gatehouse/base/thing.h", {"src/base/thing.c": None}),
    ("same_name", "no_test", "src/base/thing.c", {"tests/unit/base/thing.c": None}),
    (
        "contracts",
        "no_contract",
        "include/gatehouse/base/thing.h",
        {"include/gatehouse/base/thing.h": THING_H.replace("int gh_t", "\nint gh_t")},
    ),
    (
        "contracts",
        "no_contract",
        "include/gatehouse/base/thing.h",
        {"include/gatehouse/base/thing.h": THING_H.replace("/**", "/*")},
    ),
    (
        "contracts",
        "no_contract",
        "include/gatehouse/base/thing.h",
        {
            "include/gatehouse/base/thing.h": THING_H.replace(
                ");\n", ");\nint gh_thing_two(void);\n"
            )
        },
    ),
    ("sizes", "function_long", "src/base/long.c", {"src/base/long.c": function(lines(98))}),
    ("sizes", "p95", "src", {"src/base/long.c": function(lines(60))}),
    (
        "sizes",
        "median",
        "src",
        {
            "src/base/long.c": c(
                "".join(f"static void sample{i}(void)\n{{\n{lines(13)}}}\n" for i in range(3))
            )
        },
    ),
    (
        "sizes",
        "nesting",
        "src/base/deep.c",
        {
            "src/base/deep.c": function(
                "\tif (a)\n\t\twhile (a)\n\t\t\tif (a)\n\t\t\t\tif (a)\n\t\t\t\t\tif (a)\n\t\t\t\t\t\tcall();\n"
            )
        },
    ),
    (
        "sizes",
        "file_long",
        "tests/unit/base/long.c",
        {"tests/unit/base/long.c": HEAD + lines(800, "static int a;\n")},
    ),
    (
        "sizes",
        "line_long",
        "src/base/wide.c",
        {"src/base/wide.c": function("\t/* " + "a" * 90 + " */\n")},
    ),
    (
        "sizes",
        "parameters",
        "src/base/many.c",
        {
            "src/base/many.c": c(
                "int gh_a(int a, int b, int c, int d, int e, int f, int g, int h);\n"
            )
        },
    ),
    (
        "sizes",
        "header_long",
        "include/gatehouse/base/long.h",
        {"include/gatehouse/base/long.h": HEAD + lines(300, "/* a */\n")},
    ),
    (
        "sizes",
        "header_comment",
        "include/gatehouse/base/bare.h",
        {"include/gatehouse/base/bare.h": header("base", "bare", lines(20, "extern int a;\n"))},
    ),
    (
        "headers",
        "guard",
        "include/gatehouse/base/thing.h",
        {"include/gatehouse/base/thing.h": THING_H.replace("BASE_THING", "THING")},
    ),
    (
        "headers",
        "alone",
        "include/gatehouse/base/other.h",
        {"include/gatehouse/base/other.h": header("base", "other", "extern size_t gh_other;\n")},
    ),
    (
        "headers",
        "alone",
        "include/gatehouse/base/other.h",
        {
            "include/gatehouse/base/other.h": header(
                "base", "other", "extern int gh_class(int class);\n"
            )
        },
    ),
    ("binaries", "kind", "models/face.onnx", {"models/face.onnx": "text\n"}),
    ("binaries", "kind", "tests/golden/face.JPG", {"tests/golden/face.JPG": "text\n"}),
    ("binaries", "binary", "tests/golden/data", {"tests/golden/data": b"a\0b"}),
    ("binaries", "binary", "tests/golden/data", {"tests/golden/data": b"\xff\xfe"}),
    (
        "binaries",
        "seed_large",
        "tests/fuzz/corpus/base_thing/a",
        {"tests/fuzz/corpus/base_thing/a": b"\0" * 20000},
    ),
    ("binaries", "picture_large", "docs/a.png", {"docs/a.png": b"\0" * 200001}),
    ("documents", "dead_path", "docs/a.md", {"docs/a.md": "Read `docs/none.md`.\n"}),
    ("documents", "dead_path", "README.md", {"README.md": "sh config/none\n"}),
    ("documents", "room_unnamed", "docs/architecture.md", {"src/health/a.c": HEAD}),
    ("documents", "long", "docs/architecture.md", {"docs/architecture.md": lines(200, "base\n")}),
    (
        "documents",
        "decision",
        "docs/decisions/0002-b.md",
        {"docs/decisions/0002-b.md": "# 0002 B\n"},
    ),
    (
        "documents",
        "decision",
        "docs/decisions/second.md",
        {"docs/decisions/second.md": "# 0002 B\n"},
    ),
    (
        "documents",
        "number",
        "docs/decisions/0001-b.md",
        {"docs/decisions/0001-b.md": "# 0001 B\n## Context\n## Decision\n## Consequence\n"},
    ),
    (
        "drivers",
        "no_file",
        "drivers/camera/replay/replay.c",
        {"drivers/camera/replay/replay.c": None},
    ),
    (
        "drivers",
        "no_file",
        "drivers/camera/replay/README.md",
        {"drivers/camera/replay/README.md": None},
    ),
    (
        "drivers",
        "heading",
        "drivers/camera/replay/README.md",
        {"drivers/camera/replay/README.md": README.replace("## Timing", "## Speed")},
    ),
    ("drivers", "no_suite", "drivers/camera/replay", {"tests/contract/camera.c": None}),
    (
        "drivers",
        "no_class",
        "drivers/kettle/virtual",
        {"drivers/kettle/virtual/virtual.c": HEAD, "tests/contract/kettle.c": HEAD},
    ),
    (
        "format",
        "format",
        "src/base/thing.c",
        {"src/base/thing.c": THING_C.replace("\treturn", "    return")},
    ),
    (
        "layering",
        "room",
        "src/base/up.c",
        {"src/base/up.c": c('#include "gatehouse/device/thing.h"\n')},
    ),
    (
        "layering",
        "room",
        "include/gatehouse/base/up.h",
        {"include/gatehouse/base/up.h": c('#include "gatehouse/device/thing.h"\n')},
    ),
    (
        "layering",
        "room",
        "src/gallery/wide.c",
        {"src/gallery/wide.c": c('#include "gatehouse/vision/quality.h"\n')},
    ),
    (
        "layering",
        "room",
        "drivers/camera/replay/up.c",
        {"drivers/camera/replay/up.c": c('#include "gatehouse/vision/vision.h"\n')},
    ),
    ("layering", "foreign", "src/outbox/a.c", {"src/outbox/a.c": c("#include <curl/curl.h>\n")}),
    (
        "layering",
        "foreign",
        "drivers/gate/virtual/a.c",
        {"drivers/gate/virtual/a.c": c("#include <png.h>\n")},
    ),
    ("layering", "unknown", "src/base/a.c", {"src/base/a.c": c("#include <glib.h>\n")}),
    (
        "layering",
        "unknown",
        "src/vision/opencv/a.cpp",
        {"src/vision/opencv/a.cpp": c("#include <opencv2/highgui.hpp>\n")},
    ),
    ("layering", "cpp", "src/vision/a.cpp", {"src/vision/a.cpp": c("#include <vector>\n")}),
    ("layering", "private", "src/base/a.c", {"src/base/a.c": c('#include "../device/a.h"\n')}),
    ("layering", "private", "src/base/a.c", {"src/base/a.c": c('#include "lifecycle.h"\n')}),
    (
        "layering",
        "private",
        "include/gatehouse/base/a.h",
        {"include/gatehouse/base/a.h": c('#include "thing.h"\n')},
    ),
    ("layering", "brackets", "src/manifest/a.c", {"src/manifest/a.c": c('#include "jansson.h"\n')}),
    ("layering", "path", "src/base/a.c", {"src/base/a.c": c('#include "gatehouse/thing.h"\n')}),
    ("layering", "no_row", "src/pages/a.c", {"src/pages/a.c": c("")}),
    (
        "layering",
        "link_room",
        "src/base/CMakeLists.txt",
        {"src/base/CMakeLists.txt": "gatehouse_room(base ROOMS device)\n"},
    ),
    (
        "layering",
        "link_library",
        "src/base/CMakeLists.txt",
        {"src/base/CMakeLists.txt": "gatehouse_room(base PKG jansson)\n"},
    ),
    (
        "layering",
        "link_library",
        "src/vision/CMakeLists.txt",
        {"src/vision/CMakeLists.txt": "gatehouse_room(vision OPENCV core highgui)\n"},
    ),
    (
        "layering",
        "link_library",
        "src/base/CMakeLists.txt",
        {"src/base/CMakeLists.txt": "gatehouse_room(base LINK -lcurl)\n"},
    ),
    (
        "layering",
        "list",
        "src/base/CMakeLists.txt",
        {"src/base/CMakeLists.txt": "add_library(a b.c)\n"},
    ),
    (
        "layering",
        "unlisted",
        "src/crypto/CMakeLists.txt",
        {
            "src/crypto/CMakeLists.txt": "gatehouse_room(crypto PKG openssl)\n",
            "src/crypto/a.c": c('#include "gatehouse/base/thing.h"\n'),
        },
    ),
    (
        "layering",
        "cycle",
        "tests/lint/rooms",
        {
            "tests/lint/rooms": (HERE / "rooms")
            .read_text()
            .replace("base        |         ", "base        | gallery ")
        },
    ),
    (
        "log",
        "personal",
        "src/manifest/a.c",
        {
            "src/manifest/a.c": c(
                'void f(void)\n{\n\tgh_error_set(error, GH_MALFORMED, "%s", '
                "person->surname.text);\n}\n"
            )
        },
    ),
    (
        "log",
        "personal",
        "src/manifest/a.c",
        {
            "src/manifest/a.c": c(
                "void f(struct gh_personal *who)\n{\n"
                '\tgh_error_wrap(error, "%s", who->text);\n}\n'
            )
        },
    ),
    (
        "log",
        "personal",
        "src/manifest/a.c",
        {"src/manifest/a.c": c('void f(void)\n{\n\tfprintf(stderr, "%s", p.birth_date);\n}\n')},
    ),
    (
        "log",
        "personal",
        "src/manifest/a.c",
        {
            "src/manifest/a.c": c(
                'void f(void)\n{\n\tgh_log(GH_LOG_INFO, "a", "b", '
                'gh_log_place("c", d->document_number));\n}\n'
            )
        },
    ),
    (
        "log",
        "field",
        "src/manifest/a.c",
        {"src/manifest/a.c": c('void f(void)\n{\n\tgh_log(GH_LOG_INFO, "a", "b", *field);\n}\n')},
    ),
    (
        "log",
        "by_hand",
        "src/manifest/a.c",
        {"src/manifest/a.c": c("void f(void)\n{\n\tx = (struct gh_word){ text };\n}\n")},
    ),
    (
        "log",
        "by_hand",
        "src/manifest/a.c",
        {"src/manifest/a.c": c("void f(void)\n{\n\tword.literal = text;\n}\n")},
    ),
    ("words", "empty_name", "src/base/util.c", {"src/base/util.c": c("")}),
    ("words", "empty_name", "src/base/a.c", {"src/base/a.c": c("struct gh_queue_manager {\n};\n")}),
    (
        "words",
        "empty_name",
        "src/base/a.c",
        {"src/base/a.c": c("static void helper(void)\n{\n}\n")},
    ),
    ("words", "exported_name", "src/base/a.c", {"src/base/a.c": c("int add(void)\n{\n}\n")}),
    (
        "words",
        "exported_name",
        "src/base/a.c",
        {"src/base/a.c": c("int add(void)\n{\n}\n"), "src/base/a.h": c("int add(void);\n")},
    ),
    (
        "words",
        "exported_name",
        "src/base/a.c",
        {
            "src/base/a.c": c("int number_add(void)\n{\n}\n"),
            "src/device/a.h": c("int number_add(void);\n"),
        },
    ),
    (
        "words",
        "doubled_name",
        "src/device/a.c",
        {
            "src/base/a.c": c("int gh_add(void)\n{\n}\n"),
            "src/device/a.c": c("int gh_add(void)\n{\n}\n"),
        },
    ),
    ("words", "licence", "src/base/a.c", {"src/base/a.c": "/* A sample. */\n"}),
    ("words", "licence", "config/demo", {"config/demo": "#!/bin/sh\n"}),
    ("words", "purpose", "src/base/a.c", {"src/base/a.c": LICENCE + "#include <stdio.h>\n"}),
    ("words", "line_comment", "src/base/a.c", {"src/base/a.c": c("int gh_a; // a\n")}),
    ("words", "typedef", "src/base/a.c", {"src/base/a.c": c("typedef struct a a;\n")}),
    ("words", "not_ascii", "src/base/a.c", {"src/base/a.c": c("extern int gh_naïve;\n")}),
    (
        "words",
        "unit",
        "include/gatehouse/base/a.h",
        {"include/gatehouse/base/a.h": c("int gh_a(int read_timeout);\n")},
    ),
    (
        "words",
        "own_header",
        "src/base/thing.c",
        {
            "src/base/thing.c": "#include <stdio.h>\n".join(THING_C.split("#", 1)[:1])
            + '#include <stdio.h>\n#include "gatehouse/base/thing.h"\n'
        },
    ),
    (
        "words",
        "call",
        "src/base/a.c",
        {"src/base/a.c": c("static void f(void)\n{\n\tstrcpy(a, b);\n}\n")},
    ),
    (
        "words",
        "call",
        "src/outbox/a.c",
        {"src/outbox/a.c": c("static void f(void)\n{\n\tnow = time(NULL);\n}\n")},
    ),
    ("words", "leftover", "docs/a.md", {"docs/a.md": "TODO: more\n"}),
    ("words", "place", "docs/a.md", {"docs/a.md": "see /home/somebody/a\n"}),
    ("words", "host", "config/a.txt", {"config/a.txt": "https://pypi.org/simple\n"}),
    ("words", "workplace", "docs/a.md", {"docs/a.md": "done for issue 3\n"}),
]


def plant(root, files):
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def run(check, root, build=None):
    out = io.StringIO()
    status = lint.run(check, trees.Tree(root, build), out)
    return status, out.getvalue()


@pytest.fixture(autouse=True)
def no_programs_from_outside(monkeypatch):
    monkeypatch.delenv("GATEHOUSE_BIN_DIR", raising=False)


@pytest.fixture
def good(tmp_path):
    root = tmp_path / "tree"
    plant(root, GOOD)
    return root


@pytest.mark.parametrize("check", [name for name in CHECKS if name != "needed"])
def test_a_clean_tree_passes(check, good):
    if check == "format" and shutil.which("clang-format") is None:
        pytest.skip("clang-format is not installed")
    status, out = run(check, good)
    assert status == 0, out


@pytest.mark.parametrize("check, rule, path, files", BAD)
def test_a_broken_rule_is_found(check, rule, path, files, good):
    if check == "format" and shutil.which("clang-format") is None:
        pytest.skip("clang-format is not installed")
    plant(good, files)
    status, out = run(check, good)
    assert status == 1, out
    assert any(
        line.startswith(f"{path}:") and f": {rule}: " in line for line in out.splitlines()
    ), out


def test_every_rule_is_broken_by_a_sample():
    broken = {(check, rule) for check, rule, _, _ in BAD}
    broken |= {("needed", rule) for rule in ("not_built", "library", "unknown_library")}
    rules = {
        (name, rule) for name in CHECKS for rule in importlib.import_module(f"checks.{name}").RULES
    }
    assert broken == rules


@pytest.mark.parametrize("call", sorted({**words.CALLS, **words.PRODUCT_CALLS}))
def test_every_forbidden_call_is_found(call, good):
    # Not in room base, which may read the clock.
    plant(good, {"src/outbox/a.c": c(f"static void f(void)\n{{\n\t{call}(a);\n}}\n")})
    status, out = run("words", good)
    assert status == 1 and f"src/outbox/a.c:5: call: {call}: use " in out


def test_a_member_of_that_name_is_no_forbidden_call(good):
    plant(
        good, {"src/base/a.c": c("static void f(void)\n{\n\tclock->time(a);\n\tb.system(c);\n}\n")}
    )
    assert run("words", good)[0] == 0


@pytest.mark.parametrize(
    "check, code",
    [
        ("words", "typedef struct a *(*call)(struct b *);\n"),
        ("words", "static void f(void)\n{\n\tsignal(SIGPIPE, SIG_IGN);\n}\n"),
        (
            "words",
            "static void f(void)\n{\n\tclock_gettime(CLOCK_MONOTONIC, &a);\n"
            "\tpthread_cond_timedwait(&b, &c, &a);\n}\n",
        ),
        ("words", "static int f(int timeout_ms)\n{\n\treturn timeout_ms;\n}\n"),
        (
            "log",
            "struct gh_word gh_a_word(int a)\n{\n\treturn (struct gh_word){ gh_a_name(a) };\n}\n",
        ),
        (
            "log",
            'void f(void)\n{\n\tgh_log(A, "a", "b", gh_log_integer("photo_bytes", p->photo.size));\n}\n',
        ),
        (
            "log",
            'void f(void)\n{\n\tgh_error_set(error, GH_MALFORMED, "row %u", person->row);\n}\n',
        ),
        ("layering", '/* #include "gatehouse/device/thing.h" */\n#include <math.h>\n'),
    ],
)
def test_what_only_looks_broken_passes(check, code, good):
    plant(good, {"src/outbox/a.c": c(code)} if check == "words" else {"src/base/a.c": c(code)})
    status, out = run(check, good)
    assert status == 0, out


def test_a_name_may_be_shared_between_the_files_of_a_room(good):
    plant(
        good,
        {
            "src/base/a.c": c("int number_add(void)\n{\n}\n"),
            "src/base/a.h": c("int number_add(void);\n"),
        },
    )
    good.joinpath("src/base/a.c").write_text(c('#include "a.h"\n\nint number_add(void)\n{\n}\n'))
    status, out = run("words", good)
    assert status == 0, out


def test_an_exemption_takes_its_finding_and_no_other(good):
    plant(
        good,
        {
            "src/base/util.c": c(""),
            "src/base/misc.c": c(""),
            "tests/lint/exemptions": "words empty_name src/base/util.c:util a reason\n",
        },
    )
    status, out = run("words", good)
    assert status == 1
    assert "src/base/misc.c" in out and "src/base/util.c" not in out and "1 exemptions" in out


def test_a_stale_exemption_is_a_finding(good):
    plant(
        good, {"tests/lint/exemptions": "# why\nwords empty_name src/base/util.c:util a reason\n"}
    )
    status, out = run("words", good)
    assert status == 1 and "tests/lint/exemptions:2: stale: " in out


def test_an_exemption_of_another_check_is_left_alone(good):
    plant(good, {"tests/lint/exemptions": "words empty_name src/base/util.c:util a reason\n"})
    assert run("visible", good)[0] == 0


def test_an_exemption_without_a_reason_is_refused(good):
    plant(good, {"tests/lint/exemptions": "words empty_name src/base/util.c\n"})
    with pytest.raises(SystemExit, match="exemptions:1"):
        run("words", good)


@pytest.fixture
def build(good, tmp_path):
    plant(good, {"src/daemon/main.c": MAIN_C})
    folder = tmp_path / "build"
    (folder / "bin").mkdir(parents=True)
    return folder


def link(source, output, *flags):
    subprocess.run(["cc", "-o", str(output), str(source), *map(str, flags)], check=True)


def library(folder, soname):
    """A shared library of that soname, with one function."""
    (folder / "lib.c").write_text(
        "int gh_library(void);\nint gh_library(void)\n{\n\treturn 1;\n}\n"
    )
    link(folder / "lib.c", folder / "liblocal.so", "-shared", "-fPIC", f"-Wl,-soname,{soname}")
    (folder / "main.c").write_text(
        "int gh_library(void);\nint main(void)\n{\n\treturn gh_library();\n}\n"
    )
    link(folder / "main.c", folder / "bin/gatehoused", folder / "liblocal.so")


def test_a_program_on_the_c_library_alone_passes(good, build):
    link(good / "src/daemon/main.c", build / "bin/gatehoused")
    status, out = run("needed", good, build)
    assert status == 0, out
    assert "libraries asked for" in out


def test_a_program_that_was_not_built_is_found(good, build):
    status, out = run("needed", good, build)
    assert status == 1 and ": not_built: " in out


@pytest.mark.parametrize(
    "soname",
    [
        "libreadline.so.8",
        "libopencv_imgcodecs.so.406",
        "libdb-5.3.so",
        "libopencv_ximgproc.so.406",
        "libavcodec.so.59",
    ],
)
def test_a_refused_library_is_found(soname, good, build):
    library(build, soname)
    status, out = run("needed", good, build)
    assert status == 1 and ": library: " in out and soname in out


def test_a_library_that_is_not_installed_is_found(good, build):
    library(build, "libgatehouse_sample.so.1")
    status, out = run("needed", good, build)
    assert status == 1 and ": unknown_library: " in out and ": library: " not in out


def test_a_tree_without_programs_is_skipped(good):
    assert run("needed", good)[0] == lint.SKIPPED


def test_a_refused_library_below_another_is_found(monkeypatch):
    below = {Path("a"): ["libb.so.1"], "/b": ["libx264.so.164"], "/x": []}
    monkeypatch.setattr(needed, "needed", lambda path: below[path])
    asked = needed.closure(Path("a"), {"libb.so.1": "/b", "libx264.so.164": "/x"})
    assert asked == {"libb.so.1": "a", "libx264.so.164": "libb.so.1"}
    assert needed.verdict("libx264.so.164") and not needed.verdict("libb.so.1")
