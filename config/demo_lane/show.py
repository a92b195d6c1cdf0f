# SPDX-License-Identifier: Apache-2.0
"""The demo itself, step by step."""

import argparse
import contextlib
import fcntl
import pathlib
import shutil
import sys
import time

from . import passages, places, programs, report, scenes, settings, voyage
from .lane import Central, Lane
from .places import Failure
from .programs import Ending, Interrupted, gatehouse, pause

# A folder of few pictures is shown slowly enough to be looked at.
SHORT_FOLDER_MS = 6000
FRAME_MIN_US = 33333
FRAME_MAX_US = 1000000
PICTURES = {".jpg", ".jpeg", ".png"}
FILM_S = 3600


def say(text=""):
    print(text, flush=True)


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="demo-lane", description="Let a queue of travellers walk through one lane."
    )
    parser.add_argument("--once", action="store_true",
                        help="end after the queue; status 0 only if all went as expected")
    parser.add_argument("--camera", type=pathlib.Path, metavar="PATH",
                        help="replay this folder of pictures or video instead")
    parser.add_argument("--work", type=pathlib.Path, metavar="FOLDER",
                        default=places.SOURCE / ".build/demo", help="where it keeps its files")
    return parser.parse_args(words)


def check_needs():
    lost = places.missing()
    if lost:
        raise Failure("config/demo has to set up and build first; missing:\n"
                      + "\n".join(f"    {path}" for path in lost))


@contextlib.contextmanager
def alone(work):
    """One demo at a time in a work folder."""
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise Failure(f"another demo runs in {work}") from taken
        yield


class Demo:
    """One centre, one lane, and the files between them."""

    def __init__(self, work):
        self.keys = work / "keys"
        self.scenes = work / "scenes"
        self.run = work / "run"
        self.central = None
        self.lane = None

    def make_keys(self):
        say("Keys for this demo, good for a week")
        gatehouse("demo", "keys", self.keys, "lane-1:lane", "operator:operator")

    def draw(self):
        say("Scenes for the camera")
        scenes.draw_all(self.scenes, say)

    def start_central(self):
        say("Central service")
        self.central = Central(self.run / "central", self.keys)
        self.central.start().register("lane-1")
        say(f"  listens on 127.0.0.1:{self.central.port}")

    def start_lane(self, camera):
        say("Lane")
        padding = settings.GALLERY_TEMPLATES - len(voyage.TRAVELLERS)
        sections = settings.lane(self.run / "lane", self.keys, self.central.port, camera,
                                 padding=padding)
        self.lane = Lane(self.run / "lane", sections)
        self.lane.start()

    def publish(self):
        say("Voyage")
        bundle, made = voyage.make(self.run / "voyage")
        flight = made["voyage"]
        gatehouse("voyage", "publish", bundle, "--config", self.central.operator())
        self.lane.wait_enrolled(settings.GALLERY_TEMPLATES)
        gallery = self.lane.status()["gallery"]
        say(f"  {flight['carrier']} {flight['number']}, {flight['persons']} persons, "
            f"{made['portraits']['matched']} with a portrait: at the lane and enrolled")
        say(f"  {gallery['padding']} made-up strangers pad the gallery to "
            f"{gallery['padding'] + gallery['templates']} templates, the size of a flight;"
            "\n  their scores follow the measured distribution of strangers")

    def stop(self):
        for program in (self.lane, self.central):
            if program:
                program.stop()


def walk_queue(demo):
    """Let the whole queue pass; what came of each."""
    walks = []
    say("Travellers")
    say(report.HEADER)
    for passage in passages.QUEUE:
        walks.append(passages.walk(demo.lane, passage, demo.scenes))
        say(report.walk_line(walks[-1]))
    return walks


def close(demo, walks):
    """The summary, read back from the centre; what is not as expected."""
    demo.lane.wait_delivered()
    rows = demo.central.encounters()
    say("Read back from the central service")
    for line in report.summary(rows):
        say(line)
    faults = report.check_centre(walks, rows)
    for fault in faults:
        say(f"  NOT AS EXPECTED: {fault}")
    return faults


