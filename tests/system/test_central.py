# SPDX-License-Identifier: Apache-2.0
"""The central service from outside: every path and status of its API, and what is thrown at it."""

import base64
import hashlib
import json
import socket
import sqlite3
import ssl
import subprocess
import threading
import time

import jsonschema
import pytest

import central_service
from central_service import API, Client, Service, error_code, make_goods, tls

VOYAGE = "76010203-0000-0000-0000-000000000000"
OTHER = "76090909-0000-0000-0000-000000000000"
NOBODY = "00000000-0000-4000-8000-000000000001"
UUID_NONE = "00000000-0000-0000-0000-000000000000"

# As tests/system/programs/central_goods.c gives the records to the lanes.
LANE_2_FROM = 30


@pytest.fixture(scope="module", name="goods")
def goods_fixture(tmp_path_factory):
    return make_goods(tmp_path_factory.mktemp("goods"))


@pytest.fixture(name="service")
def service_fixture(goods, tmp_path):
    with Service(goods, tmp_path) as service:
        yield service
        assert service.stop() == 0, service.log.read_text()


@pytest.fixture(name="lane")
def lane_fixture(service):
    return Client(service, "lane-1")


@pytest.fixture(name="operator")
def operator_fixture(service):
    return Client(service, "operator")


def record_id(goods, n):
    return json.loads((goods / f"record-{n}.json").read_bytes())["id"]


def test_the_api_file_is_openapi():
    assert API["openapi"].startswith("3.1")
    for schema in API["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [op["operationId"] for item in API["paths"].values()
             for op in item.values() if isinstance(op, dict)]
    assert len(names) == len(set(names)) == 26


def test_a_record_is_stored_once(goods, lane, operator):
    assert lane.put_record(0)[0] == 201
    status, _, data = lane.put_record(0)
    said = json.loads(data)
    assert (status, said["id"], said["stored"]) == (200, record_id(goods, 0), False)
    other = json.loads((goods / "record-0.json").read_bytes())
    other["passage"]["answer_ms"] += 1
    status, _, data = lane.ask("PUT", f"/v1/encounters/{other['id']}", json.dumps(other),
                               "application/json")
    assert (status, error_code(data)) == (409, "conflict")
    rows = operator.get("/v1/encounters")["encounters"]
    assert [row["id"] for row in rows] == [record_id(goods, 0)]
    assert rows[0]["photo"] == "awaited"


def test_a_photo_needs_its_record_and_its_hash(goods, lane, operator):
    status, _, data = lane.put_photo(0)
    assert (status, error_code(data)) == (404, "record_missing")
    lane.put_record(0)
    status, _, data = lane.put_photo(1, of=0)
    assert (status, error_code(data)) == (409, "photo_mismatch")
    assert lane.put_photo(0)[0] == 201
    assert lane.put_photo(0)[0] == 200
    assert operator.get("/v1/encounters")["encounters"][0]["photo"] == "stored"
    assert operator.get("/v1/health")["photos"] == 1


