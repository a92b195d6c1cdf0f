# SPDX-License-Identifier: Apache-2.0
"""Certificates that end while a lane runs, and are renewed under it."""

import os
import subprocess
import time

import pytest

from lane_support import Site, WallClock, gatehouse, kinds, passage

DAY_S = 86400

# A certificate is valid for as long as the lane needs to start and to take the voyage up.
SHORT_S = 30
WAIT_S = 60


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    site = Site(tmp_path, drawn)
    site.publish()
    yield site
    site.stop()


def openssl(*arguments, environment=None):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True,
                   env=environment)


def issue(site, name, seconds=DAY_S):
    """The certificate of a name anew, for its key, at an end so many seconds from now."""
    keys = site.keys
    # It is valid for a day, so it is signed by a clock that is behind.
    clock = WallClock(site.folder / "signing")
    clock.set(seconds=seconds - DAY_S)
    openssl("x509", "-x509toreq", "-in", keys / f"{name}.pem", "-signkey", keys / f"{name}.key",
            "-copy_extensions", "copyall", "-out", keys / "request")
    openssl("x509", "-req", "-in", keys / "request", "-CA", keys / "ca.pem",
            "-CAkey", keys / "ca.key", "-copy_extensions", "copyall", "-days", 1,
            "-out", keys / "new", environment=clock.environment())
    os.replace(keys / "new", keys / f"{name}.pem")
    return time.monotonic() + seconds


def wait_for_end(end):
    time.sleep(max(0, end + 1 - time.monotonic()))


def alarms(lane):
    return [line for line in lane.program.lines() if line.startswith("uplink alarm ")]


def last_line(lane):
    return gatehouse("lane", "status", "--config", lane.config).splitlines()[-1]


def renew_and_see(site, lane, name, reason, walks):
    """The alarm stands, the queue is kept; with the renewed file all is delivered."""
    status = lane.wait("an alarm", lambda s: s["uplink"]["alarm"], WAIT_S)
    assert status["uplink"]["alarm"] == reason
    # Tried again and again, it is said once.
    tries = status["uplink"]["alarms"]
    lane.wait("more tries", lambda s: s["uplink"]["alarms"] > tries + 2, WAIT_S)
    assert len(alarms(lane)) == 1 and f"ALARM {reason}" in last_line(lane)
    outbox = lane.status()["outbox"]
    # Two records, two photographs, a passage and a disposition at least: who stays too long in
    # the zone of a busy machine is taken twice.
    assert outbox["waiting"] + outbox["sending"] >= 6 and outbox["quarantined"] == 0
    process = lane.program.process.pid
    issue(site, name)
    if name == "central":
        # The reference centre reads its certificate at its start.
        site.central.stop()
        site.central.restart()
    rows = {row["id"]: row for row in site.operator_has(lane)}
    assert [kinds(rows[walk.record]) for walk in walks] == [["passed"], ["disposition"]]
    assert lane.program.process.pid == process and not lane.status()["uplink"]["alarm"]
    assert last_line(lane) == "centre: reached"


@pytest.mark.parametrize(("name", "reason"), [("lane-1", "own_certificate"),
                                              ("central", "peer_certificate")])
def test_a_certificate_that_ends_is_an_alarm_and_its_renewal_is_enough(site, name, reason):
    end = issue(site, name, SHORT_S)
    if name == "central":
        site.central.stop()
        site.central.restart()
    lane = site.ready_lane()
    assert not lane.status()["uplink"]["alarm"]
    wait_for_end(end)
    # The connection that is kept ends, as the network ends one now and then.
    site.central.stop()
    walks = [site.walk(lane, passage(title))
             for title in ("another photograph", "not on the manifest")]
    site.central.restart()
    renew_and_see(site, lane, name, reason, walks)
