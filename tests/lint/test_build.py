# SPDX-License-Identifier: Apache-2.0
"""The build's conventions on a small tree of their own: what is found, linked, skipped, refused."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]

HARNESS = """#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "gatehouse/device/driver.h"
static void first(void **state) { %s }
static void second(void **state) { %s }
int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first), cmocka_unit_test(second) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
"""
FIND = 'assert_string_equal(gh_driver_find(0)->name, "%s");'
TABLE = """const struct gh_driver own = { "own" };
const struct gh_driver *const gh_driver_table[] = { &own };
const size_t gh_driver_table_length = 1;
"""

TREE = {
    "include/gatehouse/device/driver.h": """#include <stddef.h>
struct gh_driver { const char *name; };
extern const struct gh_driver *const gh_driver_table[];
extern const size_t gh_driver_table_length;
extern const struct gh_driver own;
const struct gh_driver *gh_driver_find(size_t n);
""",
    "src/base/CMakeLists.txt": "gatehouse_room(base)\n",
    "src/base/one.c": "int gh_one(void);\nint gh_one(void) { return 1; }\n",
    "src/base/deeper/two.c": "int gh_two(void);\nint gh_two(void) { return 2; }\n",
    "src/device/CMakeLists.txt": "gatehouse_room(device ROOMS base)\n",
    "src/device/driver.c": """#include "gatehouse/device/driver.h"
const struct gh_driver *gh_driver_find(size_t n)
{
	return n < gh_driver_table_length ? gh_driver_table[n] : NULL;
}
""",
    "src/command/CMakeLists.txt": "gatehouse_room(command ROOMS base device)\n",
    "src/command/main.c": """#include <stdio.h>
#include "gatehouse/device/driver.h"
int gh_one(void);
int gh_two(void);
int main(void)
{
	for (size_t i = 0; i < gh_driver_table_length; i++)
		printf("%s ", gh_driver_find(i)->name);
	printf("%d\\n", gh_one() + gh_two());
}
""",
    "tests/unit/device/found.c": HARNESS % (FIND % "gate/virtual", FIND % "gate/virtual"),
    "tests/unit/device/own.c": (HARNESS % (FIND % "own", FIND % "own")) + TABLE,
    "tests/unit/device/skipped.c": HARNESS % ("skip();", "skip();"),
    "tests/unit/device/half.c": HARNESS % ("skip();", FIND % "gate/virtual"),
    "tests/unit/device/failing.c": HARNESS % ("skip();", FIND % "other"),
    "tests/unit/drivers/gate_virtual_one.c": HARNESS % (FIND % "gate/virtual", "own_noun();"),
    "tests/fault/device/found.c": HARNESS.replace(
        "#include <cm", '#include "inject.h"\n#include <cm'
    )
    % (FIND % "gate/virtual", "inject_arm(INJECT_ALLOC, 1);"),
    "tests/contract/gate.c": HARNESS % (FIND % "gate/virtual", ""),
    "tests/golden/device_table.c": HARNESS % (FIND % "gate/virtual", ""),
    "tests/golden/script.py": "import os, sys\nsys.exit(0 if os.environ['GATEHOUSE_BUILD_DIR'] else 1)\n",
    "tests/golden/make_data.py": "raise SystemExit('a generator is no test')\n",
    "tests/golden/test_none.py": "import pytest\ndef test_a():\n    pytest.skip('no data')\n",
    "tests/system/test_run.py": """import os, pytest, subprocess
def test_runs():
    program = os.environ["GATEHOUSE_BIN_DIR"] + "/gatehouse"
    assert subprocess.check_output([program]).endswith(b"3\\n")
def test_skips():
    pytest.skip("half of it")
