# SPDX-License-Identifier: Apache-2.0
"""gatehouse manifest: what an operator is told of lists and portraits, as files really come."""

import json
import os
import re
import subprocess

import pytest

from lane_support import places, voyage

FINE, FOUND, BAD_INPUT = 0, 1, 65
LIMIT_S = 60
DEPARTURE = voyage.departure()
PASSENGERS = [traveller[:5] for traveller in voyage.TRAVELLERS]
OTHERS = list(voyage.others())


def run(*words):
    """The exit status, the answer in JSON, and what was said on stderr."""
    done = subprocess.run(
        [places.programs() / "gatehouse", "manifest", *map(str, words), "--json"], text=True,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture(name="write")
def make_write(tmp_path):
    def write(text, name="list.edi"):
        (tmp_path / name).write_text(text)
        return tmp_path / name
    return write


def renamed(interchange, reference):
    return interchange.replace("REF0001", reference)


def as_crew(interchange):
    for passenger, crew in (("BGM+745", "BGM+250"), ("NAD+FL", "NAD+FM"), ("CNT+42", "CNT+41")):
        interchange = interchange.replace(passenger, crew)
    return interchange


def test_interchanges_of_one_voyage_make_one_list(write, tmp_path):
    parts = (voyage.paxlst(PASSENGERS, DEPARTURE)
             + "-- \nsent by mail\n" + renamed(voyage.paxlst(OTHERS[:5], DEPARTURE), "REF0002")
             + renamed(as_crew(voyage.paxlst(OTHERS[5:8], DEPARTURE)), "REF0003"))
    status, report, _ = run("import", write(parts), "--out", tmp_path / "v.bundle", "--test")
    assert status == FOUND  # nobody has a portrait
    assert report["voyage"]["persons"] == len(PASSENGERS) + 8
    assert report["warnings"] == []


def test_an_interchange_sent_again_adds_nobody(write):
    one = voyage.paxlst(PASSENGERS, DEPARTURE)
    assert run("check", write(one + one))[1]["voyage"]["persons"] == len(PASSENGERS)


def test_a_warning_tells_its_interchange(write):
    second = renamed(voyage.paxlst(OTHERS[:3], DEPARTURE), "REF0002").replace("UNZ+1", "UNZ+7")
    warnings = run("check", write(voyage.paxlst(PASSENGERS, DEPARTURE) + second))[1]["warnings"]
    assert [(one["interchange"], one["text"]) for one in warnings] == [
        (2, "UNZ counts 7, there are 1")]


@pytest.mark.parametrize("second, reason", [
    (voyage.paxlst(OTHERS[:2], DEPARTURE, "ZZ0999"), "another voyage"),
    (voyage.paxlst(OTHERS[:2], DEPARTURE), "has been applied before"),
    (renamed(voyage.paxlst(OTHERS[:2], DEPARTURE), "REF0002")[:-20], "interchange 2: segment"),
])
def test_a_second_interchange_is_refused_like_the_first(write, tmp_path, second, reason):
    """No list is made of half a file."""
    path = write(voyage.paxlst(PASSENGERS, DEPARTURE) + second)
    status, answer, told = run("import", path, "--out", tmp_path / "v.bundle")
    assert status == BAD_INPUT
    assert reason in answer["reason"] and str(path) in told
    assert not (tmp_path / "v.bundle").exists()


def test_more_interchanges_than_anybody_sends(write):
    one = voyage.paxlst([], DEPARTURE)
    status, answer, _ = run("check", write(one * 257))
    assert (status, answer["status"]) == (BAD_INPUT, "too_large")


def test_a_change_can_be_checked_without_its_list(write):
    text = voyage.paxlst(PASSENGERS, DEPARTURE).replace("BGM+745", "BGM+745+CP")
    status, report, _ = run("check", write(text))
    assert (status, report["purpose"]) == (FINE, "change")
    assert report["voyage"]["persons"] == len(PASSENGERS)
    assert report["voyage"]["id"] is None
    assert report["voyage"]["departure"].startswith(f"{DEPARTURE:%Y-%m-%dT%H:%M}")


def test_a_change_makes_no_bundle_without_its_list(write, tmp_path):
    text = voyage.paxlst(PASSENGERS, DEPARTURE).replace("BGM+745", "BGM+745+CP")
    status, answer, _ = run("import", write(text), "--out", tmp_path / "v.bundle")
    assert (status, answer["status"]) == (BAD_INPUT, "conflict")


def test_no_departure_is_not_the_first_day_of_all(write):
    text = re.sub(r"DTM\+189[^\n]*\n", "", voyage.paxlst(PASSENGERS, DEPARTURE))
    assert run("check", write(text))[1]["voyage"]["departure"] is None


def test_check_and_import_agree_on_a_disorderly_folder(write, tmp_path):
    portraits = tmp_path / "portraits"
    portraits.mkdir()
    (portraits / "UTO-L898902C3.jpg").mkdir()
    os.mkfifo(portraits / "USA-340020013.jpg")
    (portraits / "UTO-X0000001.png").write_bytes(b"a picture, as far as a bundle goes")
    path = write(voyage.paxlst(PASSENGERS + OTHERS[:1], DEPARTURE))
    words = (path, "--portraits", portraits)
    checked = run("check", *words)
    imported = run("import", *words, "--out", tmp_path / "v.bundle")
    assert checked[0] == imported[0] == FOUND
    assert checked[1]["portraits"] == imported[1]["portraits"]
    assert imported[1]["portraits"]["unreadable"] == 2
    assert imported[1]["portraits"]["persons_with"] == 1
    assert [one["row"] for one in imported[1]["findings"]] == [1, 2]
