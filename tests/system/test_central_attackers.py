# SPDX-License-Identifier: Apache-2.0
"""Somebody with a lane's key who means harm: the service goes on, within its memory."""

import copy
import http.client
import json
import os
import select
import socket
import ssl
import time

import pytest

from central_service import Client, Service, error_code, make_goods, tls
from postgres_server import Server

LONG = os.environ.get("GATEHOUSE_LONG") == "1"
NOBODY = "00000000-0000-4000-8000-000000000001"
VOYAGE = "76010203-0000-0000-0000-000000000000"

# What it may take more, whatever comes; a connection's body is at most a photograph's 192 KiB.
GROWTH_MAX_BYTES = 24 << 20

TRICKS = [
    "'; DROP TABLE encounter; --", "' OR '1'='1", "\\'; DELETE FROM item; --", "$1", "?1", "%s%s%s%n",
    "../../../../etc/passwd", "..\\..\\x", "/dev/zero", "\u0000", "a\u0000b", "\ud800", "\u202egnp",
    "{{7*7}}", "$(reboot)", "`reboot`", "<script>", "A" * 5000, "\r\nX-Injected: 1", "E'\\x27'", "\ufeff",
    "NULL", "-1", "1e999", "'||pg_sleep(9)||'",
]


@pytest.fixture(scope="module", name="goods")
def goods_fixture(tmp_path_factory):
    return make_goods(tmp_path_factory.mktemp("goods"))


@pytest.fixture(scope="module", name="server")
def server_fixture():
    with Server(safe=False) as server:
        yield server


def attacked(goods, folder, **settings):
    """A service to be attacked; afterwards it must serve as before, within its memory."""
    with Service(goods, folder, registered_only="yes", **settings) as service:
        operator = Client(service, "operator")
        for name in ("lane-1", "lane-2"):
            assert operator.ask("PUT", f"/v1/devices/{name}", b'{"port":"UTZ"}',
                                "application/json")[0] == 200
        began = memory(service)
        yield service
        assert memory(service, "VmHWM") - began < GROWTH_MAX_BYTES
        assert Client(service, "lane-1").put_record(4)[0] == 201
        assert len(Client(service, "operator").get("/v1/devices")["devices"]) == 2
        assert service.stop() == 0, service.log.read_text()


@pytest.fixture(name="service")
def service_fixture(goods, tmp_path):
    yield from attacked(goods, tmp_path)


@pytest.fixture(name="either", params=["sqlite", "postgresql"])
def either_fixture(request, goods, tmp_path):
    """On each database in turn, where what is sent gets as far as that."""
    settings = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("server")
        settings = {"store": server.new_address(), "list_delay_ms": 0}
    yield from attacked(goods, tmp_path, **settings)


@pytest.fixture(name="lane")
def lane_fixture(service):
    return Client(service, "lane-1")


@pytest.fixture(name="operator")
def operator_fixture(service):
    return Client(service, "operator")


def memory(service, what="VmRSS"):
    """Bytes of the service that are, or at most were, in memory."""
    for line in open(f"/proc/{service.process.pid}/status", encoding="utf-8"):
        if line.startswith(what + ":"):
            return int(line.split()[1]) << 10
    raise AssertionError(what)


def connect(service, name="lane-2"):
    plain = socket.create_connection(("localhost", service.port), timeout=10)
    return tls(service.goods, name).wrap_socket(plain, server_hostname="localhost")


def head(path, length, kind="application/json", method="PUT"):
    return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def strings(node, path=()):
    """The places of all strings in a JSON value."""
    if isinstance(node, str):
        yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(
            node if isinstance(node, list) else ()):
        yield from strings(value, path + (key,))


def with_trick(root, path, trick):
    root = copy.deepcopy(root)
    node = root
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = trick
    return root


def test_tricks_in_every_field_of_a_record(goods, either):
    lane, operator = Client(either, "lane-1"), Client(either, "operator")
    record = json.loads((goods / "record-0.json").read_bytes())
    places = list(strings(record))
    assert len(places) > 25
    stored = 0
    for index, path in enumerate(places):
        for trick in TRICKS if LONG else TRICKS[index % 5::5]:
            body = json.dumps(with_trick(record, path, trick))
            status, _, data = lane.ask("PUT", f"/v1/encounters/{record['id']}", body, "application/json")
            # A lane may write nonsense into a free field of its own record; one of these is first.
            assert status in (200, 201, 403, 409, 422), (path, trick, data)
            stored += status == 201
    rows = operator.get("/v1/encounters")["encounters"]
    assert len(rows) == stored <= 1
    addendum = json.loads((goods / "addendum-0.json").read_bytes())
    for path in strings(addendum):
        for trick in TRICKS if LONG else TRICKS[::3]:
            body = json.dumps(with_trick(addendum, path, trick))
            status, _, data = lane.ask("PUT", f"/v1/addenda/{addendum['id']}", body, "application/json")
            assert status in (200, 201, 403, 404, 409, 422), (path, trick, data)
    assert operator.get("/v1/health")["encounters"] == stored


