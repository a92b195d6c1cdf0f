# SPDX-License-Identifier: Apache-2.0
"""A lane and a centre that speaks HTTP/2: all goes over one connection, several at a time."""

import base64
import hashlib

import pytest

from lane_support import Site, draw_scenes, need_demo_files, passage, settings

pytest.importorskip("h2", reason="python3-h2 is not installed")

from http2_centre import Centre  # noqa: E402

WAIT_S = 60


@pytest.fixture(name="site")
def make_site(tmp_path):
    need_demo_files()
    site = Site(tmp_path, draw_scenes())
    site.publish()
    yield site
    site.stop()


def queue_up(site):
    """A lane with records of two travellers that wait for the centre, stopped."""
    lane = site.ready_lane()
    site.central.stop()
    for title in ("another photograph", "not on the manifest"):
        site.walk(lane, passage(title))
    lane.program.stop()
    return lane


def test_deliveries_share_one_connection(site):
    lane = queue_up(site)
    with Centre(site.keys, gather=4) as centre:
        lane.sections["uplink"] |= {"url": f"https://localhost:{centre.port}",
                                     "heartbeat_interval_ms": 0}
        settings.write(lane.config, lane.sections)
        lane.start()
        lane.wait_delivered()
        kinds = {path.split("/")[2] for path in centre.bodies}
        assert kinds == {"encounters", "addenda"}
        assert any(path.endswith("/photo") and len(body) > 10000
                   for path, body in centre.bodies.items())
        for path, body in centre.bodies.items():
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            assert centre.digests[path] == f"sha-256=:{digest}:"
        assert centre.connections == 1
        assert 2 <= centre.open_most <= 4


def test_http2_can_be_left_off(site):
    lane = queue_up(site)
    with Centre(site.keys, gather=4) as centre:
        lane.sections["uplink"] |= {"url": f"https://localhost:{centre.port}", "http2": "no"}
        settings.write(lane.config, lane.sections)
        lane.start()
        # This centre speaks nothing else, and cuts the line.
        lane.wait("an attempt", lambda s: s["uplink"]["later"] > 0, WAIT_S)
        assert centre.bodies == {} and lane.status()["outbox"]["quarantined"] == 0
