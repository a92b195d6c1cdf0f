# SPDX-License-Identifier: Apache-2.0
"""Where programs, fetched files and the demo's own files are."""

import os
import pathlib
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# Of a Unix socket's address, without the zero at its end.
SOCKET_PATH_BYTES_MAX = 107
SOCKET_FOLDER = "gatehouse-"


class Failure(Exception):
    """The demo cannot go on; the text is for its user."""


def programs():
    """The folder of gatehoused, gatehouse and gatehouse-central."""
    return pathlib.Path(os.environ.get("GATEHOUSE_BIN_DIR", SOURCE / ".build/release/bin"))


def cache():
    """The folder that config/setup fills."""
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("GATEHOUSE_CACHE") or home / "gatehouse")


def missing():
    """What config/setup or config/build have still to bring, as paths."""
    needed = [programs() / name for name in ("gatehoused", "gatehouse", "gatehouse-central")]
    needed += [cache() / "models" / f"fr_{name}.onnx" for name in ("detect", "landmark", "feature")]
    needed += [picture(name) for name in ("a-1", "a-2", "a-3", "b-1", "c-1")]
    lost = [path for path in needed if not path.exists()]
    return lost if engine() else [*lost, cache() / "engine"]


def engine():
    """The library that runs the networks, or None."""
    return next(iter(sorted((cache() / "engine").glob("libonnxruntime.so*"))), None)


def picture(name):
    """A demo picture: a-1, a-2 and a-3 show one person, b-1 and c-1 another each."""
    kind = "png" if name == "c-1" else "jpg"
    return cache() / "pictures" / f"specimen-{name}.{kind}"


def socket_path(folder):
    """A path for a socket in folder, or in a folder of its own where that is too long."""
    path = folder / "lane.socket"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX:
        return path
    return pathlib.Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER)) / "lane.socket"
