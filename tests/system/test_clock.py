# SPDX-License-Identifier: Apache-2.0
"""A real lane whose wall clock is set by hours, while it runs and while it is off."""

import contextlib
import datetime
import json
import shutil
import sqlite3

import pytest

from lane_support import Site, TEMPLATES, TIMES, WallClock, kill, kinds, passage, passages

JUMPS_HOURS = (5, -5, 0)
WAIT_S = 30

# A busy machine may add as much again.
CAPTURE_MS = TIMES["capture_timeout_ms"]

# Beyond the voyage's end and the two hours after it.
OVER_HOURS = 10


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    site = Site(tmp_path, drawn)
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="clock")
def make_clock(tmp_path):
    return WallClock(tmp_path / "clock")


@pytest.fixture(name="lane")
def make_lane(site, clock):
    return site.ready_lane(clock=clock)


def hours_off(text):
    """How far a time in a record is from this machine's, in hours."""
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (time - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3600


def test_a_capture_neither_hangs_nor_fires(site, lane, clock):
    records = []
    for hours in JUMPS_HOURS:
        lane.show(site.scenes / "abreast")
        lane.wait("capture", lambda s: s["lane"]["state"] == "capture", WAIT_S)
        clock.set(hours)
        status = lane.wait("the officer", lambda s: s["lane"]["state"] == "officer", WAIT_S)
        answer = passages.newest(status)
        assert answer["reason"] == "several_faces"
        assert CAPTURE_MS - 100 <= answer["answer_ms"] <= 2 * CAPTURE_MS
        # What the clock said when it happened stands in the record.
        assert abs(hours_off(answer["event_time"]) - hours) < 0.1
        lane.tell("dispose", answer["record"], "secondary", "officer-7", "inspected")
        passages.clear(lane, site.scenes)
        records.append(answer["record"])
    rows = site.operator_has(lane)
    assert [row["id"] for row in rows] == records
    assert [round(hours_off(row["event_time"])) for row in rows] == list(JUMPS_HOURS)
    # Each is received by the centre's own clock.
    assert all(abs(hours_off(row["uploaded_time"])) < 0.1 for row in rows)


def test_a_pause_of_the_uplink_ends_as_it_would_have(site, lane, clock):
    assert site.central.stop() == 0
    site.walk(lane, passage("opts out"))
    for hours in JUMPS_HOURS:
        lane.wait("a pause", lambda s: s["uplink"]["backoff_ms"] > 0, WAIT_S)
        clock.set(hours)
    site.central.restart()
    (row,) = site.operator_has(lane)
    assert kinds(row) == ["disposition"]


def test_a_referral_waits_on_and_never_longer(site, lane, clock):
    lane.show(site.scenes / "b-1")
    status = lane.wait("a referral", lambda s: s["lane"]["open"], WAIT_S)
    record = status["lane"]["open"][0]["record"]
    for hours in JUMPS_HOURS:
        clock.set(hours)
        (waits,) = lane.status()["lane"]["open"]
        assert waits["record"] == record and waits["age_s"] < 2 * WAIT_S
    # Off, and the clock is set back meanwhile: it waits as long as the setting says.
    kill(lane.program)
    clock.set(-5)
    lane.start()
    (waits,) = lane.status()["lane"]["open"]
    assert (waits["record"], waits["referrals"]) == (record, ["not_found"])
    # Set on: its time is over by all that is known.
    kill(lane.program)
    clock.set(5)
    lane.start()
    assert lane.status()["lane"]["open"] == []
    clock.set(0)
    row = next(row for row in site.operator_has(lane) if row["id"] == record)
    assert row["addenda"] == [{"kind": "disposition", "disposition": "abandoned"}]


def loads(lane):
    return sum("gallery load" in line for line in lane.program.lines())


def test_a_voyage_that_is_over_by_the_clock_comes_back_when_it_is_right(site, lane, clock):
    clock.set(OVER_HOURS)
    lane.wait("no voyage", lambda s: s["gallery"]["voyages"] == 0, WAIT_S)
    # The centre lists it all the same: it is not fetched again and again.
    before = loads(lane)
    seen = set()
    lane.wait("three more lists", lambda s: seen.add(s["uplink"]["last_success"]) or len(seen) > 9,
              WAIT_S)
    assert loads(lane) == before
    lane.show(site.scenes / "a-2")
    status = lane.wait("an answer", lambda s: s["lane"]["answers"], WAIT_S)
    assert "gallery_not_ready" in passages.newest(status)["referrals"]
    lane.tell("dispose", "current", "secondary", "officer-7", "inspected")
    passages.clear(lane, site.scenes)
    clock.set(0)
    lane.wait_enrolled(TEMPLATES)
    assert lane.status()["gallery"]["voyages_active"] == 1


def photographs(lane):
    """When the photographs in the outbox are to be destroyed, in hours from now."""
    data = lane.sections["lane"]["data_directory"]
    # The lane keeps the database to itself: a copy is read.
    for name in ("outbox.db", "outbox.db-wal"):
        shutil.copy(data / name, data / name.replace("outbox", "copy"))
    with contextlib.closing(sqlite3.connect(data / "copy.db")) as database:
        rows = database.execute("SELECT destroy_by_ms FROM item WHERE kind = 1").fetchall()
    now_ms = datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000
    return [round((row[0] - now_ms) / 3600000) for row in rows]


def test_a_photograph_lives_no_longer_for_a_clock_that_was_ahead(site, lane, clock):
    assert site.central.stop() == 0
    clock.set(1)
    site.walk(lane, passage("not on the manifest"))
    assert photographs(lane) == [13]
    # What is over is looked for every ten seconds; by then the clock is known as it was.
    uptime = lane.status()["uptime_s"]
    lane.wait("a look", lambda s: s["uptime_s"] > uptime + 11, WAIT_S)
    clock.set(0)
    lane.wait("a shorter life", lambda s: photographs(lane) == [12], WAIT_S)
    # And while it is off.
    kill(lane.program)
    clock.set(-3)
    lane.start()
    lane.wait("a shorter life", lambda s: photographs(lane) == [9], WAIT_S)
    clock.set(0)
    site.central.restart()
    (row,) = site.operator_has(lane)
    assert row["photo"] == "stored"


def clock_addenda(site):
    """Encounter and offset of each, as the centre keeps them."""
    data = site.central.folder
    for name in ("central.db", "central.db-wal"):
        shutil.copy(data / name, data / name.replace("central", "copy"))
    with contextlib.closing(sqlite3.connect(data / "copy.db")) as database:
        rows = database.execute("SELECT json FROM addendum WHERE kind = 'clock'").fetchall()
    found = [json.loads(row[0]) for row in rows]
    return {item["encounter"]: item["clock"]["offset_ms"] for item in found}


def test_what_a_clock_in_doubt_wrote_is_corrected_later(site, lane, clock):
    clock.synchronised(False)
    clock.set(-5)
    walked = [site.walk(lane, passage("opts out"))]
    clock.set(-4)
    walked.append(site.walk(lane, passage("not on the manifest")))
    # The process may end meanwhile, as long as the machine does not.
    kill(lane.program)
    lane.start()
    clock.set(0)
    assert clock_addenda(site) == {}
    clock.synchronised(True)
    lane.wait("both corrected", lambda s: len(clock_addenda(site)) == 2, WAIT_S)
    offsets = clock_addenda(site)
    assert [round(offsets[walk.record] / 3600000) for walk in walked] == [5, 4]
    # A record of a clock that is right needs none.
    site.walk(lane, passage("opts out"))
    uptime = lane.status()["uptime_s"]
    lane.wait("a look", lambda s: s["uptime_s"] > uptime + 11, WAIT_S)
    site.operator_has(lane)
    assert clock_addenda(site) == offsets
