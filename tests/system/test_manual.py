# SPDX-License-Identifier: Apache-2.0
"""The manual page, the help and the completion are what the program's tables make of them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("GATEHOUSE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
GATEHOUSE = Path(os.environ.get("GATEHOUSE_BIN_DIR", SOURCE / ".build/release/bin")) / "gatehouse"
PAGE = SOURCE / "docs/gatehouse.1"

pytestmark = pytest.mark.skipif(not GATEHOUSE.exists(), reason=f"{GATEHOUSE} is not built")


def say(*words):
    return subprocess.run(
        [GATEHOUSE, *words], capture_output=True, text=True, timeout=20, check=False
    )


def commands():
    lines = say("--help").stdout.splitlines()
    return [line.strip().split("  ")[0] for line in lines if line.startswith("  ")]


def test_the_page_is_what_the_program_prints():
    made = say("manual")
    assert made.returncode == 0
    if os.environ.get("GATEHOUSE_WRITE") == "1":
        PAGE.write_text(made.stdout)
    assert PAGE.read_text() == made.stdout, "GATEHOUSE_WRITE=1 writes docs/gatehouse.1 anew"


def test_the_page_has_every_command_and_no_troff_errors():
    text = PAGE.read_text()
    assert len(commands()) >= 20
    for command in commands():
        assert f".B {command.replace('-', chr(92) + '-')}" in text
    if shutil.which("groff"):
        made = subprocess.run(
            ["groff", "-man", "-ww", "-Tutf8", PAGE], capture_output=True, text=True, timeout=20
        )
        assert made.stderr == ""


@pytest.mark.parametrize("words", ["--help", "lane status --help"])
def test_help_is_no_error(words):
    assert say(*words.split()).returncode == 0


def test_every_command_has_help_of_its_own():
    for command in commands():
        made = say(*command.split(), "--help")
        assert made.returncode == 0, command
        assert made.stdout.startswith(f"usage: gatehouse {command}"), command
        assert "--json" in made.stdout, command


def test_a_group_alone_lists_its_commands():
    made = say("lane", "--help")
    assert made.returncode == 0 and made.stdout.startswith("usage: gatehouse lane COMMAND")
    listed = [line.strip().split("  ")[0] for line in made.stdout.splitlines()[2:]]
    assert listed == [name for name in commands() if name.startswith("lane ")]
    assert say("lane").returncode == 64 and "lane status" in say("lane").stderr
    assert say("nothing", "--help").returncode == 64
    assert say("lan", "--help").returncode == 64


def complete(script, line):
    last = len(line.split()) - 1
    ask = f'COMP_WORDS=({line}) COMP_CWORD={last}; _gatehouse; echo "${{COMPREPLY[@]}}"'
    made = subprocess.run(
        ["bash"], input=f"{script}\n{ask}", text=True, capture_output=True, timeout=20
    )
    return made.stdout.split()


def test_the_completion_is_bash_and_completes():
    script = say("completion").stdout
    made = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, timeout=20)
    assert made.returncode == 0 and made.stderr == ""
    assert complete(script, "gatehouse la") == ["lane"]
    assert complete(script, "gatehouse lane opt") == ["opt-out"]


def test_an_unknown_command_is_refused_with_its_status():
    made = say("fly")
    assert made.returncode == 64
    assert "fly" in made.stderr
