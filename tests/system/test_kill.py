# SPDX-License-Identifier: Apache-2.0
"""Lane and centre killed at random moments of passages: nothing lost, nothing doubled."""

import os
import random
import time

import pytest

from lane_support import Site, draw_scenes, kill, kinds, need_demo_files

ROUNDS = 60 if os.environ.get("GATEHOUSE_LONG") == "1" else 8
SCENES = ("a-2", "b-1", "c-1", "a-3")
WAIT_S = 30

# From before the photograph to after the gate has closed.
AFTER_CAPTURE_S = 1.2
AFTER_ANSWER_S = 0.4


@pytest.fixture(name="site")
def make_site(tmp_path):
    need_demo_files()
    site = Site(tmp_path, draw_scenes())
    site.publish()
    yield site
    site.stop()


def take_note(status, answered):
    """Every answer that was seen, by its record."""
    for answer in status["lane"]["answers"]:
        answered[answer["record"]] = answer["decision"]


def lose_power(site, lane, draw, answered):
    """Somebody comes, and at some moment from capture to act the lane, or the centre, is gone."""
    lane.show(site.scenes / draw.choice(SCENES))
    lane.wait("capture", lambda s: s["lane"]["state"] in ("capture", "act", "officer"), WAIT_S)
    if draw.random() < 0.6:
        # Around the answer: compare, decide and record take milliseconds.
        take_note(lane.wait("an answer", lambda s: s["lane"]["answers"], WAIT_S), answered)
        time.sleep(draw.random() * AFTER_ANSWER_S)
    else:
        time.sleep(draw.random() * AFTER_CAPTURE_S)
    if draw.random() < 0.3:
        kill(site.central.program)
        site.central.restart()
    kill(lane.program)


@pytest.fixture(name="lane")
def make_lane(site):
    sections = site.sections()
    # Nobody's referral ends while this looks.
    sections["transaction"]["officer_timeout_ms"] = 7200000
    return site.ready_lane(sections)


def test_a_kill_at_any_moment_loses_nothing_that_was_answered(site, lane):
    seed = int(os.environ.get("GATEHOUSE_SEED", "1"))
    print(f"GATEHOUSE_SEED={seed}")
    draw = random.Random(seed)
    answered = {}
    for _ in range(ROUNDS):
        lose_power(site, lane, draw, answered)
        lane.start()
        lane.wait_idle(WAIT_S)
    # Each answer that anybody saw was on the disk before.
    rows = {row["id"]: row for row in site.operator_has(lane)}
    assert len(rows) == len(site.central.encounters())
    print(f"{ROUNDS} rounds, {len(answered)} answers seen, {len(rows)} records")
    assert answered and set(answered) <= set(rows)
    for record, decision in answered.items():
        assert rows[record]["decision"] == decision
    for row in rows.values():
        ended = [kind for kind in kinds(row) if kind in ("passed", "not_passed", "passage_unknown")]
        assert len(ended) == (row["decision"] == "go"), row
    status = lane.status()
    assert status["outbox"]["quarantined"] == 0
    # Who waits for an officer still does.
    owed = {row["id"] for row in rows.values()
            if row["decision"] == "referral" and "disposition" not in kinds(row)}
    assert {one["record"] for one in status["lane"]["open"]} == owed


