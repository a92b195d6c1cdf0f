# SPDX-License-Identifier: Apache-2.0
"""What a technician sees of deliveries: receipts, and a proxy on the way to the centre."""

import json
import subprocess
from pathlib import Path

import pytest

from lane_support import Site, gatehouse, kill, passage, places, settings, start_refused
from demo_lane.programs import gatehouse_json
from proxy import Proxy

WAIT_S = 60
CREDENTIALS = "lane-1:specimen:word"


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    site = Site(tmp_path, drawn)
    yield site
    site.stop()


def central_key(site):
    """The key that the centre signs by, as its operator reads it there."""
    site.central.stop()
    key = gatehouse_json("keys", "list", "--config", site.central.config)["public_key"]
    site.central.restart()
    return key


def receipts(lane, *words):
    return gatehouse_json("outbox", "receipts", *words, "--config", lane.config)


def verify(file, key, allowed=(0,)):
    return gatehouse("outbox", "verify", file, "--central-key", key, allowed=allowed)


def test_what_was_delivered_is_receipted(site, tmp_path):
    site.publish()
    lane = site.ready_lane()
    assert receipts(lane) == []
    walk = site.walk(lane, passage("another photograph"))
    rows = site.operator_has(lane)
    record = walk.record
    assert record in [row["id"] for row in rows]
    kept = receipts(lane)
    assert len(kept) == lane.status()["outbox"]["acknowledged"]
    assert {receipt["kind"] for receipt in kept} == {"encounter", "photo", "addendum"}
    assert {receipt["kind"] for receipt in receipts(lane, record)} == {"encounter", "photo"}
    # Checked on another machine: with the file, and the key that the centre's operator handed over.
    file = tmp_path / "receipts.json"
    file.write_text(json.dumps(kept))
    key = central_key(site)
    assert f"{len(kept)} of {len(kept)} signed by the centre" in verify(file, key)
    verify(file, "0" * 64, allowed=(77,))
    kept[0]["sha256"] = "0" * 64
    file.write_text(json.dumps(kept))
    verify(file, key, allowed=(65,))
    # They outlive a power cut, and lines tell them to people.
    kill(lane.program)
    lane.start()
    lines = gatehouse("outbox", "receipts", "--config", lane.config).splitlines()
    assert len(lines) == len(kept) and f" {record} sha256=" in "".join(lines)


def test_another_centres_receipts_are_an_alarm_and_nothing_is_lost(site):
    """A key that was handed over is held to from the first delivery on."""
    site.publish()
    sections = site.sections()
    other = site.folder / "other.pub"
    other.write_text("1" * 64 + "\n")
    sections["uplink"]["receipts_key_file"] = other
    lane = site.ready_lane(sections)
    site.walk(lane, passage("another photograph"))
    status = lane.wait("an alarm", lambda s: s["uplink"]["alarms"] > 0, WAIT_S)
    assert status["outbox"]["acknowledged"] == 0 and status["outbox"]["quarantined"] == 0
    listed = gatehouse_json("outbox", "list", "--config", lane.config)
    assert "receipt_key" in {row["reason"] for row in listed}
    # With the right one all that was kept is receipted, and at the centre once.
    lane.program.stop()
    other.write_text(central_key(site) + "\n")
    lane.start()
    rows = site.operator_has(lane)
    assert len({row["id"] for row in rows}) == len(rows)
    assert len(receipts(lane)) == lane.status()["outbox"]["acknowledged"] >= len(listed)
    assert gatehouse_json("outbox", "list", "--config", lane.config) == []


def behind(site, proxy, scheme, name="lane-1", credentials=None, **more):
    """Settings of a lane behind a proxy; its credentials lie with the key provider."""
    sections = site.sections(name)
    sections["uplink"] |= {"proxy_url": proxy.url(scheme), **more}
    if credentials:
        sections["uplink"]["proxy_credentials"] = "provider:proxy"
        folder = site.folder / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        config = settings.write(folder / "keys.conf", sections)
        secret = folder / "proxy.secret"
        secret.write_text(credentials + "\n")
        secret.chmod(0o600)
        gatehouse("keys", "import", "proxy", secret, "--config", config)
        secret.unlink(missing_ok=True)
    return sections


