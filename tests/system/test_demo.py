# SPDX-License-Identifier: Apache-2.0
"""config/demo's queue with the real programs, and what it leaves behind."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess

import pytest

from lane_support import SOURCE, gatehouse, need_demo_files, passages, places, voyage

LIMIT_S = 150
LANE_LOGS = ("lane/lane.log", "lane/audit.log", "central/central.log")

# Written as people write them and as they are stored.
PLANTED = sorted({word.encode() for person in voyage.TRAVELLERS for word in (
    person[0], person[4], *person[1].split(), f"{person[0]}:{person[1]}") if word != "SPECIMEN"})


def run_demo(work, *words):
    return subprocess.run(
        [SOURCE / "config/demo-lane", "--work", work, *words], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


class Shown:
    """What one run printed."""

    def __init__(self, work, *words):
        self.done = run_demo(work, *words)
        self.lines = self.done.stdout.splitlines()
        self.text = self.done.stdout + self.done.stderr

    def line(self, title):
        found = [line for line in self.lines if line.startswith(f"  {title} ")]
        assert len(found) == 1, f"{title}: {len(found)} lines\n{self.text}"
        return found[0]


@pytest.fixture(name="work", scope="module")
def make_work(tmp_path_factory):
    need_demo_files()
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(name="shown", scope="module")
def show_once(work):
    return Shown(work, "--once")


def test_every_expectation_holds(shown):
    assert shown.done.returncode == 0, shown.text
    assert "NOT" not in shown.text
    assert shown.done.stderr == ""


@pytest.mark.parametrize("passage", passages.QUEUE, ids=lambda passage: passage.title)
def test_each_traveller_has_a_line(shown, passage):
    line = shown.line(passage.title)
    assert line.endswith("  ok")
    if passage.expected:
        assert passage.expected["decision"] in line
    if passage.expected.get("capture") == "captured":
        score, threshold, waited_ms = re.search(r"(-?[\d.]+) +([\d.]+) +(\d+) +ok$", line).groups()
        assert (float(score) >= float(threshold)) == (passage.expected["outcome"] == "match")
        assert int(waited_ms) > 0


def test_the_summary_counts_what_was_expected(shown):
    answered = [passage for passage in passages.QUEUE if passage.expected]
    go = sum(passage.expected["decision"] == "go" for passage in answered)
    text = shown.done.stdout.split("Read back from the central service")[1]
    assert re.search(rf"records +{len(answered)}, all marked as a test", text)
    assert re.search(rf"decisions +go {go}, referral {len(answered) - go}\n", text)
    assert re.search(rf"passed {go}", text)


def test_it_says_that_the_gallery_is_padded(shown):
    assert "418 made-up strangers pad the gallery to 420 templates" in shown.done.stdout


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("log", LANE_LOGS)
def test_no_log_holds_personal_data(shown, work, log):
    text = (work / "run" / log).read_bytes()
    assert text, f"{log} is empty, so that this test proves nothing"
    assert not [word for word in PLANTED if word in text]


def test_nothing_on_the_lanes_disk_is_readable(shown, work):
    """Outbox, galleries, audit log and journals: sealed, whatever the format."""
    seen = files(work / "run" / "lane")
    assert any(path.suffix == ".db" or "outbox" in path.name for path in seen)
    found = [(path.name, word) for path in seen for word in PLANTED if word in path.read_bytes()]
    assert not found


def databases(folder):
    return [path for path in files(folder) if path.read_bytes()[:15] == b"SQLite format 3"]


def test_the_planted_words_are_found_where_they_belong(shown, work):
    """The centre keeps records in its database: a search that finds nothing there is no search."""
    held = b"".join(path.read_bytes() for path in files(work / "run" / "central"))
    assert voyage.TRAVELLERS[0][4].encode() in held
    assert databases(work / "run" / "lane") and databases(work / "run" / "central")


def test_records_at_the_centre_name_no_traveller(shown, work):
    """A record has a document number; names stay in the manifest."""
    for path in databases(work / "run" / "central"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
            dump = "\n".join(line for line in base.iterdump())
        assert voyage.TRAVELLERS[0][0] not in dump


def test_the_audit_log_has_each_command_and_no_document(shown, work):
    lines = [json.loads(line)
             for line in (work / "run/lane/audit.log").read_text().splitlines()]
    commands = [line["command"] for line in lines]
    assert commands.count("claim") == sum("claim" in one.words for one in passages.QUEUE)
    # One more than there are referrals: "proceed" after a true mismatch was denied.
    refused = [line for line in lines if line["result"] == "denied"]
    assert [line["command"] for line in refused] == ["dispose"]
    assert all(line["uid"] == os.getuid() and line["pid"] > 0 for line in lines)


def test_no_program_stays_behind(shown, work):
    """By the settings file that a program was started with."""
    for status in programs_running():
        assert str(work).encode() not in status


def programs_running():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if b"gatehouse" in words.split(b"\0")[0]:
                yield words


def read_until(stream, words):
    """The lines up to the one that begins with words."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.startswith(words):
            return lines
    pytest.fail(f"it never said {words!r}:\n{''.join(lines)}")


