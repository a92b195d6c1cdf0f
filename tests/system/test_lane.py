# SPDX-License-Identifier: Apache-2.0
"""A real lane when its centre, its devices, its power or its disk fail."""

import os
import random
import signal

import pytest

from lane_support import Site, TEMPLATES, gatehouse, kinds, passage, passages, wait_until

STOP_S = 12
MEND_S = 5

ALARM_S = 20
KILLS = 4


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    """A centre with a voyage; lanes are started by the test and stopped here."""
    site = Site(tmp_path, drawn)
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="lane")
def make_lane(site):
    return site.ready_lane()


def without_passing(site):
    """A gate through which nobody goes by himself."""
    sections = site.sections()
    sections["gate"]["options"] = "open_ms=50,close_ms=50"
    return sections


def kill(lane):
    """As a power cut would: nothing is written any more."""
    os.kill(lane.program.process.pid, signal.SIGKILL)
    assert lane.program.process.wait(STOP_S) == -signal.SIGKILL


def test_a_centre_that_is_away_loses_nothing(site, lane):
    assert site.central.stop() == 0
    walks = [site.walk(lane, passage(title)) for title in
             ("another photograph", "not on the manifest", "face cut")]
    queued = lane.status()["outbox"]
    # Three records, two photographs, a passage and two dispositions.
    assert queued["waiting"] + queued["sending"] == 8
    site.central.restart()
    rows = site.operator_has(lane)
    assert sorted(row["id"] for row in rows) == sorted(walk.record for walk in walks)
    assert sorted(kinds(row) for row in rows) == [["disposition"], ["disposition"], ["passed"]]
    outbox = lane.status()["outbox"]
    assert outbox["quarantined"] == 0 and outbox["acknowledged"] == 8


def test_a_lane_that_lost_power_at_the_open_gate(site):
    lane = site.ready_lane(without_passing(site))
    lane.show(site.scenes / "a-2")
    status = lane.wait("the gate", lambda s: s["lane"]["state"] == "act", 20)
    record = passages.newest(status)["record"]
    kill(lane)
    lane.start()
    # The gallery is there again without a centre to send it: enrolled before.
    lane.wait_enrolled(TEMPLATES)
    (row,) = site.operator_has(lane)
    assert row["id"] == record and kinds(row) == ["passage_unknown"]
    lane.show(site.scenes / "empty")
    lane.wait_idle()
    site.walk(lane, passage("the same person a second time"))


def test_a_referral_outlives_the_lanes_restart(site, lane):
    before = passages.newest(lane.status())["number"]
    lane.show(site.scenes / "b-1")
    status = lane.wait("a referral", lambda s: passages.newest(s)["number"] > before, 20)
    record = passages.newest(status)["record"]
    kill(lane)
    lane.start()
    assert lane.status()["lane"]["open_referrals"] == 1
    lane.tell("dispose", record, "secondary", "officer-7", "document_inspected")
    assert lane.status()["lane"]["open_referrals"] == 0
    row = next(row for row in site.operator_has(lane) if row["id"] == record)
    assert kinds(row) == ["disposition"]


def test_a_lane_that_loses_power_at_any_moment(site, lane):
    seed = int(os.environ.get("GATEHOUSE_SEED", "1"))
    print(f"GATEHOUSE_SEED={seed}")
    draw_ms = random.Random(seed)
    for scene in ("a-2", "b-1", "c-1", "a-3")[:KILLS]:
        before = passages.newest(lane.status())["number"]
        lane.show(site.scenes / scene)
        with_answer = draw_ms.random() < 0.5
        if with_answer:
            lane.wait("an answer", lambda s: passages.newest(s)["number"] > before, 20)
        lane.wait("some moment", lambda s: draw_ms.random() < 0.2, 20)
        kill(lane)
        lane.start()
        lane.wait_idle()
    rows = site.operator_has(lane)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        passed = [kind for kind in kinds(row) if kind.startswith(("passed", "passage_unknown"))]
        assert len(passed) == (row["decision"] == "go"), row
    assert lane.status()["outbox"]["quarantined"] == 0


@pytest.mark.parametrize("scene", ["empty", "abreast"], ids=["idle", "in capture"])
def test_sigterm_ends_it_in_time(site, lane, scene):
    lane.show(site.scenes / scene)
    if scene != "empty":
        lane.wait("capture", lambda s: s["lane"]["state"] == "capture", 20)
    lane.program.process.send_signal(signal.SIGTERM)
    assert lane.program.process.wait(STOP_S) == 0
    assert not lane.sections["lane"]["control_socket"].exists()


def test_two_lanes_tell_each_other_who_has_passed(site, lane):
    other = site.ready_lane(name="lane-2")
    site.walk(lane, passage("another photograph"))
    lane.wait_delivered()
    # The other lane hears of it with its next look at the centre's list.
    other.wait("a look at the centre", looked_again(other), 20)
    site.walk(other, passage("the same person a second time"))
    assert passages.newest(other.status())["passages_checked"]
    site.walk(other, passage("one to one"))
    rows = site.operator_has(other) + site.operator_has(lane)
    assert sorted(row["decision"] for row in rows) == ["go", "go", "referral"]


def looked_again(lane):
    """True once the lane has asked the centre twice more since now."""
    counts = []

    def looked(status):
        success = status["uplink"]["last_success"]
        if success not in counts:
            counts.append(success)
        return len(counts) > 2
    return looked