def ask_raw(peer, method, path):
    """The status of a request that a decent client would not send, or None where the line ends."""
    peer.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
    try:
        answer = peer.recv(4000)
    except OSError:
        return None
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None


@pytest.mark.parametrize("name", ["lane-1", "operator"] if LONG else ["operator"])
def test_tricks_in_every_part_of_a_path(service, name):
    escaped = ["%27%3B%20DROP%20TABLE%20device%3B--", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%",
               "%zz", "%c0%ae", "*", "x" * 200, "0%27%20OR%201", "1%3BDELETE", "%0d%0aX:1", "%ff"]
    for trick in escaped:
        peer = connect(service, name)
        for path in (f"/v1/encounters/{trick}", f"/v1/addenda/{trick}", f"/v1/voyages/{trick}",
                     f"/v1/voyages/{trick}/passages", f"/v1/voyages/{VOYAGE}/versions/{trick}",
                     f"/v1/devices/{trick}", f"/{trick}", f"/v1/{trick}/x",
                     f"/v1/encounters?since={trick}", f"/v1/encounters?{trick}=1",
                     f"/v1/voyages/{VOYAGE}/passages?limit={trick}"):
            for method in ("GET", "PUT", "DELETE"):
                status = ask_raw(peer, method, path)
                assert status is None or 400 <= status < 500, (method, path, status)
                if status is None:
                    peer.close()
                    peer = connect(service, name)
        peer.close()


