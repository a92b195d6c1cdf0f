# SPDX-License-Identifier: Apache-2.0
"""Real programs for the system tests, set up with the demo's own code."""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "config"))
sys.dont_write_bytecode = True

from demo_lane import passages, places, scenes, settings, voyage  # noqa: E402
from demo_lane.lane import Central, Lane  # noqa: E402
from demo_lane.places import Failure  # noqa: E402
from demo_lane.programs import Patience, gatehouse, wait_until  # noqa: E402

ANSWER_S = 60

# All waits are for something to happen: on a machine that has other work they only end later.
Patience.factor = 4

# The lane's own times are by the clock. On a busy machine it sees few frames a second.
TIMES = {"notice_timeout_ms": 10000, "capture_timeout_ms": 8000}

# Small enough that a test's outbox and gallery are quick.
TEMPLATES = 42


def need_demo_files():
    """Skip where config/setup has not fetched what the lane needs."""
    lost = places.missing()
    if lost:
        pytest.skip(f"{lost[0]} is missing: run config/setup and config/build")


class Site:
    """A centre, its keys and voyage, and as many lanes as a test starts."""

    def __init__(self, folder, drawn):
        self.folder = folder
        self.keys = folder / "keys"
        self.scenes = drawn
        self.lanes = []
        gatehouse("demo", "keys", self.keys, "lane-1:lane", "lane-2:lane", "operator:operator")
        self.central = Central(folder / "central", self.keys).start()
        self.central.register("lane-1").register("lane-2")

    def sections(self, name="lane-1", scene="empty"):
        """Settings of a lane; a test changes what it is about."""
        sections = settings.lane(self.folder / name, self.keys, self.central.port,
                                 settings.replay(self.scenes / scene), name=name,
                                 padding=TEMPLATES - len(voyage.TRAVELLERS))
        sections["transaction"] |= TIMES
        return sections

    def lane(self, sections=None, name="lane-1", clock=None):
        """A lane, started."""
        lane = Lane(self.folder / name, sections or self.sections(name))
        lane.environment = clock.environment() if clock else None
        self.lanes.append(lane)
        return lane.start()

    def publish(self):
        bundle, _ = voyage.make(self.folder / "voyage")
        gatehouse("voyage", "publish", bundle, "--config", self.central.operator())

    def ready_lane(self, sections=None, name="lane-1", clock=None):
        """A lane that holds the voyage and waits for travellers."""
        lane = self.lane(sections, name, clock)
        lane.wait_enrolled(TEMPLATES)
        lane.wait_idle()
        return lane

    def walk(self, lane, passage):
        """One traveller; what is not as expected fails the test."""
        walk = passages.walk(lane, passage, self.scenes)
        assert not walk.faults, f"{passage.title}: {walk.faults}"
        return walk

    def operator_has(self, lane):
        """The rows of one lane at the centre, after all is delivered."""
        lane.wait_delivered()
        name = lane.sections["lane"]["id"]
        return [row for row in self.central.encounters() if row["lane"] == name]

    def stop(self):
        for lane in self.lanes:
            lane.stop()
        self.central.stop()


class WallClock:
    """The wall clock of a program, which a test can move; see programs/wall_clock.c."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(struct.pack("=qq", 0, 0))

    def environment(self):
        build = os.environ.get("GATEHOUSE_BUILD_DIR", SOURCE / ".build/release")
        library = pathlib.Path(build) / "test/wall_clock.so"
        if not library.exists():
            pytest.skip(f"{library} is not built")
        return os.environ | {"LD_PRELOAD": str(library), "WALL_CLOCK_FILE": str(self.path)}

    def set(self, hours=0.0, seconds=0.0):
        """How far it is off from now on; the program has the file mapped."""
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", int((hours * 3600 + seconds) * 1000)))

    def synchronised(self, yes):
        """What the kernel says of it from now on."""
        with open(self.path, "r+b") as file:
            file.seek(8)
            file.write(struct.pack("=q", 1 if yes else 2))


def kill(program):
    """As a power cut would: nothing is written any more."""
    program.process.kill()
    program.process.wait(10)


def kinds(row):
    """What followed a record at the centre."""
    return [item["kind"] for item in row["addenda"]]


@contextlib.contextmanager
def mounted(folder, *what):
    """Something mounted for a while, where this user may."""
    if not shutil.which("mount"):
        pytest.skip("nothing can be mounted here: no program mount")
    done = subprocess.run(["mount", *map(str, what), str(folder)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        # A test that failed may have left a program on it.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def start_refused(folder, sections, program="gatehoused"):
    """Start a program that is to refuse; its exit status and what it said."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / "notice.txt").write_text(settings.NOTICE)
    config = settings.write(folder / "refused.conf", sections)
    done = subprocess.run(
        [places.programs() / program, "--config", config], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=ANSWER_S, check=False
    )
    return done.returncode, done.stderr


def scenes_folder():
    """Scenes that are kept with the build, since drawing them takes longest."""
    build = os.environ.get("GATEHOUSE_BUILD_DIR", SOURCE / ".build/release")
    return pathlib.Path(build) / "test-scenes"


def draw_scenes():
    """All scenes of the demo; one test program at a time draws them."""
    folder = scenes_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        scenes.draw_all(folder, print)
    return folder


def passage(title):
    """A passage of the demo's queue by the beginning of its title."""
    return next(one for one in passages.QUEUE if one.title.startswith(title))


def raw_request(path, data, limit=1 << 20):
    """Send bytes to a control socket; what comes back until it closes or answers a line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(ANSWER_S)
        client.connect(str(path))
        try:
            client.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        return receive_line(client, limit)


def receive_line(client, limit):
    """One line of an answer, or what came before the end."""
    got = b""
    while b"\n" not in got and len(got) < limit:
        try:
            part = client.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        got += part
    return got


def request(path, command, *arguments):
    """One request at a control socket; its answer as a value."""
    line = json.dumps({"command": command, "arguments": list(arguments)}) + "\n"
    return json.loads(raw_request(path, line.encode()))


__all__ = [
    "ANSWER_S", "Central", "Failure", "Lane", "SOURCE", "Site", "TEMPLATES", "TIMES", "WallClock",
    "draw_scenes", "gatehouse", "kill", "kinds", "mounted", "need_demo_files", "passage",
    "passages", "places", "raw_request", "receive_line", "request", "scenes", "settings",
    "start_refused", "voyage", "wait_until",
]