def test_a_camera_that_is_pulled_and_put_back(site, lane):
    process = lane.program.process.pid
    lane.tell("rehearse", "camera", "unplug")
    status = lane.wait("manual", lambda s: s["lane"]["state"] == "manual", MEND_S)
    assert status["lane"]["lost_devices"] == ["camera"]
    lane.tell("rehearse", "camera", "replug")
    lane.wait_idle(MEND_S)
    site.walk(lane, passage("another photograph"))
    assert lane.program.process.pid == process


def test_a_camera_that_is_pulled_during_capture_is_on_record(site, lane):
    lane.show(site.scenes / "abreast")
    lane.wait("capture", lambda s: s["lane"]["state"] == "capture", 20)
    lane.tell("rehearse", "camera", "unplug")
    status = lane.wait("an answer", lambda s: s["lane"]["answers"], MEND_S)
    answer = passages.newest(status)
    assert (answer["capture"], answer["reason"]) == ("not_captured", "camera_fault")
    lane.tell("dispose", answer["record"], "proceed", "officer-7", "document_inspected")
    lane.wait("manual", lambda s: s["lane"]["state"] == "manual", MEND_S)
    # What is opened again is what the settings name: the empty scene.
    lane.tell("rehearse", "camera", "replug")
    lane.wait_idle(MEND_S)
    (row,) = site.operator_has(lane)
    assert row["reason"] == "camera_fault" and kinds(row) == ["disposition"]


def test_a_silent_display_makes_it_manual(site, lane):
    lane.tell("rehearse", "display", "mute")
    lane.show(site.scenes / "a-2")
    status = lane.wait("manual", lambda s: s["lane"]["state"] == "manual", 10)
    assert status["lane"]["lost_devices"] == ["display"] and not status["lane"]["answers"]
    lane.show(site.scenes / "empty")
    lane.tell("rehearse", "display", "unmute")
    lane.wait_idle(2 * MEND_S)
    site.walk(lane, passage("another photograph"))


def test_a_gate_that_is_stuck_is_the_officers(site):
    lane = site.ready_lane(without_passing(site))
    lane.tell("rehearse", "gate", "block")
    lane.show(site.scenes / "a-2")
    status = lane.wait("the officer", lambda s: s["lane"]["state"] == "officer", 20)
    record = passages.newest(status)["record"]
    lane.tell("dispose", record, "proceed", "officer-7", "gate_fault")
    passages.clear(lane, site.scenes)
    (row,) = site.operator_has(lane)
    # Addenda travel side by side: which arrives first is chance.
    assert sorted(kinds(row)) == ["disposition", "not_passed"]


def test_a_booth_is_the_officers_from_start_to_end(site):
    sections = site.sections()
    sections["lane"]["mode"] = "booth"
    del sections["gate"]
    lane = site.ready_lane(sections)
    lane.show(site.scenes / "a-2")
    lane.wait("somebody", lambda s: s["lane"]["zone_occupied"], 10)
    assert lane.state() == "idle"
    lane.tell("start", "officer-7")
    status = lane.wait("an answer", lambda s: s["lane"]["answers"], 20)
    answer = passages.newest(status)
    assert (answer["outcome"], answer["decision"]) == ("match", "go")
    assert status["lane"]["state"] == "officer"
    lane.tell("dispose", "current", "proceed", "officer-7", "document_inspected")
    assert lane.state() == "idle"
    (row,) = site.operator_has(lane)
    assert row["addenda"] == [{"kind": "disposition", "disposition": "proceed"}]


@pytest.mark.parametrize("what", ["the lane's certificate", "the centre's certificate"])
def test_a_wrong_certificate_is_an_alarm_and_no_loss(site, what):
    strange = site.folder / "strange"
    gatehouse("demo", "keys", strange, "lane-1:lane")
    sections = site.sections()
    right = dict(sections["uplink"])
    if what == "the lane's certificate":
        sections["uplink"] |= {"certificate_file": strange / "lane-1.pem",
                               "key_file": strange / "lane-1.key"}
    else:
        sections["uplink"]["ca_file"] = strange / "ca.pem"
    lane = site.lane(sections)
    lane.wait_idle()
    walk = site.walk(lane, passage("opts out"))
    status = lane.wait("an alarm", lambda s: s["uplink"]["alarm"], ALARM_S)
    assert not status["uplink"]["online"] and status["outbox"]["quarantined"] == 0
    assert status["outbox"]["waiting"] + status["outbox"]["sending"] == 2
    assert lane.stop() == 0
    sections["uplink"] = right
    lane = site.lane(sections)
    assert [row["id"] for row in site.operator_has(lane)] == [walk.record]


def test_a_voyage_that_a_stranger_signed_is_not_used(site):
    strange = site.folder / "strange"
    gatehouse("demo", "keys", strange, "lane-1:lane")
    sections = site.sections()
    sections["uplink"]["voyages_ca_file"] = strange / "ca.pem"
    lane = site.lane(sections)
    lane.wait_idle()
    wait_until("a refusal", lambda: "voyage_refused" in lane.program.log.read_text(), 20)
    assert "the signer is not trusted" in lane.program.log.read_text()
    assert lane.status()["gallery"]["templates"] == 0
    assert lane.stop() == 0
    del sections["uplink"]["voyages_ca_file"]
    site.lane(sections).wait_enrolled(TEMPLATES)
