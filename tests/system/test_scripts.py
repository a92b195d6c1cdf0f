# SPDX-License-Identifier: Apache-2.0
"""config/test, config/demo and .ci/run with a compiler, a build system and tests of paper."""

import os
import pathlib
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 60
SUMMARY = "100% tests passed, 0 tests failed out of 3"


class Checkout:
    """A copy of the scripts, whose tools write down how they were called."""

    def __init__(self, folder):
        self.root = folder / "checkout"
        self.tools = folder / "bin"
        self.calls = folder / "calls"
        self.calls.touch()
        self.tools.mkdir()
        for name in ("config", ".ci"):
            shutil.copytree(SOURCE / name, self.root / name)
        fuzz = self.root / "tests" / "fuzz"
        fuzz.mkdir(parents=True)
        self.script(fuzz / "run", self.note("fuzz"))
        self.script(self.root / "config" / "setup", self.note("setup"))
        self.script(self.root / "config" / "demo-lane", self.note("demo-lane"))
        self.tool("cmake")
        self.tool("ninja")
        self.tool("ctest", f"echo \"$PWD\" $GATEHOUSE_LONG >>{folder}/ctest; echo '{SUMMARY}'")

    def note(self, name, then=""):
        return f'echo "{name} $*" >>"{self.calls}"\n{then}\n'

    @staticmethod
    def script(path, text):
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)

    def tool(self, name, then=""):
        self.script(self.tools / name, self.note(name, then))

    def run(self, script, *arguments, **variables):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}
        environment = {**kept, "PATH": f"{self.tools}:/usr/bin:/bin", **variables}
        return subprocess.run(
            ["sh", self.root / script, *arguments], env=environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False
        )

    def called(self, name):
        """The arguments of every call of a tool."""
        lines = self.calls.read_text().splitlines()
        return [line.removeprefix(f"{name} ") for line in lines if line.split()[0] == name]


@pytest.fixture(name="checkout")
def make_checkout(tmp_path):
    return Checkout(tmp_path)


def test_everything_runs_and_ctest_has_the_last_word(checkout):
    done = checkout.run("config/test")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == SUMMARY
    assert len(checkout.called("setup")) == 1
    assert "-DGATEHOUSE_FLAVOUR=release" in checkout.called("cmake")[0]
    assert "-L" not in checkout.called("ctest")[0]
    assert "GATEHOUSE_SEED=" in done.stdout


@pytest.mark.parametrize("flavour", ["address", "thread"])
def test_a_sanitizer_runs_its_share(checkout, flavour):
    assert checkout.run("config/test", "--sanitize", flavour).returncode == 0
    assert f"-DGATEHOUSE_FLAVOUR={flavour}" in checkout.called("cmake")[0]
    assert "-L ^(unit|contract|fault)$" in checkout.called("ctest")[0]


def test_labels_can_be_chosen(checkout):
    assert checkout.run("config/test", "--label", "lint", "--label", "golden").returncode == 0
    assert "-L ^(lint|golden)$" in checkout.called("ctest")[0]


def test_long_fuzzes_and_tells_the_tests(checkout, tmp_path):
    assert checkout.run("config/test", "--long").returncode == 0
    assert checkout.called("setup") == ["--long"]
    assert checkout.called("fuzz") == ["--long"]
    assert (tmp_path / "ctest").read_text().split() == [str(checkout.root / ".build/release"), "1"]


def test_a_crash_found_by_fuzzing_fails_the_run(checkout):
    checkout.script(checkout.root / "tests/fuzz/run", "exit 1\n")
    done = checkout.run("config/test", "--long")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == SUMMARY


def test_a_seed_given_is_kept(checkout):
    done = checkout.run("config/test", GATEHOUSE_SEED="4711")
    assert "GATEHOUSE_SEED=4711" in done.stdout


@pytest.mark.parametrize("tool", ["setup", "cmake", "ninja", "ctest"])
def test_what_fails_fails_the_run(checkout, tool):
    path = checkout.root / "config/setup" if tool == "setup" else checkout.tools / tool
    checkout.script(path, "exit 3\n")
    assert checkout.run("config/test").returncode != 0


@pytest.mark.parametrize("arguments", [["--sanitize"], ["--sanitize", "memory"], ["--label", "x"],
                                       ["--nonsense"]])
def test_wrong_arguments_do_nothing(checkout, arguments):
    done = checkout.run("config/test", *arguments)
    assert done.returncode == 2 and "usage: config/test" in done.stderr
    assert checkout.calls.read_text() == ""


def test_continuous_integration_runs_all_three(checkout):
    done = checkout.run(".ci/run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == SUMMARY
    flavours = [call.split("-DGATEHOUSE_FLAVOUR=")[1].split()[0] for call in checkout.called("cmake")]
    assert flavours == ["address", "thread", "release"]


@pytest.mark.parametrize("failing", ["address", "thread", "release"])
def test_continuous_integration_fails_with_any_of_them(checkout, failing):
    checkout.tool("ctest", f"case $PWD in */{failing}) exit 8 ;; esac; echo '{SUMMARY}'")
    done = checkout.run(".ci/run")
    assert done.returncode != 0
    assert len(checkout.called("ctest")) == 3


def test_continuous_integration_finds_data_beside_the_checkout(checkout):
    checkout.tool("ctest", f'echo "data $GATEHOUSE_TEST_DATA" >>"{checkout.calls}"')
    (checkout.root.parent / "shared").mkdir()
    assert checkout.run(".ci/run").returncode == 0
    assert checkout.called("data") == [str(checkout.root.parent / "shared")] * 3


def test_the_demo_builds_the_programs_and_hands_on(checkout, tmp_path):
    folder = tmp_path / "a folder"
    folder.mkdir()
    done = checkout.run("config/demo", "--once", "--camera", str(folder))
    assert done.returncode == 0, done.stderr
    assert checkout.called("setup") == ["--without-tests"]
    assert checkout.called("ninja")[0].endswith(" gatehoused gatehouse gatehouse-central")
    assert checkout.called("demo-lane") == [f"--once --camera {folder}"]


def test_the_demo_ends_as_its_lane_does(checkout):
    checkout.script(checkout.root / "config/demo-lane", "exit 5\n")
    assert checkout.run("config/demo", "--once").returncode == 5


@pytest.mark.parametrize("arguments", [["--camera"], ["--camera", "/nowhere"], ["--nonsense"]])
def test_the_demo_refuses_wrong_arguments(checkout, arguments):
    assert checkout.run("config/demo", *arguments).returncode == 2
    assert checkout.calls.read_text() == ""


@pytest.mark.parametrize("there, word", [(True, "ON"), (False, "OFF")])
def test_tests_are_configured_where_their_library_is(checkout, there, word):
    checkout.tool("pkg-config", "exit 0" if there else "exit 1")
    assert checkout.run("config/build", "release").returncode == 0
    assert f"-DBUILD_TESTING={word}" in checkout.called("cmake")[0]
