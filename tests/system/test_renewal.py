# SPDX-License-Identifier: Apache-2.0
"""A lane that enrols, works, and renews its certificate while it runs."""

import json
import os
import subprocess

import pytest

from lane_support import Site, WallClock, gatehouse, kinds, passage, places, settings
from test_enrolment import free_port

WAIT_S = 60


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    """A centre that issues for an hour."""
    site = Site(tmp_path, drawn)
    site.central.stop()
    sections = settings.central(site.central.folder, site.keys, site.central.port)
    site.enrol_port = free_port()
    sections["central"] |= {
        "enrol_port": site.enrol_port, "issuer_certificate_file": site.keys / "ca.pem",
        "issuer_key_file": site.keys / "ca.key", "issued_domain": "localhost", "issued_minutes": 60,
        "issued_only": "yes"}
    settings.write(site.central.config, sections)
    site.central.start()
    site.publish()
    yield site
    site.stop()


def operator(site, *words):
    return gatehouse(*words, "--config", site.central.operator())


def certificates(site):
    return json.loads(operator(site, "device", "certificates", "lane-1"))["certificates"]


def enrolled_sections(site, **uplink):
    """Settings of a lane, and its first certificate by a token that is piped in."""
    sections = site.sections()
    folder = site.folder / "own"
    folder.mkdir(mode=0o700)
    sections["uplink"] |= {"certificate_file": folder / "lane.pem", "key_file": "provider:lane", **uplink}
    config = settings.write(folder / "lane.conf", sections)
    done = subprocess.run(
        [places.programs() / "gatehouse", "enrol", "--centre", f"https://localhost:{site.enrol_port}",
         "--config", config], input=operator(site, "device", "token", "lane-1"),
        capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return sections


def certificate_line(lane):
    lines = gatehouse("lane", "status", "--config", lane.config).splitlines()
    line, = [line for line in lines if line.startswith("certificate: ")]
    return line


def witnessed(lane):
    return any(" witnessed " in line for line in lane.program.lines())


def no_key_lies_open(site):
    for path in site.folder.rglob("*"):
        if path.is_file() and site.keys not in path.parents:
            assert b"PRIVATE KEY" not in path.read_bytes(), path


def test_a_lane_enrols_works_and_renews(site):
    clock = WallClock(site.folder / "clock")
    sections = enrolled_sections(site)
    sections["retention"] = {"round_minutes": 1}
    lane = site.ready_lane(sections, clock=clock)
    first, = certificates(site)
    assert lane.status()["uplink"]["certificate"]["state"] == "fine"
    walks = [site.walk(lane, passage("another photograph"))]

    process = lane.program.process.pid
    # Two thirds of its life go by for the lane, and it has another one.
    clock.set(seconds=45 * 60)
    lane.wait("a renewal", lambda s: s["uplink"]["certificate"]["renewals"] >= 1, WAIT_S)
    clock.set()
    second = certificates(site)[-1]
    assert second["serial"] != first["serial"] and second["sha256"] != first["sha256"]
    assert lane.program.process.pid == process
    assert not (site.folder / "own/lane.pem.next").exists()

    # The first is of no use to it any more.
    operator(site, "device", "revoke-certificate", first["serial"])
    walks.append(site.walk(lane, passage("not on the manifest")))
    rows = {row["id"]: row for row in site.operator_has(lane)}
    assert [kinds(rows[walk.record]) for walk in walks] == [["passed"], ["disposition"]]
    no_key_lies_open(site)
    # What is asked beside the uplink goes by the same pair.
    lane.wait("a head to be countersigned", lambda s: witnessed(lane), 3 * WAIT_S)

    # Neither is it after a start.
    assert lane.stop() == 0
    lane.start()
    lane.wait("the centre", lambda s: s["uplink"]["online"], WAIT_S)
    assert lane.status()["uplink"]["certificate"]["renewals"] == 0

    # Revoked, it is refused at once, and says so.
    for row in certificates(site):
        if not row["revoked_time"]:
            operator(site, "device", "revoke-certificate", row["serial"])
    lane.wait("a refusal", lambda s: s["uplink"]["last_reason"] == "http_403", WAIT_S)
    said = gatehouse("lane", "status", "--config", lane.config).splitlines()[-1]
    assert said.startswith("centre: reached, but it refuses (403)")


def test_a_renewal_that_fails_is_told_and_tried_again(site):
    clock = WallClock(site.folder / "clock")
    lane = site.ready_lane(enrolled_sections(site), clock=clock)
    before = (site.folder / "own/lane.pem").read_bytes()
    site.central.stop()
    clock.set(seconds=45 * 60)
    lane.wait("a failure", lambda s: s["uplink"]["certificate"]["failures"] >= 1, WAIT_S)
    assert "renewal has failed" in certificate_line(lane)
    clock.set(seconds=50 * 60)
    lane.wait("a warning", lambda s: s["uplink"]["certificate"]["state"] == "soon", WAIT_S)
    assert "it ends soon" in certificate_line(lane)
    assert any("certificate_ends" in line for line in lane.program.lines())
    assert (site.folder / "own/lane.pem").read_bytes() == before
    site.central.start()
    lane.wait("a renewal", lambda s: s["uplink"]["certificate"]["renewals"] >= 1, 3 * WAIT_S)
    assert "renewal has failed" not in certificate_line(lane)
    assert (site.folder / "own/lane.pem").read_bytes() != before


def test_a_lane_without_a_certificate_says_how_to_get_one(site, tmp_path):
    sections = site.sections()
    sections["uplink"] |= {"certificate_file": tmp_path / "none.pem", "key_file": "provider:lane"}
    config = settings.write(tmp_path / "none.conf", sections)
    (site.folder / "lane-1").mkdir(exist_ok=True, mode=0o700)
    (site.folder / "lane-1/notice.txt").write_text(settings.NOTICE)
    done = subprocess.run([places.programs() / "gatehoused", "--config", config], capture_output=True,
                          text=True, check=False, timeout=60, env=os.environ)
    assert done.returncode != 0 and "gatehouse enrol" in done.stderr, done.stderr
