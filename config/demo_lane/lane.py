# SPDX-License-Identifier: Apache-2.0
"""A lane and a central service that run here, spoken to by the gatehouse command."""

import shutil
import socket

from . import places, programs, settings, voyage
from .programs import gatehouse, gatehouse_json, wait_until

START_S = 20
ENROL_S = 60
DELIVER_S = 20


def searched(status):
    """How many templates a search goes through."""
    return status["gallery"]["templates"] + status["gallery"]["padding"]


class Central:
    """gatehouse-central on a port that is free."""

    def __init__(self, folder, keys, port=0):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder = folder
        self.keys = keys
        self.log = folder / "central.log"
        self.config = settings.write(folder / "central.conf", settings.central(folder, keys, port))
        self.program = None
        self.port = port

    def start(self):
        self.log.unlink(missing_ok=True)
        self.program = programs.Program(
            "gatehouse-central", "--config", self.config, log=self.log
        )
        words = wait_until("the central service", self.listening, START_S, [self.program])
        self.port = int(words.rsplit(":", 1)[1])
        return self

    def restart(self):
        """Come back where lanes look for it."""
        settings.write(self.config, settings.central(self.folder, self.keys, self.port))
        return self.start()

    def listening(self):
        lines = [line for line in self.program.lines() if line.startswith("listening on ")]
        return lines[0] if lines else None

    def operator(self, name="operator"):
        """Settings of somebody who speaks to the centre."""
        uplink = settings.client(self.keys, name, self.port)
        return settings.write(self.folder / f"{name}.conf", {"uplink": uplink})

    def register(self, name, port=voyage.PORT):
        """Let a lane of the flight's port speak to it."""
        gatehouse("device", "add", name, port, "--config", self.operator())
        return self

    def encounters(self):
        """All that it holds, page by page."""
        rows, since = [], 0
        while True:
            page = gatehouse_json(
                "encounters", "--since", since, "--config", self.operator()
            )
            if not page["encounters"]:
                return rows
            rows += page["encounters"]
            since = page["next"]

    def stop(self):
        return self.program.stop() if self.program else 0


class Lane:
    """gatehoused with its settings file."""

    def __init__(self, folder, sections):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder = folder
        self.sections = sections
        self.socket = sections["lane"]["control_socket"]
        self.log = folder / "lane.log"
        (folder / "notice.txt").write_text(settings.NOTICE)
        self.config = settings.write(folder / "lane.conf", sections)
        self.program = None
        self.environment = None  # of the program; None: this one's

    def start(self):
        self.program = programs.Program(
            "gatehoused", "--config", self.config, log=self.log, environment=self.environment
        )
        wait_until("the lane", self.listens, START_S, [self.program])
        return self

    def listens(self):
        """Whether somebody is behind the socket; one that died leaves its file."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0

    def tell(self, *words, allowed=(0,)):
        """One "gatehouse lane" command."""
        return gatehouse("lane", *words, "--config", self.config, allowed=allowed)

    def ask(self, *words):
        """The same, for its answer."""
        return gatehouse_json("lane", *words, "--config", self.config)

    def show(self, folder):
        """Let the camera show another folder."""
        self.tell("rehearse", "camera", f"load {folder}")

    def status(self):
        return self.ask("status")

    def state(self):
        return self.status()["lane"]["state"]

    def wait(self, what, condition, timeout_s):
        """The first status for which condition(status) holds."""
        def holds():
            status = self.status()
            return status if condition(status) else None
        return wait_until(what, holds, timeout_s, [self.program])

    def wait_idle(self, timeout_s=START_S):
        """Until it takes the next traveller, and nobody stands there."""
        def idle(status):
            return status["lane"]["state"] == "idle" and not status["lane"]["zone_occupied"]
        return self.wait("the lane to be idle", idle, timeout_s)

    def wait_enrolled(self, templates):
        """Until so many templates are there and no portrait waits."""
        def enrolled(status):
            gallery = status["gallery"]
            return gallery["waiting"] == 0 and searched(status) >= templates
        return self.wait("the voyage to be enrolled", enrolled, ENROL_S)

    def wait_delivered(self):
        """Until nothing is left to be delivered."""
        def delivered(status):
            return status["outbox"]["waiting"] == 0 and status["outbox"]["sending"] == 0
        return self.wait("delivery to the centre", delivered, DELIVER_S)

    def stop(self):
        status = self.program.stop() if self.program else 0
        if self.socket.parent.name.startswith(places.SOCKET_FOLDER):
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        return status
