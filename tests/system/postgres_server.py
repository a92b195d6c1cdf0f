# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL of its own: a cluster in a folder, on a socket of the file system."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

START_S = 60


def programs():
    """Where Debian keeps the programs of a server: the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    if not found:
        pytest.skip("PostgreSQL is not installed (package postgresql)")
    return found[-1]


class Server:
    """The server refuses to run as root: then it runs as nobody."""

    def __init__(self, safe=True, **settings):
        self.bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.who = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
        if self.who:
            shutil.chown(self.folder, **self.who)
        self.folder.chmod(0o755)
        self.settings = {"fsync": "on" if safe else "off", "max_connections": 40,
                         "listen_addresses": "", "unix_socket_permissions": "0777", **settings}
        self.process = None
        self.places = 0
        self.log = (self.folder / "log").open("wb")
        subprocess.run([self.bin / "initdb", "-D", self.folder / "data", "-A", "trust", "-U",
                        "gatehouse", "-E", "UTF8", "--locale=C", "--no-sync"], check=True,
                       cwd=self.folder, stdout=self.log, stderr=self.log, **self.who)

    @property
    def address(self):
        return f"postgresql://gatehouse@/postgres?host={self.folder}"

    def start(self):
        options = [word for item in self.settings.items() for word in ("-c", "=".join(map(str, item)))]
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
            cwd=self.folder, stdout=self.log, stderr=self.log, **self.who)
        end = time.monotonic() + START_S
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder],
                             check=False).returncode != 0:
            assert time.monotonic() < end and self.process.poll() is None, "it does not start"
            time.sleep(0.05)
        return self

    def end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(60)
            self.process = None

    def kill(self):
        """As a failure does: nothing is finished."""
        self.end(signal.SIGQUIT)

    def new_address(self):
        """A place without tables."""
        self.places += 1
        self.ask(self.address, f"CREATE SCHEMA place_{self.places}")
        return f"{self.address}&options=-csearch_path%3Dplace_{self.places}"

    def ask(self, address, sql):
        """The rows of an answer as lists of texts."""
        done = subprocess.run([self.bin / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                               "-d", address, "-c", sql], check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end(signal.SIGINT)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