def digest(content):
    """The value of Content-Digest and Repr-Digest for a content."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_a_body_spoilt_on_the_way_is_told_apart(goods, lane, operator):
    body = (goods / "record-0.json").read_bytes()
    path = f"/v1/encounters/{record_id(goods, 0)}"
    for value, code in ((digest(body + b" "), "digest_mismatch"), ("sha-256=:x:", "digest_malformed"),
                        ("sha-256=:" + "A" * 600, "digest_malformed")):
        status, _, data = lane.ask("PUT", path, body, "application/json", {"Content-Digest": value})
        assert (status, error_code(data)) == (400, code)
    assert operator.get("/v1/encounters")["encounters"] == []
    # Whatever way its name is written; and another algorithm says nothing.
    for name, value in (("content-digest", digest(body)), ("CONTENT-DIGEST", digest(body)),
                        ("Content-Digest", "sha-512=:AAAA:")):
        assert lane.ask("PUT", path, body, "application/json", {name: value})[0] in (200, 201)


def test_what_is_stored_has_a_receipt_that_holds(goods, service, lane, tmp_path):
    answers = []
    for _ in range(2):
        answers.append([json.loads(answer[2]) for answer in
                        (lane.put_record(0), lane.put_photo(0), lane.put_addendum(0))])
        service.stop()
        service.start()
        lane.close()
    for first, again, name in zip(*answers, ("record-0.json", "record-0.jpg", "addendum-0.json")):
        assert first["receipt"] == again["receipt"]
        assert (first["stored"], again["stored"]) == (True, False)
        content = (goods / name).read_bytes()
        assert first["sha256"] == first["receipt"]["sha256"] == hashlib.sha256(content).hexdigest()
    receipts = [answer["receipt"] for answer in answers[0]]
    assert [receipt["kind"] for receipt in receipts] == ["encounter", "photo", "addendum"]
    file = tmp_path / "receipts.json"
    file.write_text(json.dumps(receipts))
    key = receipts[0]["public_key"]
    verify = [central_service.program("bin", "gatehouse"), "outbox", "verify", "--central-key"]
    assert subprocess.run([*verify, key, file], check=False).returncode == 0
    assert subprocess.run([*verify, "0" * 64, file], check=False).returncode == 77
    receipts[1]["id"] = NOBODY
    changed = subprocess.run([*verify, key, "-"], input=json.dumps(receipts), text=True,
                             capture_output=True, check=False)
    assert changed.returncode == 65 and "receipt 2" in changed.stderr


def cut_photo(goods, service, n, sent, method="PUT", headers=()):
    """Begin a photograph and let the connection go after so many bytes of it."""
    photo = (goods / f"record-{n}.jpg").read_bytes()
    lines = [f"{method} /v1/encounters/{record_id(goods, n)}/photo HTTP/1.1", "Host: x",
             f"Content-Length: {len(photo)}", *headers]
    if method == "PUT":
        lines.append("Content-Type: image/jpeg")
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        peer = tls(goods, "lane-1").wrap_socket(plain, server_hostname="localhost")
        peer.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + photo[:sent])
    return photo


def offset_of(goods, lane, n):
    status, headers, _ = lane.ask("HEAD", f"/v1/encounters/{record_id(goods, n)}/photo")
    return status, int(headers.get("Upload-Offset", -1)), headers.get("Upload-Complete")


def wait_offset(goods, lane, n, offset):
    for _ in range(100):
        if offset_of(goods, lane, n)[1] == offset:
            break
        time.sleep(0.05)
    assert offset_of(goods, lane, n) == (204, offset, "?0")


def patch(goods, lane, n, piece, offset, complete, **headers):
    return lane.ask("PATCH", f"/v1/encounters/{record_id(goods, n)}/photo", piece,
                    "application/partial-upload",
                    {"Upload-Offset": str(offset), "Upload-Complete": complete,
                     "Content-Digest": digest(piece),
                     **{name.replace("_", "-"): value for name, value in headers.items()}})


def test_a_photo_that_was_cut_off_goes_on(goods, service, lane, operator):
    assert offset_of(goods, lane, 0)[0] == 404
    lane.put_record(0)
    assert offset_of(goods, lane, 0) == (204, 0, "?0")
    photo = cut_photo(goods, service, 0, 1000)
    wait_offset(goods, lane, 0, 1000)
    # Nobody else sees it, and it goes on at its end only.
    other = Client(service, "lane-2")
    assert offset_of(goods, other, 0)[0] == 403
    assert patch(goods, other, 0, photo[1000:], 1000, "?1")[0] == 403
    status, headers, data = patch(goods, lane, 0, photo[999:], 999, "?1")
    assert (status, error_code(data), headers["Upload-Offset"]) == (409, "offset_mismatch", "1000")
    status, headers, _ = patch(goods, lane, 0, photo[1000:1500], 1000, "?0")
    assert (status, headers["Upload-Offset"], headers["Upload-Complete"]) == (204, "1500", "?0")
    # A piece that was spoilt is not added.
    status, _, data = patch(goods, lane, 0, photo[1500:1600], 1500, "?0",
                            Content_Digest=digest(b"other"))
    assert (status, error_code(data)) == (400, "digest_mismatch")
    status, _, data = patch(goods, lane, 0, photo[1500:], 1500, "?1")
    assert status == 201
    assert json.loads(data)["receipt"]["sha256"] == hashlib.sha256(photo).hexdigest()
    # The answer was lost: the same receipt, and not a byte again.
    assert offset_of(goods, lane, 0) == (204, 0, "?1")
    status, _, again = patch(goods, lane, 0, b"", len(photo), "?1", Repr_Digest=digest(photo))
    assert (status, json.loads(again)["receipt"]) == (200, json.loads(data)["receipt"])
    status, _, data = patch(goods, lane, 0, b"", len(photo), "?1", Repr_Digest=digest(b"other"))
    assert (status, error_code(data)) == (409, "upload_complete")
    assert operator.get("/v1/encounters")["encounters"][0]["photo"] == "stored"


def test_parts_that_are_not_the_photo_begin_anew(goods, service, lane):
    lane.put_record(0)
    photo = (goods / "record-0.jpg").read_bytes()
    spoilt = bytes([photo[0] ^ 1]) + photo[1:]
    assert patch(goods, lane, 0, spoilt[:700], 0, "?0")[0] == 204
    status, _, data = patch(goods, lane, 0, spoilt[700:], 700, "?1")
    assert (status, error_code(data)) == (400, "digest_mismatch")
    assert offset_of(goods, lane, 0) == (204, 0, "?0")
    assert lane.put_photo(0)[0] == 201


def test_pieces_have_their_rules(goods, service, lane, operator):
    lane.put_record(0)
    path = f"/v1/encounters/{record_id(goods, 0)}/photo"
    kind = "application/partial-upload"
    for headers in ({}, {"Upload-Offset": "0"}, {"Upload-Complete": "?1"},
                    {"Upload-Offset": "-1", "Upload-Complete": "?1"},
                    {"Upload-Offset": "0", "Upload-Complete": "yes"}):
        status, _, data = lane.ask("PATCH", path, b"x", kind, headers)
        assert (status, error_code(data)) == (400, "bad_upload")
    fine = {"Upload-Offset": "0", "Upload-Complete": "?0"}
    assert lane.ask("PATCH", path, b"x", "image/jpeg", fine)[0] == 415
    assert lane.ask("PATCH", path, None, kind,
                    {**fine, "Transfer-Encoding": "chunked"})[0] == 411
    assert lane.ask("PATCH", path, b"x", kind, {**fine, "Upload-Offset": "196608"})[0] == 413
    assert operator.ask("PATCH", path, b"x", kind, fine)[0] == 403
    assert lane.ask("PATCH", "/v1/encounters/" + NOBODY + "/photo", b"x", kind, fine)[0] == 404
    assert lane.ask("HEAD", "/v1/encounters/x/photo")[0] == 400
    none = json.loads((goods / "service.json").read_bytes())["id"]
    lane.ask("PUT", f"/v1/encounters/{none}", (goods / "service.json").read_bytes(),
             "application/json")
    assert lane.ask("HEAD", f"/v1/encounters/{none}/photo")[0] == 409
    body = (goods / "expired.json").read_bytes()
    gone = json.loads(body)["id"]
    lane.ask("PUT", f"/v1/encounters/{gone}", body, "application/json")
    assert lane.ask("HEAD", f"/v1/encounters/{gone}/photo")[0] == 410
    assert lane.ask("PATCH", f"/v1/encounters/{gone}/photo", b"x", kind, fine)[0] == 410
    # The connection serves on behind a HEAD that was refused.
    assert lane.put_photo(0)[0] == 201


def test_a_record_without_photo_takes_none(goods, lane):
    record = json.loads((goods / "service.json").read_bytes())
    assert lane.ask("PUT", f"/v1/encounters/{record['id']}",
                    (goods / "service.json").read_bytes(), "application/json")[0] == 201
    status, _, data = lane.ask("PUT", f"/v1/encounters/{record['id']}/photo", b"\xff\xd8x",
                               "image/jpeg")
    assert (status, error_code(data)) == (409, "no_photo")


def test_what_is_over_when_it_comes_leaves_nothing_behind(goods, service, lane, operator):
    body = (goods / "expired.json").read_bytes()
    record = json.loads(body)
    assert lane.ask("PUT", f"/v1/encounters/{record['id']}", body, "application/json")[0] == 201
    photo = (goods / "record-40.jpg").read_bytes()
    status, _, data = lane.ask("PUT", f"/v1/encounters/{record['id']}/photo", photo, "image/jpeg")
    assert (status, error_code(data)) == (410, "photo_destroyed")
    assert operator.get("/v1/encounters")["encounters"][0]["photo"] == "destroyed"
    service.stop()
    store = sqlite3.connect(service.folder / "data/central.db")
    assert store.execute("SELECT count(*) FROM sealed").fetchone() == (0,)
    assert store.execute("SELECT count(*) FROM encounter WHERE key IS NOT NULL").fetchone() == (0,)
    store.close()
    service.start()


def test_what_falls_due_is_destroyed(goods, service, lane, operator):
    lane.put_record(0)
    lane.put_photo(0)
    service.stop()
    store = sqlite3.connect(service.folder / "data/central.db")
    store.execute("UPDATE encounter SET destroy_by_ms = 1000")
    store.commit()
    store.close()
    service.start()
    lane.close()
    operator.close()
    row = operator.get("/v1/encounters")["encounters"][0]
    assert (row["id"], row["photo"]) == (record_id(goods, 0), "destroyed")
    # The record is still known, and its photograph will not come back.
    assert lane.put_record(0)[0] == 200
    assert lane.put_photo(0)[0] == 410


def test_nothing_personal_lies_open(goods, service, lane):
    lane.put_record(0)
    lane.put_photo(0)
    record = json.loads((goods / "record-0.json").read_bytes())
    number = record["personal"]["document"]["number"].encode()
    photo = (goods / "record-0.jpg").read_bytes()
    service.stop()
    for path in service.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert number not in content, path
            assert photo[100:164] not in content, path
    service.start()


def test_an_addendum_belongs_to_a_record(goods, lane, operator):
    status, _, data = lane.put_addendum(0)
    assert (status, error_code(data)) == (404, "record_missing")
    lane.put_record(0)
    assert lane.put_addendum(0)[0] == 201
    assert lane.put_addendum(0)[0] == 200
    other = json.loads((goods / "addendum-0.json").read_bytes())
    other["clock_quality"] = "synced" if other["clock_quality"] != "synced" else "unsynced"
    status, _, data = lane.ask("PUT", f"/v1/addenda/{other['id']}", json.dumps(other),
                               "application/json")
    assert (status, error_code(data)) == (409, "conflict")
    addenda = operator.get("/v1/encounters")["encounters"][0]["addenda"]
    assert [item["kind"] for item in addenda] == ["disposition"]
    assert addenda[0]["disposition"]


@pytest.mark.parametrize("change, pointer", [
    (lambda r: r.pop("lane"), "/lane"),
    (lambda r: r.update(extra=1), None),
    (lambda r: r["comparison"].update(score="high"), "/comparison/score"),
    (lambda r: r["time"].update(event="yesterday"), "/time/event"),
    (lambda r: r.update(format=99), "/format"),
    (lambda r: r.update(id=NOBODY), "/id"),
])
def test_what_breaks_the_schema_is_refused_with_its_place(goods, lane, operator, change, pointer):
    record = json.loads((goods / "record-0.json").read_bytes())
    path = f"/v1/encounters/{record['id']}"
    change(record)
    status, _, data = lane.ask("PUT", path, json.dumps(record), "application/json")
    assert (status, error_code(data)) == (422, "schema")
    if pointer:
        assert json.loads(data)["error"]["pointer"] == pointer
    assert operator.get("/v1/encounters")["encounters"] == []


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"{\"id\":1,\"id\":2}", b"x" * 4000,
    b"[" * 5000, b'{"a":' * 5000,
], ids=range(9))
def test_garbage_is_no_record(lane, body):
    for path in (f"/v1/encounters/{NOBODY}", f"/v1/addenda/{NOBODY}", f"/v1/witness/{NOBODY}"):
        status, _, data = lane.ask("PUT", path, body, "application/json")
        assert (status, error_code(data)) == (422, "schema")


def test_bodies_have_limits(goods, lane, operator):
    path = f"/v1/encounters/{NOBODY}"
    for size in (65537, 900000):
        status, _, data = lane.ask("PUT", path, b" " * size, "application/json")
        assert (status, error_code(data)) == (413, "too_large")
    assert lane.ask("PUT", f"/v1/addenda/{NOBODY}", b" " * 65537, "application/json")[0] == 413
    assert lane.ask("PUT", f"/v1/witness/{NOBODY}", b" " * 65537, "application/json")[0] == 413
    assert operator.ask("PUT", "/v1/devices/lane-1", b" " * 65537, "application/json")[0] == 413
    assert lane.ask("PUT", "/v1/heartbeats/lane-1", b" " * 65537, "application/json")[0] == 413
    # Too large even to be taken and thrown away: the answer comes, and the connection ends.
    status, headers, data = lane.ask("PUT", path + "/photo", None, "image/jpeg",
                                     {"Content-Length": str(1 << 40)})
    assert (status, headers["Connection"]) == (413, "close")
    assert lane.put_record(0)[0] == 201
    assert lane.put_photo(0)[0] == 201


def test_a_body_without_length_is_not_taken(lane, operator):
    for client, path, kind in [
            (lane, f"/v1/encounters/{NOBODY}", "application/json"),
            (lane, f"/v1/encounters/{NOBODY}/photo", "image/jpeg"),
            (lane, f"/v1/addenda/{NOBODY}", "application/json"),
            (lane, f"/v1/witness/{NOBODY}", "application/json"),
            (lane, "/v1/heartbeats/lane-1", "application/json"),
            (operator, "/v1/devices/lane-1", "application/json"),
            (operator, f"/v1/voyages/{VOYAGE}/versions/1", "application/octet-stream")]:
        status, _, data = client.ask("PUT", path, None, kind, {"Transfer-Encoding": "chunked"})
        assert (status, error_code(data)) == (411, "length_required")


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/", 404), ("GET", "/v2/health", 404), ("GET", "/v1/health/x", 404),
    ("GET", "/v1/" + "a" * 3000, 404),
    ("PUT", "/v1/health", 405), ("POST", "/v1/voyages", 405), ("DELETE", "/v1/encounters", 405),
    ("GET", f"/v1/encounters/{NOBODY}", 405), ("PATCH", f"/v1/addenda/{NOBODY}", 405),
    ("PUT", "/v1/encounters/nonsense", 400), ("PUT", f"/v1/encounters/{UUID_NONE}", 400),
    ("PUT", f"/v1/encounters/{NOBODY}/photo?since=1", 400),
    ("GET", "/v1/voyages/x/passages", 400), ("GET", "/v1/encounters?since=-1", 400),
    ("GET", "/v1/encounters?since=99999999999999999999", 400),
    ("GET", "/v1/encounters?limit=0", 400), ("GET", "/v1/encounters?limit=1001", 400),
    ("GET", "/v1/encounters?since", 400), ("GET", "/v1/encounters?other=1", 400),
    ("GET", "/v1/health?x=1", 400), ("GET", "/v1/voyages?x=1", 400),
    ("PUT", "/v1/addenda/nonsense", 400), ("GET", "/v1/voyages/x", 400),
    ("DELETE", "/v1/voyages/x", 400),
    ("GET", "/v1/devices?x=1", 400), ("PUT", "/v1/witness/nonsense", 400), ("PUT", "/v1/devices/a%20b", 400),
    ("PUT", "/v1/heartbeats/a%20b", 400), ("DELETE", "/v1/heartbeats/lane-1", 405),
    ("GET", "/v1/heartbeats/lane-1", 404), ("GET", "/v1/heartbeats/a%20b", 400),
    ("GET", "/v1/alarms?x=1", 400), ("GET", "/metrics?x=1", 400), ("GET", "/metrics/x", 404),
    ("DELETE", "/v1/devices/%27;--", 400), ("DELETE", "/v1/devices/nobody", 404),
    ("PUT", f"/v1/voyages/{VOYAGE}/versions/0", 400),
    ("PUT", f"/v1/voyages/{VOYAGE}/versions/4294967296", 400),
    ("GET", f"/v1/voyages/{NOBODY}", 404), ("GET", f"/v1/voyages/{NOBODY}/passages", 404),
    ("DELETE", f"/v1/voyages/{NOBODY}", 404),
])
def test_paths_that_lead_nowhere(operator, method, path, status):
    got, headers, data = operator.ask(method, path, b"x" if method in ("PUT", "POST", "PATCH") else None)
    assert got == status
    assert json.loads(data)["error"]["status"] == status
    if status == 405:
        assert headers["Allow"]


def test_a_wrong_content_type_is_refused(lane, operator):
    assert lane.ask("PUT", f"/v1/encounters/{NOBODY}", b"{}", "text/plain")[0] == 415
    assert lane.ask("PUT", f"/v1/encounters/{NOBODY}/photo", b"{}", "image/png")[0] == 415
    assert lane.ask("PUT", f"/v1/addenda/{NOBODY}", b"{}")[0] == 415
    assert lane.ask("PUT", f"/v1/witness/{NOBODY}", b"{}")[0] == 415
    assert operator.ask("PUT", f"/v1/voyages/{VOYAGE}/versions/1", b"{}", "application/json")[0] == 415
    assert operator.ask("PUT", "/v1/devices/lane-1", b"{}", "text/plain")[0] == 415
    assert lane.ask("PUT", "/v1/heartbeats/lane-1", b"{}", "text/plain")[0] == 415


def test_roles_do_only_what_is_theirs(service, goods, lane, operator):
    record = (goods / "record-0.json").read_bytes()
    path = f"/v1/encounters/{json.loads(record)['id']}"
    stranger = Client(service, "stranger")
    monitor = Client(service, "monitor")
    for client, method, where, body, kind in [
            (operator, "PUT", path, record, "application/json"),
            (operator, "PUT", path + "/photo", b"x", "image/jpeg"),
            (operator, "PUT", f"/v1/addenda/{NOBODY}", b"x", "application/json"),
            (operator, "PUT", f"/v1/witness/{NOBODY}", b"x", "application/json"),
            (operator, "PUT", "/v1/heartbeats/lane-1", b"x", "application/json"),
            (operator, "GET", "/metrics", None, None),
            (lane, "GET", "/v1/alarms", None, None),
            (lane, "GET", "/v1/heartbeats/lane-1", None, None),
            (monitor, "GET", "/v1/alarms", None, None),
            (monitor, "GET", "/v1/health", None, None),
            (lane, "GET", "/v1/encounters", None, None),
            (lane, "GET", "/v1/devices", None, None),
            (lane, "PUT", "/v1/devices/lane-1", b'{"port":"UTZ"}', "application/json"),
            (lane, "DELETE", "/v1/devices/lane-2", None, None),
            (lane, "PUT", f"/v1/voyages/{VOYAGE}/versions/1", b"x", "application/octet-stream"),
            (lane, "DELETE", f"/v1/voyages/{VOYAGE}", None, None),
            (stranger, "GET", "/v1/health", None, None),
            (stranger, "GET", "/v1/voyages", None, None),
            (stranger, "GET", f"/v1/voyages/{VOYAGE}", None, None),
            (stranger, "GET", f"/v1/voyages/{VOYAGE}/passages", None, None)]:
        status, _, data = client.ask(method, where, body, kind)
        assert (status, error_code(data)) == (403, "wrong_role"), where


def test_a_heartbeat_is_taken_and_looked_at(goods, tmp_path):
    with Service(goods, tmp_path) as service:
        service.stop()
        path = service.write_settings()
        path.write_text(path.read_text() + "[monitoring]\ninterval_ms = 500\n")
        lane, operator = Client(service, "lane-1"), Client(service, "operator")
        body = (goods / "heartbeat.json").read_bytes()
        service.write_settings = lambda: path
        service.start()
        assert operator.get("/v1/alarms") == {"alarms": []}
        for _ in range(2):
            status, _, data = lane.ask("PUT", "/v1/heartbeats/lane-1", body, "application/json")
            assert (status, data) == (204, b"")
        assert operator.ask("GET", "/v1/heartbeats/lane-1")[2] == body
        other = json.loads(body) | {"lane": "lane-2"}
        status, _, data = lane.ask("PUT", "/v1/heartbeats/lane-2", json.dumps(other), "application/json")
        assert (status, error_code(data)) == (403, "other_lane")
        for wrong in (b"{}", b"[]", body[:-1], json.dumps(other).encode()):
            status, _, data = lane.ask("PUT", "/v1/heartbeats/lane-1", wrong, "application/json")
            assert (status, error_code(data)) == (422, "schema")
        end = time.monotonic() + 30
        while not operator.get("/v1/alarms")["alarms"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        kinds = {alarm["kind"]: alarm for alarm in operator.get("/v1/alarms")["alarms"]}
        assert kinds["outbox_refused"]["value"] == 1 and kinds["outbox_refused"]["lane"] == "lane-1"
        status, headers, data = Client(service, "monitor").ask("GET", "/metrics")
        assert status == 200 and b'lane_alarm{lane="lane-1",kind="outbox_refused"} 1\n' in data
        assert service.stop() == 0


def handshake(service, context):
    """What a peer that TLS should not let in gets to read."""
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as peer:
            peer.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return peer.recv(1000)


@pytest.mark.parametrize("how", ["none", "other authority", "TLS 1.2", "plain"])
def test_who_is_not_known_is_not_heard(service, goods, how):
    if how == "plain":
        with socket.create_connection(("localhost", service.port), timeout=10) as plain:
            plain.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                assert b"HTTP" not in plain.recv(1000)
            except ConnectionError:
                pass
        return
    context = tls(goods, None if how == "none" else "lane-1",
                  keys="other-keys" if how == "other authority" else "keys")
    if how == "TLS 1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert handshake(service, context) != b""
        raise ConnectionError("closed")


def unsigned(bundle):
    """As it was before the centre signed it: include/gatehouse/manifest/bundle.h."""
    length = int.from_bytes(bundle[24:28], "big")
    assert length > 0
    return bundle[:24] + bytes(4) + bundle[28:len(bundle) - length]


def test_voyages_are_published_in_order(goods, lane, operator):
    assert operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 201
    assert operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 200
    status, headers, data = operator.put_bundle("voyage-2.bundle", VOYAGE, 2)
    assert status == 201
    assert headers["ETag"] == f'"{json.loads(data)["etag"]}"'
    status, _, data = operator.put_bundle("voyage-2-again.bundle", VOYAGE, 2)
    assert (status, error_code(data)) == (409, "conflict")
    assert operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 409
    assert operator.put_bundle("other.bundle", OTHER, 1)[0] == 201

    listed = {voyage["id"]: voyage for voyage in lane.get("/v1/voyages")["voyages"]}
    assert set(listed) == {VOYAGE, OTHER}
    assert listed[VOYAGE]["version"] == 2
    status, headers, data = lane.ask("GET", f"/v1/voyages/{VOYAGE}")
    assert status == 200
    data = unsigned(data)
    assert data == (goods / "voyage-2.bundle").read_bytes()
    assert hashlib.sha256(data[64:]).hexdigest() == listed[VOYAGE]["etag"] == headers["ETag"].strip('"')


def test_a_bundle_that_is_held_is_not_sent_again(lane, operator):
    etag = json.loads(operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[2])["etag"]
    for tags, status in [(f'"{etag}"', 304), (f'"x", "{etag}"', 304), ('"x"', 200), (etag, 200)]:
        assert lane.ask("GET", f"/v1/voyages/{VOYAGE}", headers={"If-None-Match": tags})[0] == status
    operator.put_bundle("voyage-2.bundle", VOYAGE, 2)
    assert lane.ask("GET", f"/v1/voyages/{VOYAGE}", headers={"If-None-Match": f'"{etag}"'})[0] == 200


def test_a_withdrawn_voyage_is_gone_and_may_come_back_newer(service, lane, operator):
    operator.put_bundle("voyage-2.bundle", VOYAGE, 2)
    assert operator.ask("DELETE", f"/v1/voyages/{VOYAGE}")[0] == 204
    assert operator.ask("DELETE", f"/v1/voyages/{VOYAGE}")[0] == 404
    assert lane.get("/v1/voyages")["voyages"] == []
    assert lane.ask("GET", f"/v1/voyages/{VOYAGE}")[0] == 404
    assert list((service.folder / "data/voyages").iterdir()) == []
    assert operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 409
    assert operator.put_bundle("voyage-3.bundle", VOYAGE, 3)[0] == 201
    assert len(list((service.folder / "data/voyages").iterdir())) == 1


def test_a_bad_bundle_is_not_published(goods, service, lane, operator):
    good = (goods / "voyage-1.bundle").read_bytes()
    bad = [b"x", good[:-1], good[:40], good + b"x", b"GHVOYAGE" + b"\0" * 100,
           good[:100] + bytes([good[100] ^ 1]) + good[101:]]
    for body in bad:
        status, _, data = operator.ask("PUT", f"/v1/voyages/{VOYAGE}/versions/1", body,
                                       "application/octet-stream")
        assert (status, error_code(data)) == (422, "bundle")
    for voyage, version in [(VOYAGE, 2), (OTHER, 1)]:
        assert operator.put_bundle("voyage-1.bundle", voyage, version)[0] == 422
    assert operator.ask("PUT", f"/v1/voyages/{VOYAGE}/versions/1", None, "application/octet-stream",
                        {"Content-Length": str(1 << 42)})[0] == 413
    assert lane.get("/v1/voyages")["voyages"] == []
    assert list((service.folder / "data/voyages").iterdir()) == []


def test_an_upload_cut_off_leaves_nothing(goods, service, operator):
    context = tls(goods, "operator")
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        peer.sendall(f"PUT /v1/voyages/{VOYAGE}/versions/1 HTTP/1.1\r\nHost: x\r\n"
                     "Content-Type: application/octet-stream\r\nContent-Length: 100000\r\n\r\n"
                     .encode() + b"GHVOYAGE")
        time.sleep(0.3)
        assert len(list((service.folder / "data/voyages").iterdir())) == 1
        peer.close()
    for _ in range(50):
        if not list((service.folder / "data/voyages").iterdir()):
            break
        time.sleep(0.1)
    assert list((service.folder / "data/voyages").iterdir()) == []
    assert operator.put_bundle("voyage-1.bundle", VOYAGE, 1)[0] == 201


def test_passages_are_told_to_every_lane(goods, service, lane, operator):
    operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
    persons = []
    for n in (0, 2, 4):
        lane.put_record(n)
        persons.append(json.loads((goods / f"record-{n}.json").read_bytes())["personal"]["person"]["id"])
    other = Client(service, "lane-2")
    page = other.get(f"/v1/voyages/{VOYAGE}/passages?since=0&limit=2")
    assert page["passages"] == persons[:2]
    rest = other.get(f"/v1/voyages/{VOYAGE}/passages?since={page['next']}")
    assert rest["passages"] == persons[2:]
    assert other.get(f"/v1/voyages/{VOYAGE}/passages?since={rest['next']}") == {
        "next": rest["next"], "passages": []}
    # Who did not pass after all has not passed.
    assert lane.put_addendum(2)[0] == 201
    assert other.get(f"/v1/voyages/{VOYAGE}/passages")["passages"] == [persons[0], persons[2]]


def test_lists_are_read_page_by_page(goods, lane, operator):
    for n in range(25):
        lane.put_record(n)
    seen, since = [], 0
    while True:
        page = operator.get(f"/v1/encounters?since={since}&limit=7")
        if not page["encounters"]:
            break
        assert len(page["encounters"]) <= 7
        seen += [row["id"] for row in page["encounters"]]
        since = page["next"]
    assert seen == [record_id(goods, n) for n in range(25)]


def test_two_lanes_at_once(goods, service, operator):
    failures = []

    def deliver(name, numbers):
        client = Client(service, name)
        for n in numbers:
            # Each is brought twice: new for one connection, known for the other.
            for put in (client.put_record, client.put_photo, client.put_addendum):
                status = put(n)[0]
                if status not in (200, 201):
                    failures.append((name, n, put.__name__, status))

    threads = [threading.Thread(target=deliver, args=words) for words in (
        ("lane-1", range(LANE_2_FROM)), ("lane-1", range(LANE_2_FROM - 1, -1, -1)),
        ("lane-2", range(LANE_2_FROM, 40)), ("lane-2", range(39, LANE_2_FROM - 1, -1)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    rows = operator.get("/v1/encounters")["encounters"]
    assert sorted(row["id"] for row in rows) == sorted(record_id(goods, n) for n in range(40))
    assert all(row["photo"] == "stored" and len(row["addenda"]) == 1 for row in rows)
    assert operator.get("/v1/health")["addenda"] == 40


def test_a_certificate_speaks_for_its_own_lane_only(goods, service, operator):
    own, other = Client(service, "lane-1"), Client(service, "lane-2")
    for put in (other.put_record, other.put_addendum):
        status, _, data = put(0)
        assert (status, json.loads(data)["error"]["code"]) == (403, "other_lane")
    assert operator.get("/v1/encounters")["encounters"] == []
    assert own.put_record(0)[0] == 201
    # Nor when the record is there.
    assert other.put_record(0)[0] == other.put_addendum(0)[0] == 403
    assert own.put_addendum(0)[0] == 201


def test_a_service_takes_nothing_of_a_demo(goods, tmp_path):
    # Demo keys are refused at start; so the refusals themselves are seen at the door.
    service = Service(goods, tmp_path, purpose="service")
    with pytest.raises(AssertionError, match="demo"):
        service.start()
    assert service.process.wait(10) == 78
    service.process.stdout.close()


def register(operator, name, port):
    return operator.ask("PUT", f"/v1/devices/{name}", json.dumps({"port": port}), "application/json")[0]


def test_lanes_may_have_to_be_registered(goods, tmp_path):
    with Service(goods, tmp_path, registered_only="yes") as service:
        lane, operator = Client(service, "lane-1"), Client(service, "operator")
        operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
        for ask in (lambda: lane.put_record(0), lambda: lane.ask("GET", "/v1/voyages"),
                    lambda: lane.ask("GET", "/v1/health"),
                    lambda: lane.ask("GET", f"/v1/voyages/{VOYAGE}")):
            status, _, data = ask()
            assert (status, error_code(data)) == (403, "device_unknown")
        assert register(operator, "lane-1", "UTZ") == 200
        assert lane.put_record(0)[0] == 201
        assert [item["id"] for item in lane.get("/v1/voyages")["voyages"]] == [VOYAGE]
        assert operator.ask("DELETE", "/v1/devices/lane-1")[0] == 204
        assert operator.ask("DELETE", "/v1/devices/lane-1")[0] == 404
        status, _, data = lane.put_record(2)
        assert (status, error_code(data)) == (403, "device_revoked")
        listed = operator.get("/v1/devices")["devices"]
        assert [(item["name"], item["port"]) for item in listed] == [("lane-1", "UTZ")]
        assert listed[0]["revoked_time"] is not None
        assert register(operator, "lane-1", "UTZ") == 200
        assert lane.put_record(2)[0] == 201
        assert service.stop() == 0


def test_a_lane_sees_the_voyages_of_its_port(goods, tmp_path):
    with Service(goods, tmp_path, registered_only="yes") as service:
        operator = Client(service, "operator")
        operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
        # The voyage goes from UTZ to UTY.
        for port, seen in (("UTZ", True), ("UTY", True), ("UTX", False)):
            register(operator, "lane-1", port)
            lane = Client(service, "lane-1")
            assert bool(lane.get("/v1/voyages")["voyages"]) == seen
            for path in (f"/v1/voyages/{VOYAGE}", f"/v1/voyages/{VOYAGE}/passages"):
                assert lane.ask("GET", path)[0] == (200 if seen else 404)
        assert len(operator.get("/v1/voyages")["voyages"]) == 1
        assert service.stop() == 0


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[]", b'{"port":7}', b'{"port":""}', b'{"port":"utz"}', b'{"port":"UTZ","x":1}',
    b'{"port":"UTZ","port":"UTY"}', b'{"port":"UT\'; DROP TABLE device;--"}', b"[" * 60000,
], ids=range(10))
def test_garbage_is_no_device(operator, body):
    status, _, data = operator.ask("PUT", "/v1/devices/lane-1", body, "application/json")
    assert (status, error_code(data)) == (422, "schema")
    assert operator.get("/v1/devices") == {"devices": []}


def test_who_asked_for_what_is_kept(goods, service, lane, operator):
    lane.put_record(0)
    lane.put_record(0)
    lane.put_photo(0)
    lane.ask("GET", "/v1/encounters")
    lane.ask("GET", "/v1/nowhere")
    lane.ask("PUT", "/v1/addenda/nonsense", b"{}", "application/json")
    operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
    lane.get("/v1/voyages")
    lane.get(f"/v1/voyages/{VOYAGE}/passages?since=9999")
    lane.ask("GET", f"/v1/voyages/{VOYAGE}")
    lane.get("/v1/health")
    operator.get("/v1/voyages")
    service.stop()
    store = sqlite3.connect(service.folder / "data/central.db")
    rows = store.execute("SELECT peer, role, action, item, status FROM access ORDER BY number")
    record = record_id(goods, 0)
    # Nothing of a poll without news, of health and of a lane's look at the list of voyages.
    assert rows.fetchall() == [
        ("lane-1", "lane", "putEncounter", record, 201),
        ("lane-1", "lane", "putEncounter", record, 200),
        ("lane-1", "lane", "putPhoto", record, 201),
        ("lane-1", "lane", "listEncounters", "", 403),
        ("lane-1", "lane", "", "", 404),
        ("lane-1", "lane", "putAddendum", "", 400),
        ("operator", "operator", "publishVoyage", VOYAGE, 201),
        ("lane-1", "lane", "getVoyage", VOYAGE, 200),
        ("operator", "operator", "listVoyages", "", 200)]
    store.close()
    service.start()


def test_another_lanes_record_is_not_touched(goods, service, operator):
    own, other = Client(service, "lane-1"), Client(service, "lane-2")
    assert own.put_record(2)[0] == 201
    addendum = json.loads((goods / "addendum-2.json").read_bytes())
    assert addendum["kind"] == "not_passed"
    addendum["lane"] = "lane-2"
    status, _, data = other.ask("PUT", f"/v1/addenda/{addendum['id']}", json.dumps(addendum),
                                "application/json")
    assert (status, error_code(data)) == (403, "other_lane")
    status, _, data = other.put_photo(2)
    assert (status, error_code(data)) == (403, "other_lane")
    assert operator.get("/v1/encounters")["encounters"][0]["addenda"] == []
    assert own.put_addendum(2)[0] == own.put_photo(2)[0] == 201


def test_a_restart_in_the_middle_changes_nothing(goods, service, lane, operator):
    operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
    for n in range(10):
        assert lane.put_record(n)[0] == 201
    assert service.stop() == 0
    service.start()
    lane.close()
    operator.close()
    for n in range(20):
        assert lane.put_record(n)[0] == (200 if n < 10 else 201)
    assert len(operator.get("/v1/encounters")["encounters"]) == 20
    assert lane.ask("GET", f"/v1/voyages/{VOYAGE}")[0] == 200


def test_what_was_answered_survives_kill_9(goods, service, lane, operator):
    for n in range(12):
        assert lane.put_record(n)[0] == 201
        assert lane.put_photo(n)[0] == 201
        assert lane.put_addendum(n)[0] == 201
        service.kill()
        service.start()
        lane.close()
    operator.put_bundle("voyage-1.bundle", VOYAGE, 1)
    service.kill()
    service.start()
    operator.close()
    rows = operator.get("/v1/encounters")["encounters"]
    assert [row["id"] for row in rows] == [record_id(goods, n) for n in range(12)]
    assert all(row["photo"] == "stored" and len(row["addenda"]) == 1 for row in rows)
    assert len(operator.get("/v1/voyages")["voyages"]) == 1


def test_a_stop_lets_what_is_under_way_end(goods, service):
    body = (goods / "record-0.json").read_bytes()
    context = tls(goods, "lane-1")
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        peer.sendall(f"PUT /v1/encounters/{record_id(goods, 0)} HTTP/1.1\r\nHost: x\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                     .encode() + body[:100])
        time.sleep(0.3)
        stopped = threading.Thread(target=service.stop)
        stopped.start()
        time.sleep(0.3)
        peer.sendall(body[100:])
        assert peer.recv(4000).startswith(b"HTTP/1.1 201")
        stopped.join(15)
    assert service.process.returncode == 0
    service.start()


def test_headers_without_end_are_cut_off(goods, service, lane):
    context = tls(goods, "lane-1")
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        with pytest.raises((OSError, AssertionError)):
            peer.sendall(b"GET /v1/health HTTP/1.1\r\n")
            for i in range(2000):
                peer.sendall(f"X-{i}: {'a' * 100}\r\n".encode())
            assert b"200" in peer.recv(1000)
    assert lane.get("/v1/health")["status"] == "ok"


@pytest.mark.parametrize("request_bytes", [
    b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 500, b"GET /v1/health HTTP/9.9\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n", b"PUT /v1/encounters/%00%ff/../x HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /v1/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n\r\n",
    b"PUT /v1/addenda/x HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"PUT /v1/addenda/x HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"PUT /v1/addenda/x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcdefg",
], ids=range(11))
def test_garbage_on_the_line_does_no_harm(goods, service, lane, request_bytes):
    context = tls(goods, "lane-1")
    with socket.create_connection(("localhost", service.port), timeout=3) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        try:
            peer.sendall(request_bytes)
            assert not peer.recv(4000).startswith(b"HTTP/1.1 2")
        except OSError:
            pass
    assert lane.get("/v1/health")["status"] == "ok"


@pytest.mark.parametrize("count", [2, 5, 40])
def test_pipelined_bodies_do_not_stop_the_service(goods, service, lane, count):
    one = (f"PUT /v1/encounters/{NOBODY} HTTP/1.1\r\nHost: localhost\r\n"
           "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}").encode()
    context = tls(goods, "lane-1")
    with socket.create_connection(("localhost", service.port), timeout=3) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        peer.sendall(one * count)
        # While that connection is still there.
        assert lane.get("/v1/health")["status"] == "ok"
        assert peer.recv(4000).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("header", [
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
], ids=["websocket", "h2c"])
def test_no_other_protocol_is_taken_up(goods, service, lane, header):
    context = tls(goods, "lane-1")
    with socket.create_connection(("localhost", service.port), timeout=3) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        peer.sendall(f"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode())
        try:
            assert not peer.recv(4000).startswith(b"HTTP/1.1 101")
        except OSError:
            pass
    assert lane.get("/v1/health")["status"] == "ok"


def test_connections_are_capped_and_come_back(goods, tmp_path):
    with Service(goods, tmp_path, lanes_max_connections=4) as service:
        context = tls(goods, "lane-1")
        held = []
        for _ in range(4):
            plain = socket.create_connection(("localhost", service.port), timeout=5)
            held.append(context.wrap_socket(plain, server_hostname="localhost"))
        with pytest.raises(OSError):
            plain = socket.create_connection(("localhost", service.port), timeout=3)
            context.wrap_socket(plain, server_hostname="localhost")
        for peer in held:
            peer.close()
        time.sleep(0.5)
        assert Client(service, "lane-1").get("/v1/health")["status"] == "ok"
        assert service.stop() == 0


def test_a_slow_lane_does_not_hold_up_another(goods, service, lane):
    context = tls(goods, "lane-2")
    with socket.create_connection(("localhost", service.port), timeout=10) as plain:
        peer = context.wrap_socket(plain, server_hostname="localhost")
        peer.sendall(f"PUT /v1/encounters/{record_id(goods, 1)} HTTP/1.1\r\nHost: x\r\n"
                     "Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n{".encode())
        began = time.monotonic()
        for n in range(0, 20, 2):
            assert lane.put_record(n)[0] == 201
        assert time.monotonic() - began < 8


def test_settings_that_do_not_fit_are_told(goods, tmp_path):
    for index, change in enumerate([{"key_file": goods / "keys/lane-1.key"},
                                    {"certificate_file": goods / "nowhere.pem"},
                                    {"listen_port": 99999}, {"nonsense": 1}]):
        folder = tmp_path / str(index)
        folder.mkdir()
        service = Service(goods, folder, **change)
        with pytest.raises(AssertionError):
            service.start()
        assert service.process.wait(10) in (70, 78)
        service.process.stdout.close()
        assert "gatehouse-central: " in service.log.read_text()


def test_a_data_directory_has_one_owner(goods, service, tmp_path):
    second = tmp_path / "second"
    second.mkdir()
    other = Service(goods, second, data_directory=service.settings["data_directory"])
    with pytest.raises(AssertionError, match="another process"):
        other.start()
    assert other.process.wait(10) == 70
    other.process.stdout.close()


def test_every_answer_of_the_api_was_seen():
    """
    Last: what the API promises but no test above has met. 500 and 503 are met in tests/fault, heads
    of erasure logs that are whole in test_erasure.py.
    """
    elsewhere = {("putWitness", 200), ("putWitness", 409)}
    missing = []
    # What is about certificates is met in test_enrolment.py.
    others = {"putToken", "listCertificates", "revokeCertificate", "getAuthorities", "enrol", "renew"}
    for item in API["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or operation["operationId"] in others:
                continue
            for status in operation["responses"]:
                pair = (operation["operationId"], int(status))
                if pair not in central_service.SEEN | elsewhere and int(status) not in (405, 500, 503):
                    missing.append(pair)
    assert missing == []
