# SPDX-License-Identifier: Apache-2.0
"""Programs that run beside the demo, and commands that it waits for."""

import json
import signal
import subprocess
import time

from . import places
from .places import Failure

COMMAND_S = 120
STOP_S = 10
POLL_S = 0.1
TAIL_LINES = 12


class Interrupted(Exception):
    """Somebody asked the demo to end."""


class Ending:
    """Whether somebody did. A signal is only noted: an exception out of a signal could come
    between the start of a program and the note that it has to be stopped."""

    asked = False

    @classmethod
    def on_signals(cls):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, cls.note)

    @classmethod
    def note(cls, number, frame):
        cls.asked = True

    @classmethod
    def check(cls):
        if cls.asked:
            raise Interrupted


def pause(seconds):
    """Sleep, unless somebody asks for the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        Ending.check()
        time.sleep(min(POLL_S, max(0, end - time.monotonic())))
    Ending.check()


class Patience:
    """How many times longer than usual is waited: tests share their machine with others."""

    factor = 1


def wait_until(what, condition, timeout_s, running=()):
    """The first true answer of condition(); fails with what, or when a program has ended."""
    timeout_s *= Patience.factor
    end = time.monotonic() + timeout_s
    while True:
        for program in running:
            program.check()
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failure(f"waited {timeout_s:g} s for {what}" + tails(running))
        pause(POLL_S)


def tails(running):
    """The last lines of the logs of some programs."""
    return "".join(f"\n{program.tail()}" for program in running)


class Program:
    """A program of the build with its log; stopped by its process id only."""

    def __init__(self, name, *arguments, log, environment=None):
        Ending.check()
        self.name = name
        self.log = log
        with open(log, "ab") as out:
            # Its own session: the terminal's Ctrl-C is the demo's to answer.
            self.process = subprocess.Popen(
                [places.programs() / name, *map(str, arguments)], stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True, env=environment
            )

    def check(self):
        """Fail if it has ended."""
        status = self.process.poll()
        if status is not None:
            raise Failure(f"{self.name} ended with status {status}\n{self.tail()}")

    def tail(self):
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([f"last lines of {self.log}:", *(f"    {line}" for line in lines)])

    def lines(self):
        """All that it has written so far."""
        return self.log.read_text(errors="replace").splitlines()

    def stop(self):
        """Ask it to end, and wait for it; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S * Patience.factor)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            self.process.wait()
            raise Failure(f"{self.name} did not end within {STOP_S} s\n{self.tail()}") from late


def gatehouse(*arguments, allowed=(0,)):
    """Run one command of the command line; what it printed."""
    done = subprocess.run(
        [places.programs() / "gatehouse", *map(str, arguments)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=COMMAND_S, check=False
    )
    Ending.check()
    if done.returncode not in allowed:
        words = " ".join(map(str, arguments))
        raise Failure(f"gatehouse {words}\n    {(done.stderr or done.stdout).strip()}")
    return done.stdout


def gatehouse_json(*arguments, allowed=(0,)):
    """The same with --json; the value it printed."""
    return json.loads(gatehouse(*arguments, "--json", allowed=allowed))