def queue(demo):
    """The demo's own queue; true when all went as expected."""
    demo.draw()
    demo.start_central()
    demo.start_lane(settings.replay(demo.scenes / "empty"))
    demo.publish()
    demo.lane.wait_idle()
    walks = walk_queue(demo)
    faults = close(demo, walks)
    failed = sum(bool(walk.faults) for walk in walks)
    if not failed and not faults:
        say(f"All {len(walks)} passages and their records are as expected")
    else:
        say(f"{failed} of {len(walks)} passages and {len(faults)} records are NOT as expected")
    return not failed and not faults


def film_options(path):
    """A video at its own pace; pictures so that even a few of them can be looked at."""
    if not path.is_dir():
        return "paused=yes"
    count = sum(1 for name in path.iterdir() if name.suffix.lower() in PICTURES)
    interval_us = SHORT_FOLDER_MS * 1000 // max(count, 1)
    return f"paused=yes,interval_us={min(max(interval_us, FRAME_MIN_US), FRAME_MAX_US)}"


def camera_of(status):
    return next(d for d in status["devices"] if d["class"] == "camera")


def film_over(demo):
    """Whether the camera has shown all, or was lost on the way."""
    words = [line for line in demo.lane.program.lines() if "camera_" in line]
    if any("camera_lost" in line and "no frame" not in line for line in words):
        return "lost"
    return "ended" if any("camera_ended" in line for line in words) else None


def print_new_answers(lane, shown):
    """Answers after number shown, oldest first; the number of the last."""
    for answer in reversed(lane.status()["lane"]["answers"]):
        if answer["number"] > shown:
            shown = answer["number"]
            say(report.answer_line(f"passage {shown}", answer))
    return shown


def watch_film(demo):
    """Print what the lane answers until the film is over; how it ended."""
    shown, end = 0, time.monotonic() + FILM_S
    say(report.HEADER)
    demo.lane.tell("rehearse", "camera", "resume")
    while not film_over(demo) and time.monotonic() < end:
        demo.lane.program.check()
        shown = print_new_answers(demo.lane, shown)
        pause(programs.POLL_S)
    return print_new_answers(demo.lane, shown)


def film(demo, path):
    """Somebody's own pictures or video; true when all of it was processed."""
    camera = settings.replay(path, film_options(path)) | {"width_px": 3840, "height_px": 2160}
    demo.start_central()
    demo.start_lane(camera)
    demo.publish()
    say(f"{path}")
    answers = watch_film(demo)
    demo.lane.wait_delivered()
    status = demo.lane.status()
    rows = demo.central.encounters()
    damaged, failed = camera_of(status)["damaged"], status["vision"]["failures"]
    say(f"{camera_of(status)['delivered']} frames shown, {damaged} damaged, {failed} that vision "
        f"could not read; {answers} answers, {len(rows)} records at the central service")
    return film_over(demo) == "ended" and not damaged and not failed and len(rows) == answers


def stay(demo):
    """Keep the lane up until Ctrl-C, and say how to talk to it."""
    command = f"{places.programs() / 'gatehouse'} lane"
    say("\nThe lane stays up until Ctrl-C. In another terminal, for example:")
    for words in ("status", f"rehearse camera 'load {demo.scenes / 'c-1'}'", "opt-out", "--help"):
        option = "" if words == "--help" else f" --config {demo.lane.config}"
        say(f"    {command} {words}{option}")
    say(f"Logs: {demo.lane.log}\n      {demo.central.log}")
    while True:
        demo.lane.program.check()
        demo.central.program.check()
        pause(1)


def show(options):
    """One demo, started and stopped; its exit status."""
    demo = Demo(options.work.resolve())
    shutil.rmtree(demo.run, ignore_errors=True)
    demo.run.mkdir()
    demo.make_keys()
    try:
        good = film(demo, options.camera.resolve()) if options.camera else queue(demo)
        if not options.once:
            stay(demo)
    finally:
        demo.stop()
    return 0 if good else 1


def main(words=None):
    options = arguments(words)
    Ending.on_signals()
    try:
        check_needs()
        with alone(options.work):
            return show(options)
    except Interrupted:
        say("\nStopped")
        return 0 if not options.once else 130
    except Failure as failure:
        print(f"demo-lane: {failure}", file=sys.stderr)
        return 1
