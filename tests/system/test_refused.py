# SPDX-License-Identifier: Apache-2.0
"""What a centre refuses for good, what a lane refuses of a centre."""

import http.client
import json
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from central_service import make_goods
from lane_support import Site, gatehouse, kill, kinds, passage, settings, start_refused

WAIT_S = 30
FAILED = 70
VOYAGE = "7d4f1f6e-5b0c-4c1e-9e53-0f6f6a0d0001"


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    site = Site(tmp_path, drawn)
    yield site
    site.stop()


def context_of(keys, name, server=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(keys / f"{name}.pem", keys / f"{name}.key")
    context.load_verify_locations(keys / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def put_as_lane(site, path, value):
    """What somebody with the lane's certificate sends the centre."""
    link = http.client.HTTPSConnection("localhost", site.central.port,
                                       context=context_of(site.keys, "lane-1"))
    link.request("PUT", path, json.dumps(value), {"Content-Type": "application/json"})
    status = link.getresponse().status
    link.close()
    return status


def outbox(lane, *words):
    return gatehouse("outbox", *words, "--config", lane.config)


def test_another_record_under_the_same_id_is_set_aside(site, tmp_path):
    site.publish()
    sections = site.sections()
    # Away until the centre has something else under the record's id.
    sections["uplink"]["url"] = "https://localhost:1"
    lane = site.lane(sections)
    lane.wait_idle()
    walk = site.walk(lane, passage("opts out"))
    record = json.loads((make_goods(tmp_path / "goods") / "record-0.json").read_bytes())
    record |= {"id": walk.record}
    assert put_as_lane(site, f"/v1/encounters/{walk.record}", record) == 201
    assert lane.stop() == 0
    sections["uplink"]["url"] = f"https://localhost:{site.central.port}"
    lane = site.lane(sections)
    lane.wait("quarantine", lambda s: s["outbox"]["quarantined"] == 1, WAIT_S)
    listed = outbox(lane, "show", walk.record)
    assert f"{walk.record} encounter quarantined attempts=" in listed
    assert "reason=http_409 conflict" in listed
    # What belongs to it waits for it, and the lane goes on.
    assert "addendum  held" in listed and lane.state() == "idle"
    assert "1 set aside" in gatehouse("lane", "status", "--config", lane.config)
    assert outbox(lane, "retry", walk.record) == "due now\n"
    lane.wait("another try", lambda s: s["uplink"]["quarantined"] == 2, WAIT_S)
    assert outbox(lane, "list").count("reason=http_409 conflict") == 1
    assert lane.status()["outbox"]["quarantined"] == 1


class BrokenCentre(BaseHTTPRequestHandler):
    """Lists one voyage, and sends something else each time it is asked for."""

    protocol_version = "HTTP/1.1"
    bodies = []
    asked = 0

    def do_GET(self):
        if self.path == "/v1/voyages":
            kind = type(self)
            kind.asked += 1
            # Another version each time, as a refused one is not asked for again so soon.
            etag = f"{kind.asked:064x}"
            self.answer(json.dumps({"voyages": [{"id": VOYAGE, "etag": etag}]}).encode())
        elif self.path == f"/v1/voyages/{VOYAGE}":
            self.answer(self.bodies[type(self).asked % len(self.bodies)])
        else:
            self.answer(b"{")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(name="broken")
def make_broken(site, tmp_path):
    good = make_goods(tmp_path / "goods")
    bundle = (good / "voyage-1.bundle").read_bytes()
    BrokenCentre.bodies = [b"", b"not a bundle", bundle[:len(bundle) // 2], bundle[:64],
                           bundle[:100] + bytes(len(bundle) - 100), bundle + b"x",
                           bundle.replace(b"e", b"f"), bundle]
    server = ThreadingHTTPServer(("127.0.0.1", 0), BrokenCentre)
    server.socket = context_of(site.keys, "central", True).wrap_socket(
        server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_broken_bundles_are_refused_and_said(site, broken):
    sections = site.sections()
    sections["uplink"] |= {"url": f"https://localhost:{broken.server_address[1]}",
                           "voyages_interval_ms": 1000}
    lane = site.lane(sections)
    lane.wait_idle()
    lane.wait("all of them", lambda s: s["refused_voyages"] and
              s["refused_voyages"][0]["times"] >= len(BrokenCentre.bodies), 60)
    (refused,) = lane.status()["refused_voyages"]
    assert refused["voyage"] == VOYAGE and refused["reason"]
    assert f"voyage refused: {VOYAGE}, " in gatehouse("lane", "status", "--config", lane.config)
    metrics = gatehouse("metrics", "--config", lane.config)
    assert "gatehouse_voyages_refused 1\n" in metrics
    assert 'gatehouse_voyage_refusals_total{reason="' in metrics
    assert lane.state() == "idle" and lane.status()["gallery"]["voyages"] == 0
    # Nothing of them stays.
    assert [path.name for path in (lane.folder / "download").iterdir()] == []
    site.walk(lane, passage("opts out"))
    assert lane.stop() == 0


def test_two_lanes_of_one_id_are_told_apart_by_nothing_and_lose_nothing(site):
    site.publish()
    lane = site.ready_lane()
    sections = site.sections("lane-2")
    sections["lane"]["id"] = "lane-1"
    sections["uplink"] |= settings.client(site.keys, "lane-1", site.central.port)
    twin = site.ready_lane(sections, name="lane-2")
    walks = [site.walk(one, passage("not on the manifest")) for one in (lane, twin)]
    twin.wait_delivered()
    rows = {row["id"]: row for row in site.operator_has(lane)}
    assert set(rows) == {walk.record for walk in walks}
    assert all(kinds(row) == ["disposition"] for row in rows.values())


def test_a_socket_that_a_crash_left_is_taken_over(site):
    lane = site.lane()
    kill(lane.program)
    assert lane.sections["lane"]["control_socket"].exists()
    lane.start()
    assert lane.state() in ("manual", "idle")


@pytest.mark.parametrize("what", ["a file", "a folder", "another program's"])
def test_a_socket_path_that_is_taken_is_refused(site, tmp_path, what):
    path = tmp_path / "taken"
    sections = site.sections()
    sections["lane"]["control_socket"] = path
    script = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]);"
              "s.listen(1); print('up', flush=True); sys.stdin.read()")
    other = subprocess.Popen([sys.executable, "-c", script, str(path) if what[0:2] == "an" else
                              str(tmp_path / "beside")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"up\n"
        if what == "a file":
            path.write_text("somebody's")
        elif what == "a folder":
            path.mkdir()
        status, said = start_refused(site.folder / "lane-1", sections)
    finally:
        other.communicate()
    last = said.splitlines()[-1]
    assert status == FAILED and last.startswith("gatehoused: ") and str(path) in last, said
    assert what != "a file" or path.read_text() == "somebody's"


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(site, mode):
    folder = site.folder / "lane-1"
    folder.mkdir()
    sections = site.sections()
    sections["lane"]["data_directory"] = data = site.folder / "data"
    data.mkdir()
    data.chmod(mode)
    status, said = start_refused(folder, sections)
    assert status == FAILED and said.count("\n") == 1
    assert said.startswith("gatehoused: [lane] data_directory")
    assert f"{data} has mode {mode:04o}" in said
    assert list(data.iterdir()) == []


def test_a_centre_keeps_to_the_same(tmp_path):
    keys = tmp_path / "keys"
    gatehouse("demo", "keys", keys)
    sections = settings.central(tmp_path / "data", keys)
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    status, said = start_refused(tmp_path, sections, "gatehouse-central")
    assert status == FAILED and "has mode 0777" in said


@pytest.mark.parametrize(("section", "options"), [
    ("camera", "pace=never"), ("camera", "="), ("gate", "open_ms=-1"), ("gate", "no_such=1"),
    ("display", "x" * 100),
])
def test_device_options_that_make_no_sense(site, section, options):
    sections = site.sections()
    sections[section]["options"] = options
    lane = site.lane(sections)
    lane.wait("a word on it", lambda s: any(
        word in line for line in lane.program.lines()
        for word in (f"{section}_missing", "device_missing", "camera_missing")), WAIT_S)
    assert lane.state() == "manual" and section in lane.status()["lane"]["lost_devices"]
    assert lane.stop() == 0

