#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A whole lane on one core: stand-here to answer, memory, and start with a full gallery.

The programs run as in service, with a replayed camera of 1280x720 RGB24 at 30 frames a second, the
real networks, a gallery of 420 templates, an outbox on disk and a central service. gatehoused with
all its threads is kept to one core; the central service and this program use the others.

Figures are those of the lane itself, as `gatehouse lane status --json` gives them.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "config"))
sys.dont_write_bytecode = True

from demo_lane import passages, places, scenes, settings, voyage  # noqa: E402
from demo_lane.lane import Central, Lane  # noqa: E402
from demo_lane.programs import gatehouse  # noqa: E402

SKIPPED = 77
TEMPLATES = 420
ANSWER_TARGET_MS = 500
MEMORY_TARGET_MB = 256
READY_TARGET_MS = 3000
FLAT_TARGET_MB = 4
FULL_PERSONS, FULL_PORTRAITS = 6000, 3
# Matches, a stranger, and somebody behind the traveller.
WALKERS = ("a-2", "b-1", "c-1", "a-3", "behind")
NICENESS = -15


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="full counts")
    parser.add_argument("--passages", type=int, help="how many travellers walk")
    parser.add_argument("--frames", type=int, help="how many frames the memory is watched for")
    parser.add_argument("--core", type=int, help="the core of the lane (the last)")
    parser.add_argument("--before-others", action="store_true",
                        help=f"niceness {NICENESS}, on a machine that has other work")
    parser.add_argument("--only", choices=("answer", "memory"))
    given = parser.parse_args()
    given.passages = given.passages or (200 if given.long else 40)
    given.frames = given.frames or (100000 if given.long else 5000)
    if given.core is None:
        given.core = max(os.sched_getaffinity(0))
    return given


def machine(given):
    """What the figures were taken on."""
    facts = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    known = ("avx2", "fma", "avx_vnni", "avx512f", "avx512_vnni")
    flags = [flag for flag in known if flag in facts.get("flags", "").split()]
    load = os.getloadavg()[0]
    print(f"machine: {facts.get('model name', 'unknown')}, {os.cpu_count()} cores, "
          f"{' '.join(flags)}; load {load:.1f}; lane on core {given.core}"
          + (f", niceness {NICENESS}" if given.before_others else ""))


class OneCore:
    """What is started inside runs on the lane's core; this program goes back to the others."""

    def __init__(self, given):
        self.all = os.sched_getaffinity(0)
        self.core = given.core
        self.nice = given.before_others
        os.sched_setaffinity(0, self.all - {self.core} or self.all)

    def __enter__(self):
        os.sched_setaffinity(0, {self.core})
        if self.nice:
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)

    def __exit__(self, *unused):
        if self.nice:
            os.setpriority(os.PRIO_PROCESS, 0, 0)
        os.sched_setaffinity(0, self.all - {self.core} or self.all)


def ask(lane, command, *words):
    """One request, without the cost of a program for each look."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(lane.sections["lane"]["control_socket"]))
        client.sendall(json.dumps({"command": command, "arguments": list(words)}).encode() + b"\n")
        got = b""
        while not got.endswith(b"\n"):
            part = client.recv(1 << 16)
            if not part:
                raise RuntimeError("the lane hung up")
            got += part
    answer = json.loads(got)
    if not answer["ok"]:
        raise RuntimeError(answer["reason"])
    return answer["answer"]


def until(lane, what, condition, timeout_s=20, poll_s=0.05):
    """The first status that meets condition."""
    end = time.monotonic() + timeout_s
    while True:
        status = ask(lane, "status")
        if condition(status):
            return status
        if time.monotonic() > end:
            state = status["lane"]["state"]
            raise RuntimeError(f"waited {timeout_s} s for {what}: {state}, {status['vision']}")
        time.sleep(poll_s)


def is_idle(status):
    return status["lane"]["state"] == "idle" and not status["lane"]["zone_occupied"]


def show(lane, folder):
    ask(lane, "rehearse", "camera", f"load {folder}")


def newest(status):
    return status["lane"]["answers"][0] if status["lane"]["answers"] else {"number": 0}


def walk(lane, drawn, name, vision_us):
    """One traveller; the lane's answer."""
    before = newest(until(lane, "an idle lane", is_idle))["number"]
    show(lane, drawn / name)
    status = until(lane, "an answer", lambda s: newest(s)["number"] > before)
    vision_us.append(status["vision"]["last_us"])
    answer = newest(status)
    show(lane, drawn / "empty")
    if answer["decision"] == "referral":
        ask(lane, "dispose", answer["record"], "proceed", "officer-7", "document_inspected")
    return answer


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def line(title, values, unit):
    print(f"  {title:34} p50 {statistics.median(values):8.1f}  p95 {quantile(values, 0.95):8.1f}"
          f"  max {max(values):8.1f} {unit}")


def report_answers(answers, vision_us):
    captured = [a for a in answers if a["capture"] == "captured"]
    line("stand-here to answer", [a["answer_ms"] for a in answers], "ms")
    line("  until vision has its sample", [a["capture_ms"] for a in captured], "ms")
    line("  gallery asked", [a["compare_us"] for a in captured], "us")
    line("then the record is on the disk", [a["put_us"] / 1000 for a in answers], "ms")
    line("from stepping in to the answer", [a["waiting_ms"] for a in answers], "ms")
    line("one frame in vision", [us / 1000 for us in vision_us], "ms")
    words = {}
    for answer in answers:
        key = ", ".join([answer["decision"], answer["outcome"], *answer["referrals"]])
        words[key] = words.get(key, 0) + 1
    for key, count in sorted(words.items()):
        print(f"  {count:4} x {key}")
    return quantile([a["answer_ms"] for a in answers], 0.95)