BOMBS = {
    "deep arrays": b"[" * 60000,
    "deep objects": b'{"a":' * 12000,
    "deep and closed": b"[" * 30000 + b"]" * 30000,
    "many keys": b"{" + b",".join(b'"%d":0' % n for n in range(6000)) + b"}",
    "many values": b"[" + b"0," * 30000 + b"0]",
    "a long number": b'{"format":' + b"9" * 60000 + b"}",
    "a long fraction": b'{"format":0.' + b"3" * 60000 + b"e-99999}",
    "a long text": b'{"id":"' + b"x" * 60000 + b'"}',
    "escapes": b'{"id":"' + b"\\u0041" * 10000 + b'"}',
    "half surrogates": b'{"id":"' + b"\\ud800" * 10000 + b'"}',
    "one key again and again": b"{" + b'"id":0,' * 9000 + b'"id":0}',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_json_that_swells(lane, bomb):
    assert len(bomb) <= 65536
    for _ in range(20):
        for path in (f"/v1/encounters/{NOBODY}", f"/v1/addenda/{NOBODY}"):
            status, _, data = lane.ask("PUT", path, bomb, "application/json")
            assert (status, error_code(data)) == (422, "schema")


def send_until_it_ends(peer, piece, count):
    """Send pieces as long as the other side takes them; how many it took."""
    sent = 0
    try:
        for _ in range(count):
            peer.sendall(piece)
            sent += 1
    except OSError:
        pass
    return sent


@pytest.mark.parametrize("path, kind", [
    (f"/v1/encounters/{NOBODY}", "application/json"), (f"/v1/addenda/{NOBODY}", "application/json"),
    (f"/v1/encounters/{NOBODY}/photo", "image/jpeg"), ("/v1/nowhere", "text/plain"),
    ("/v1/health", "text/plain"),
])
def test_a_body_of_a_gigabyte_is_not_taken(service, path, kind):
    with connect(service) as peer:
        peer.sendall(head(path, 1 << 30, kind))
        sent = send_until_it_ends(peer, b"x" * (1 << 20), 1024)
        assert sent < 64
    # Nor one that is announced as small.
    with connect(service) as peer:
        peer.sendall(head(path, 100, kind))
        assert send_until_it_ends(peer, b"x" * (1 << 20), 1024) < 64


def test_a_bundle_of_a_gigabyte_passes_through_the_disk(service, operator):
    total = (1024 if LONG else 128) << 20
    with connect(service, "operator") as peer:
        peer.settimeout(120)
        peer.sendall(head(f"/v1/voyages/{VOYAGE}/versions/1", total, "application/octet-stream"))
        send_until_it_ends(peer, b"GHVOYAGE" * (1 << 17), total >> 20)
        assert peer.recv(4000).startswith(b"HTTP/1.1 422")
    assert list((service.folder / "data/voyages").iterdir()) == []
    assert operator.get("/v1/voyages") == {"voyages": []}


def test_many_bodies_at_once_have_a_limit(service):
    held = []
    for n in range(50):
        peer = connect(service)
        peer.sendall(head(f"/v1/encounters/{NOBODY}/photo", 196608, "image/jpeg") + b"x" * 190000)
        held.append(peer)
    assert Client(service, "lane-1").get("/v1/health")["status"] == "ok"
    for peer in held:
        peer.close()


def part_of(lane, n):
    """How much of a photograph is kept, by its own lane's question."""
    record = json.loads((lane.service.goods / f"record-{n}.json").read_bytes())
    status, headers, _ = lane.ask("HEAD", f"/v1/encounters/{record['id']}/photo")
    assert status == 204
    return int(headers["Upload-Offset"])


def test_photographs_that_never_end_are_kept_within_bounds(service, lane):
    numbers = range(10, 22)
    for n in numbers:
        lane.put_record(n)
        record = json.loads((service.goods / f"record-{n}.json").read_bytes())
        path = f"/v1/encounters/{record['id']}/photo"
        with connect(service, "lane-1") as peer:
            peer.sendall(head(path, 196608, "image/jpeg") + b"x" * 190000)
        until = time.monotonic() + 20
        while part_of(lane, n) == 0 and time.monotonic() < until:
            time.sleep(0.05)
        # Nobody else's record, and none that is not here.
        for other, at in (("lane-2", path), ("lane-1", f"/v1/encounters/{NOBODY}/photo")):
            with connect(service, other) as peer:
                peer.sendall(head(at, 196608, "image/jpeg") + b"y" * 190000)
    kept = [part_of(lane, n) > 0 for n in numbers]
    assert kept == [False] * 8 + [True] * 4
    # What was begun with other bytes is not the photograph: it is found out, and begins anew.
    status, _, data = lane.put_photo(numbers[-1])
    assert status == 201, data
    assert part_of(lane, numbers[-1]) == 0


@pytest.mark.parametrize("value", ["sha-256=:" + "A" * 3000 + ":", ":" * 500, "=" * 500,
                                   "sha-256=:" * 50, ", " * 200, "\\u0000", "sha-256=::,sha-256=::"])
def test_digests_that_are_none(service, lane, value):
    body = (service.goods / "record-0.json").read_bytes()
    path = f"/v1/encounters/{json.loads(body)['id']}"
    for name in ("Content-Digest", "Repr-Digest", "Upload-Offset", "Upload-Complete"):
        try:
            status, _, data = lane.ask("PUT", path, body, "application/json", {name: value})
        except (OSError, http.client.HTTPException):
            continue
        if name == "Content-Digest":
            assert (status, error_code(data)) == (400, "digest_malformed")
        else:
            assert status in (200, 201)


@pytest.mark.parametrize("flood", [
    b"".join(b"X-%d: %s\r\n" % (n, b"a" * 50) for n in range(3000)), b"X: " + b"a" * (1 << 20),
    b"X" * (1 << 20), b"Cookie: " + b"a=b; " * 50000, b": \r\n" * 20000,
], ids=["many", "a long one", "a name without end", "cookies", "empty"])
def test_floods_of_headers_are_cut_off(service, lane, flood):
    for _ in range(5):
        with connect(service) as peer:
            try:
                peer.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n" + flood + b"\r\n\r\n")
                assert not peer.recv(4000).startswith(b"HTTP/1.1 200")
            except OSError:
                pass
    assert lane.get("/v1/health")["status"] == "ok"


def ended(peer):
    """Whether the other side has closed; never waits."""
    if not select.select([peer], [], [], 0)[0] and not peer.pending():
        return False
    peer.settimeout(0.01)
    try:
        return peer.recv(1000) == b""
    except (ssl.SSLWantReadError, TimeoutError):
        return False
    except OSError:
        return True


def drip(peers, piece, until_s):
    """Send a little, over and over, to whoever still listens; whether all were cut off in time."""
    end = time.monotonic() + until_s
    while peers and time.monotonic() < end:
        for peer in list(peers):
            try:
                peer.settimeout(10)
                peer.sendall(piece)
            except OSError:
                peers.remove(peer)
                continue
            if ended(peer):
                peers.remove(peer)
        time.sleep(0.5)
    return not peers


def test_headers_that_drip_are_cut_off(service, lane):
    peers = [connect(service) for _ in range(40)]
    for peer in peers:
        peer.sendall(b"GET /v1/health HTTP/1.1\r\n")
    assert lane.get("/v1/health")["status"] == "ok"
    assert drip(peers, b"X", 60)
    assert lane.ask("GET", "/v1/health")[0] == 200


@pytest.mark.skipif(not LONG, reason="takes a minute; runs with --long")
def test_a_body_that_drips_is_cut_off(service):
    peers = [connect(service) for _ in range(40)]
    for peer in peers:
        peer.sendall(head(f"/v1/encounters/{NOBODY}", 60000))
    assert drip(peers, b" ", 120)


def test_who_says_nothing_takes_no_place_for_long(service, lane):
    """Connections without TLS, up to the limit."""
    silent = [socket.create_connection(("localhost", service.port), timeout=5) for _ in range(60)]
    assert lane.get("/v1/health")["status"] == "ok"
    end = time.monotonic() + 60
    while silent and time.monotonic() < end:
        readable = select.select(silent, [], [], 1)[0]
        for plain in readable:
            silent.remove(plain)
            plain.close()
    assert not silent


def test_answers_that_nobody_reads(service, lane, operator):
    """Requests without end whose answers stay in the line."""
    with connect(service) as peer:
        peer.settimeout(1)
        send_until_it_ends(peer, b"GET /v1/voyages HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200, 200)
    assert lane.get("/v1/health")["status"] == "ok"
