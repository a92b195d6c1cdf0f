# SPDX-License-Identifier: Apache-2.0
"""The command socket of a real lane: who may ask, what is answered, what is written down."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

from lane_support import (
    ANSWER_S, Site, draw_scenes, need_demo_files, places, raw_request, receive_line, request
)

NOBODY = 65534
CLIENTS_MAX = 16
NUMBER = "L898902C3"

ASK = """
import socket, sys
client = socket.socket(socket.AF_UNIX)
client.settimeout(60)
try:
    client.connect(sys.argv[1])
except PermissionError:
    sys.exit("no way in")
try:
    client.sendall(b'{"command": "status"}\\n')
except BrokenPipeError:
    pass  # turned away before it asked: the answer can be read all the same
sys.stdout.write(client.recv(4096).decode())
"""


@pytest.fixture(name="lane", scope="module")
def run_lane(tmp_path_factory):
    """A lane without a voyage, its socket where anybody gets as far as the socket."""
    need_demo_files()
    site = Site(tmp_path_factory.mktemp("control"), draw_scenes())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="control-"))
    folder.chmod(0o755)
    sections = site.sections()
    sections["lane"]["control_socket"] = folder / "lane.socket"
    lane = site.lane(sections)
    lane.wait_idle()
    yield lane
    site.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(name="path")
def socket_of(lane):
    return lane.sections["lane"]["control_socket"]


def audit(lane):
    lines = (lane.folder / "audit.log").read_text().splitlines()
    return [json.loads(line) for line in lines]


def alive(lane):
    lane.program.check()
    assert request(lane.sections["lane"]["control_socket"], "status")["ok"]


@pytest.mark.parametrize("line", [
    b"\n", b"{\n", b"garbage\n", b"\x00\xff\xfe\n", b"[]\n", b'"status"\n', b"{}\n", b"null\n",
    b'{"command": 5}\n', b'{"command": "status", "arguments": "x"}\n',
    b'{"command": "status", "arguments": [1]}\n', b'{"command": "../../etc"}\n',
    b'{"command": "' + b"a" * 500 + b'"}\n', b'{"command": "status", "command": "open"}\n',
    b'{"command": "claim", "arguments": ["' + b"9" * 3000 + b'"]}\n', b"[" * 4000 + b"\n",
    b'{"command": "status", "arguments": ' + json.dumps(["x"] * 9).encode() + b"}\n",
    b'{"command": "claim", "arguments": []}\n', b'{"command": "claim", "arguments": ["", "UTOPIA"]}\n',
    b'{"command": "dispose", "arguments": ["current", "arrest", "officer-7", "x"]}\n',
    b'{"command": "rehearse", "arguments": ["camera", "fly"]}\n',
    b'{"command": "rehearse", "arguments": ["kettle", "boil"]}\n',
    b'{"command": "outbox-retry", "arguments": ["not-an-id"]}\n', b'{"command": "no-such"}\n',
], ids=lambda line: repr(line[:40]))
def test_a_bad_line_is_refused_with_a_reason(lane, path, line):
    answer = json.loads(raw_request(path, line))
    assert answer["ok"] is False
    assert answer["status"] not in ("ok", "internal") and answer["reason"]
    alive(lane)


@pytest.mark.parametrize("data", [b"x" * (1 << 20), b"x" * 4096, b'{"command":"status"}'],
                         ids=["1 MB line", "a full line", "no end of line"])
def test_a_line_without_an_end_is_not_answered(lane, path, data):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_S)
        client.connect(str(path))
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert receive_line(client, 1 << 20) == b""
    alive(lane)


def test_two_requests_in_one_packet_are_answered_in_order(lane, path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_S)
        client.connect(str(path))
        client.sendall(b'{"command": "status"}\n{"command": "no-such"}\n')
        got = b""
        while got.count(b"\n") < 2:
            got += client.recv(65536)
    first, second = (json.loads(line) for line in got.splitlines())
    assert first["ok"] and first["answer"]["lane"]["id"] == "lane-1" and not second["ok"]


def connected(path):
    """A client; the kernel turns one away while too many wait to be taken."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(ANSWER_S)
    end = time.monotonic() + ANSWER_S
    while True:
        try:
            client.connect(str(path))
            return client
        except BlockingIOError:
            assert time.monotonic() < end
            time.sleep(0.05)