def measure_answers(folder, drawn, given, core):
    keys = folder / "keys"
    gatehouse("demo", "keys", keys, "lane-1:lane", "operator:operator")
    central = Central(folder / "central", keys).start().register("lane-1")
    lane = None
    try:
        sections = settings.lane(folder / "lane", keys, central.port,
                                 settings.replay(drawn / "empty"),
                                 padding=TEMPLATES - len(voyage.TRAVELLERS))
        sections["transaction"]["notice_dwell_ms"] = 0
        lane = Lane(folder / "lane", sections)
        with core:
            lane.start()
        bundle, _ = voyage.make(folder / "voyage")
        gatehouse("voyage", "publish", bundle, "--config", central.operator())
        lane.wait_enrolled(TEMPLATES)
        vision_us, answers = [], []
        for number in range(given.passages):
            answers.append(walk(lane, drawn, WALKERS[number % len(WALKERS)], vision_us))
        print(f"{given.passages} passages, N = {TEMPLATES}, 1280x720 at 30 frames/s, "
              f"{ask(lane, 'status')['vision']['engine']}:")
        p95 = report_answers(answers, vision_us)
        lane.wait_delivered()
        stored = len(central.encounters())
        print(f"  the centre has {stored} of {len(answers)} records")
        print(f"  p95 {p95} ms, target {ANSWER_TARGET_MS} ms")
        return p95 <= ANSWER_TARGET_MS and stored == len(answers)
    finally:
        if lane:
            lane.stop()
        central.stop()


def resident_mb(lane):
    return ask(lane, "status")["resident_bytes"] / 2**20


def start_full(folder, drawn, core):
    """A lane whose gallery is on the disk already; how long until it has it."""
    keys = folder / "data/keys"
    (folder / "data").mkdir(mode=0o700)
    certificates = folder / "tls"
    gatehouse("demo", "keys", certificates, "lane-1:lane")
    subprocess.run([places.programs() / "bench/gallery_fill", folder / "data", keys,
                    settings.gallery(0)["calibration_file"], str(FULL_PERSONS),
                    str(FULL_PORTRAITS)], check=True)
    sections = settings.lane(folder / "data", certificates, 1,
                             settings.replay(drawn / "empty", "loop=yes,pace=fast"))
    del sections["uplink"]
    sections["transaction"]["notice_dwell_ms"] = 0
    lane = Lane(folder / "data", sections)
    with core:
        begin = time.monotonic()
        lane.start()
    wanted = FULL_PERSONS * FULL_PORTRAITS
    until(lane, "the gallery and the camera",
          lambda s: s["gallery"]["templates"] == wanted and s["lane"]["state"] == "idle",
          poll_s=0.02)
    return lane, (time.monotonic() - begin) * 1000


def watch_memory(lane, drawn, frames):
    """Travellers come and go until so many frames have been seen; memory early, at the end, most."""
    seen, most, early = 0, 0.0, None
    start = ask(lane, "status")["vision"]["frames"]
    number = 0
    while seen < frames:
        walk(lane, drawn, WALKERS[number % len(WALKERS)], [])
        time.sleep(0.5)
        number += 1
        seen = ask(lane, "status")["vision"]["frames"] - start
        most = max(most, resident_mb(lane))
        if early is None and (number >= 2 * len(WALKERS) or seen >= frames / 10):
            early = resident_mb(lane)
    return early or most, resident_mb(lane), most, seen, number


def measure_memory(folder, drawn, given, core):
    lane, ready_ms = start_full(folder, drawn, core)
    try:
        early, late, most, seen, walked = watch_memory(lane, drawn, given.frames)
    finally:
        lane.stop()
    print(f"gallery of {FULL_PERSONS} x {FULL_PORTRAITS}, enrolled before the start:")
    print(f"  from start to idle with it         {ready_ms:8.0f} ms, target {READY_TARGET_MS} ms")
    print(f"  resident memory, most              {most:8.1f} MiB, target {MEMORY_TARGET_MB} MiB")
    print(f"  over {seen} frames and {walked} passages    {early:8.1f} to {late:.1f} MiB, "
          f"at most {FLAT_TARGET_MB} MiB more")
    return (ready_ms <= READY_TARGET_MS and most <= MEMORY_TARGET_MB
            and late - early <= FLAT_TARGET_MB)


def main():
    given = arguments()
    lost = places.missing()
    if lost:
        print(f"skipped: {lost[0]} is missing: run config/setup and config/build")
        return SKIPPED
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
    try:
        machine(given)
        core = OneCore(given)
        drawn = folder / "scenes"
        scenes.draw_all(drawn, lambda words: None)
        good = True
        if given.only != "memory":
            (folder / "answer").mkdir()
            good &= measure_answers(folder / "answer", drawn, given, core)
        if given.only != "answer":
            (folder / "memory").mkdir()
            good &= measure_memory(folder / "memory", drawn, given, core)
        print("reached" if good else "MISSED")
        return 0 if good else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