def test_a_lane_behind_a_proxy_delivers(site):
    site.publish()
    with Proxy(credentials=CREDENTIALS) as proxy:
        lane = site.ready_lane(behind(site, proxy, "http", credentials=CREDENTIALS))
        site.walk(lane, passage("another photograph"))
        assert len(site.operator_has(lane)) == 1
        assert set(proxy.asked) == {f"localhost:{site.central.port}"}
        assert proxy.carried > 0 and proxy.bytes > 100000
        # What is secret stands in no file, log or answer of the lane's.
        told = lane.log.read_text() + lane.config.read_text() + json.dumps(lane.status())
        assert "specimen:word" not in told
        process = Path("/proc") / str(lane.program.process.pid)
        assert "specimen" not in (process / "cmdline").read_text() + (process / "environ").read_text()


@pytest.mark.parametrize(("scheme", "how", "given", "reason", "alarm"), [
    ("http", {"credentials": CREDENTIALS}, "lane-1:wrong", "proxy_credentials", True),
    ("http", {"credentials": CREDENTIALS}, None, "proxy_credentials", True),
    ("http", {"answer": 403}, None, "proxy_denied", True),
    ("http", {"answer": 502}, None, "proxy_unavailable", False),
    ("socks5h", {"kind": "socks", "credentials": CREDENTIALS}, "lane-1:wrong", "proxy_credentials",
     True),
    ("socks5h", {"kind": "socks", "answer": 2}, None, "proxy_denied", True),
    ("socks5h", {"kind": "socks", "answer": 5}, None, "proxy_unavailable", False),
])
def test_a_proxy_that_refuses_is_told_from_the_centre(site, scheme, how, given, reason, alarm):
    with Proxy(**how) as proxy:
        lane = site.lane(behind(site, proxy, scheme, credentials=given))
        status = lane.wait("a reason", lambda s: s["uplink"]["last_reason"] == reason, WAIT_S)
        assert (status["uplink"]["alarm"] == reason) == alarm
        # What the proxy says beside its answer is not the centre's: no pause of 3,000 s.
        assert status["uplink"]["backoff_ms"] < 10000
        if alarm:
            assert f"ALARM {reason}" in gatehouse("lane", "status", "--config", lane.config)
        assert "wrong" not in lane.log.read_text()


def test_a_proxy_by_tls_shows_its_certificate(site):
    site.publish()
    keys = site.keys
    with Proxy(certificate=keys / "central.pem", key=keys / "central.key") as proxy:
        lane = site.ready_lane(behind(site, proxy, "https", proxy_ca_file=keys / "ca.pem"))
        assert proxy.carried > 0
        lane.program.stop()
        # Of an authority that the lane does not know: the centre's own is not looked at yet.
        gatehouse("demo", "keys", site.folder / "others", "lane-1:lane")
        lane = site.lane(behind(site, proxy, "https", name="lane-2",
                                proxy_ca_file=site.folder / "others/ca.pem"), name="lane-2")
        lane.wait("an alarm", lambda s: s["uplink"]["alarm"] == "proxy_certificate", WAIT_S)


def test_a_proxy_that_is_not_there_is_waited_for(site):
    with Proxy() as proxy:
        sections = behind(site, proxy, "http")
    lane = site.lane(sections)
    lane.wait("a reason", lambda s: s["uplink"]["last_reason"] == "proxy_not_connected", WAIT_S)
    assert not lane.status()["uplink"]["alarm"]


def test_a_password_in_the_settings_is_refused(site):
    sections = site.sections()
    sections["uplink"]["proxy_credentials"] = CREDENTIALS
    status, said = start_refused(site.folder / "refused", sections)
    assert status == 78 and "proxy_credentials" in said and "specimen:" not in said


def test_socks_carries_names_not_addresses(site):
    site.publish()
    with Proxy(kind="socks", credentials="lane-1:word") as proxy:
        site.ready_lane(behind(site, proxy, "socks5h", credentials="lane-1:word"))
        assert set(proxy.asked) == {f"localhost:{site.central.port}"}


def test_a_capped_line_still_delivers(site):
    site.publish()
    sections = site.sections()
    sections["uplink"] |= {"send_bytes_per_s": 40000, "receive_bytes_per_s": 400000}
    lane = site.ready_lane(sections)
    site.walk(lane, passage("another photograph"))
    assert len(site.operator_has(lane)) == 1


def test_receipts_need_the_centres_key(tmp_path):
    file = tmp_path / "receipts.json"
    file.write_text("[]")
    done = subprocess.run([places.programs() / "gatehouse", "outbox", "verify", file],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 64 and "--central-key" in done.stderr
    for text in ("[]", "{}", "x", "[5]", '{"format": 2}'):
        file.write_text(text)
        verify(file, "0" * 64, allowed=(65, 69, 70))