def is_served(client):
    try:
        client.sendall(b'{"command": "status"}\n')
        return bool(receive_line(client, 1 << 20))
    except (BrokenPipeError, ConnectionResetError):
        return False


def test_of_twenty_clients_the_longest_silent_make_room(lane, path):
    clients = [connected(path) for _ in range(20)]
    served = [is_served(client) for client in clients]
    for client in clients:
        client.close()
    # Which of them had been silent for longest depends on when each was taken.
    assert served.count(True) == CLIENTS_MAX and served[-1]
    alive(lane)


def as_nobody(path):
    return subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/python3",
         "-c", ASK, str(path)], text=True, capture_output=True, timeout=30, check=False)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"),
                    reason="another user can be tried as root with setpriv only")
def test_another_user_is_denied_and_written_down(lane, path):
    assert as_nobody(path).stderr.strip() == "no way in"
    before = len(audit(lane))
    mode = path.stat().st_mode
    path.chmod(0o666)
    try:
        answer = json.loads(as_nobody(path).stdout)
    finally:
        path.chmod(mode & 0o777)
    assert answer["ok"] is False and answer["status"] == "denied"
    new = audit(lane)[before:]
    assert [(line["command"], line["result"], line["uid"], line["gid"]) for line in new] == [
        ("connect", "denied", NOBODY, NOBODY)]
    alive(lane)


def test_what_is_done_is_written_down_and_what_is_looked_at_is_not(lane, path):
    before = len(audit(lane))
    request(path, "status")
    request(path, "metrics")
    assert request(path, "close", "officer-7")["ok"]
    assert request(path, "open", "officer-7")["ok"]
    assert not request(path, "claim", NUMBER, "UTO")["ok"]
    assert not request(path, "dispose", "current", "proceed", "officer-7", "inspected")["ok"]
    assert not request(path, "opt-out", "ERIKSSON ANNA")["ok"]
    new = audit(lane)[before:]
    assert [(line["command"], line["subject"], line["result"]) for line in new] == [
        ("close", "officer-7", "ok"), ("open", "officer-7", "ok"),
        ("claim", "", "wrong_state"), ("dispose", "current", "not_found"),
        ("opt-out", "unreadable", "wrong_state")]
    assert all(line["pid"] == os.getpid() and line["uid"] == os.getuid() for line in new)
    assert NUMBER not in (lane.folder / "audit.log").read_text()


def claim_from(text, folder, *words):
    """What "lane claim - WORDS" makes of standard input: its status, and what it asked."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        listener.listen(1)
        listener.settimeout(ANSWER_S)
        with subprocess.Popen(
            [places.programs() / "gatehouse", "lane", "claim", "-", *words,
             "--socket", folder / "s"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as program:
            program.stdin.write(text)
            program.stdin.close()
            if not words and 0 < len(text.split()) < 3:
                peer, _ = listener.accept()
                with peer:
                    asked = json.loads(receive_line(peer, 4096))
            else:
                asked = None
            return program.wait(ANSWER_S), asked


@pytest.mark.parametrize("text, arguments", [
    (b"L898902C3 UTO\n", ["L898902C3", "UTO"]), (b"  L898902C3\t\r\n", ["L898902C3"]),
    (b"L898902C3", ["L898902C3"]),
])
def test_a_claim_from_standard_input_is_in_no_argument(text, arguments):
    need_demo_files()
    with tempfile.TemporaryDirectory(prefix="claim-") as folder:
        _, asked = claim_from(text, pathlib.Path(folder))
    assert asked["command"] == "claim" and asked["arguments"] == arguments


@pytest.mark.parametrize("text, words", [
    (b"", ()), (b"\n", ()), (b"A B C\n", ()), (b"L898902C3\n", ("UTO",)),
])
def test_a_claim_that_is_no_claim_is_wrong_use(text, words):
    need_demo_files()
    with tempfile.TemporaryDirectory(prefix="claim-") as folder:
        assert claim_from(text, pathlib.Path(folder), *words) == (64, None)


def test_the_audit_log_is_for_the_lane_alone(lane):
    assert (lane.folder / "audit.log").stat().st_mode & 0o777 == 0o600


def test_closed_by_hand_and_opened_again(lane):
    lane.tell("close", "officer-7")
    status = lane.wait("the lane to be manual", lambda s: s["lane"]["state"] == "manual", 5)
    assert status["lane"]["closed_by_hand"]
    lane.tell("open", "officer-7")
    lane.wait_idle(5)