""",
    "tests/fuzz/base_one.c": """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 3 && bytes[0] == 'b')
		abort();
	return 0;
}
""",
    "tests/fuzz/corpus/base_one/seed": "bcde",
    "tests/bench/device_find.c": "int main(void) { return 0; }\n",
}
DRIVER = """#include "gatehouse/device/driver.h"
#include "own.h"
extern const struct gh_driver gh_driver_gate_%s;
const struct gh_driver gh_driver_gate_%s = { .name = "gate/%s" };
void own_noun(void) { }
"""
for name in ("virtual", "wiegand"):
    TREE[f"drivers/gate/{name}/CMakeLists.txt"] = f"gatehouse_driver(gate {name})\n"
    TREE[f"drivers/gate/{name}/{name}.c"] = DRIVER.replace("own_noun", f"own_{name}") % (
        (name,) * 3
    )
    TREE[f"drivers/gate/{name}/own.h"] = f"void own_{name}(void);\n"
TREE["tests/unit/drivers/gate_virtual_one.c"] = '#include "own.h"\n' + TREE[
    "tests/unit/drivers/gate_virtual_one.c"
].replace("own_noun", "own_virtual")


def plant(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def configure(root, *options):
    return subprocess.run(
        ["cmake", "-S", root, "-B", root / ".build", "-G", "Ninja", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def make_tree(root):
    """The build files of the project on sources of the sample."""
    shutil.copytree(SOURCE / "config/cmake", root / "config/cmake")
    for name in (
        "CMakeLists.txt",
        "tests/CMakeLists.txt",
        "tests/conftest.py",
        "tests/pytest.ini",
        "tests/skip.c",
        "tests/fault/inject.c",
        "tests/fault/inject.h",
        "tests/fuzz/replay_main.c",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / name, root / name)
    plant(root, TREE)
    return root


@pytest.fixture
def sample(tmp_path):
    return make_tree(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = make_tree(tmp_path_factory.mktemp("sample"))
    done = configure(root)
    assert done.returncode == 0, done.stdout
    done = subprocess.run(
        ["ninja", "-C", root / ".build", "-j2"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return root


def outcomes(root):
    done = subprocess.run(
        ["ctest", "--test-dir", root / ".build"],
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if k != "GATEHOUSE_SEED"},
    )
    found = {}
    for line in done.stdout.splitlines():
        if " Test " in line and "#" in line:
            name = line.split(": ", 1)[1].split(" ", 1)[0]
            found[name] = next(w for w in ("Passed", "Skipped", "Failed", "aborted") if w in line)
    return found


def test_every_file_becomes_the_test_of_its_place(built):
    assert outcomes(built) == {
        "unit/device/found": "Passed",
        "unit/device/own": "Passed",
        "unit/device/half": "Passed",
        "unit/device/skipped": "Skipped",
        "unit/device/failing": "Failed",
        "unit/drivers/gate_virtual_one": "Passed",
        "fault/device/found": "Passed",
        "contract/gate": "Passed",
        "golden/device_table": "Passed",
        "golden/script": "Passed",
        "golden/test_none": "Skipped",
        "system/run": "Passed",
        "fuzz/base_one": "aborted",
    }


def test_labels_and_limits_are_set(built):
    done = subprocess.run(
        ["ctest", "--test-dir", built / ".build", "--show-only=json-v1"],
        capture_output=True,
        check=True,
    )
    for test in json.loads(done.stdout)["tests"]:
        properties = {p["name"]: p["value"] for p in test["properties"]}
        assert properties["LABELS"] == [test["name"].split("/")[0]]
        assert properties["TIMEOUT"] == 300.0


def test_programs_and_benches_have_their_places(built):
    assert sorted(path.name for path in (built / ".build/bin").iterdir()) == ["bench", "gatehouse"]
    assert [path.name for path in (built / ".build/bin/bench").iterdir()] == ["device_find"]


def test_programs_are_hardened(built):
    program = built / ".build/bin/gatehouse"
    dynamic = subprocess.check_output(["readelf", "-dlW", program], text=True)
    assert "BIND_NOW" in dynamic and "PIE" in dynamic and "GNU_RELRO" in dynamic
    assert "RWE" not in dynamic


def test_the_table_holds_the_drivers_of_the_build(built, tmp_path):
    program = built / ".build/bin/gatehouse"
    assert subprocess.check_output([program]) == b"gate/virtual gate/wiegand 3\n"


def test_a_driver_can_be_left_out(sample):
    done = configure(sample, "-DGATEHOUSE_DRIVERS=gate/wiegand")
    assert done.returncode == 0 and "gate/virtual is left out" in done.stdout
    table = (sample / ".build/generated/driver_table.c").read_text()
    assert "gh_driver_gate_wiegand" in table and "virtual" not in table
    assert "gh_driver_table_length = 1;" in table


@pytest.mark.parametrize(
    "files, options, message",
    [
        ({}, ["-DGATEHOUSE_DRIVERS=gate/none"], "names gate/none, which is not in drivers/"),
        ({}, ["-DGATEHOUSE_FLAVOUR=fast"], "GATEHOUSE_FLAVOUR is 'fast'"),
        (
            {"src/base/CMakeLists.txt": "gatehouse_room(base PKG nosuchlibrary)\n"},
            [],
            "room_base needs nosuchlibrary",
        ),
        (
            {"src/base/CMakeLists.txt": "gatehouse_room(base crypto)\n"},
            [],
            "gatehouse_room(base): what is crypto?",
        ),
        (
            {"src/base/CMakeLists.txt": "gatehouse_room(bas)\n"},
            [],
            "gatehouse_room(bas) stands in src/base",
        ),
        ({"src/base/CMakeLists.txt": "gatehouse_room(base ROOMS crypto)\n"}, [], "no src/crypto"),
    ],
)
def test_a_mistake_is_named(files, options, message, sample):
    plant(sample, files)
    assert message in " ".join(configure(sample, *options).stdout.split())


def test_an_assertion_stays_on(built):
    commands = (built / ".build/compile_commands.json").read_text()
    assert "NDEBUG" not in commands and "-Werror" in commands