def test_a_second_run_keeps_what_it_has_and_stays_up(shown, work):
    """Nothing is drawn again, nobody else gets in its way, and Ctrl-C ends it."""
    before = {path: path.stat().st_mtime_ns for path in files(work / "scenes")}
    with subprocess.Popen([SOURCE / "config/demo-lane", "--work", work], text=True,
                          stdout=subprocess.PIPE) as stays:
        try:
            said = read_until(stays.stdout, "The lane stays up until Ctrl-C")
            second = Shown(work, "--once")
            status = gatehouse("lane", "status", "--config", work / "run/lane/lane.conf")
        finally:
            stays.send_signal(signal.SIGINT)
            rest = stays.communicate(timeout=LIMIT_S)[0]
    assert second.done.returncode == 1 and "another demo runs" in second.done.stderr
    assert status.startswith("lane lane-1: idle")
    assert stays.returncode == 0 and "Stopped" in rest
    assert "  scene " in shown.done.stdout and "  scene " not in "".join(said)
    kept = {path: path.stat().st_mtime_ns for path in files(work / "scenes")}
    assert {path for path in before if before[path] != kept[path]} <= {work / "scenes/scenes.conf"}
    test_no_program_stays_behind(shown, work)


def test_ctrl_c_while_it_starts(shown, work):
    with subprocess.Popen([SOURCE / "config/demo-lane", "--work", work], text=True,
                          stdout=subprocess.PIPE) as starts:
        read_until(starts.stdout, "Central service")
        starts.send_signal(signal.SIGTERM)
        rest = starts.communicate(timeout=LIMIT_S)[0]
    assert starts.returncode == 0 and "Stopped" in rest
    test_no_program_stays_behind(shown, work)


def test_another_folder_is_replayed(shown, work):
    film = Shown(work, "--once", "--camera", str(work / "scenes/b-1"))
    assert film.done.returncode == 0, film.text
    assert " 0 damaged, 0 that vision could not read" in film.done.stdout
    assert "1 answers, 1 records at the central service" in film.done.stdout


def test_a_damaged_picture_is_told(shown, work, tmp_path):
    folder = tmp_path / "pictures"
    shutil.copytree(work / "scenes/a-2", folder)
    (folder / "00005.jpg").write_bytes((folder / "00005.jpg").read_bytes()[:1000])
    film = Shown(work, "--once", "--camera", str(folder))
    assert film.done.returncode == 1, film.text
    assert " 1 damaged" in film.done.stdout


def test_what_is_missing_is_said(tmp_path):
    done = subprocess.run(
        [SOURCE / "config/demo-lane", "--once", "--work", tmp_path / "work"], text=True,
        capture_output=True, timeout=LIMIT_S, check=False,
        env={**os.environ, "GATEHOUSE_CACHE": str(tmp_path)}
    )
    assert done.returncode == 1
    assert str(tmp_path / "models/fr_detect.onnx") in done.stderr


def test_the_pictures_are_named_after_nobody():
    assert all(places.picture(person[5]).name.startswith("specimen-")
               for person in voyage.TRAVELLERS)
