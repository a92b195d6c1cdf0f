# SPDX-License-Identifier: Apache-2.0
"""What the programs pull in at run time, to the last library: none under the GPL, and of OpenCV
only the modules that vision needs."""

import os
import re
import subprocess
from pathlib import Path

from tree import Finding, Skip

RULES = {"not_built", "library", "unknown_library"}

PROGRAMS = {"daemon": "gatehoused", "command": "gatehouse", "central": "gatehouse-central"}

# The modules that vision uses, and those that these need themselves.
OPENCV = {"core", "imgproc", "calib3d", "dnn", "features2d", "flann"}

# Libraries under the GPL (or the AGPL) without a linking exception, by the stem of their soname.
GPL = {
    "libreadline": "GPL-3, use a line editor of our own or none",
    "libhistory": "GPL-3, part of readline",
    "libgdbm": "GPL-3, use SQLite",
    "libdb": "AGPL-3, use SQLite",
    "libx264": "GPL-2",
    "libx265": "GPL-2",
    "libxvidcore": "GPL-2",
    "libpostproc": "GPL-2",
    "libavcodec": "Debian builds it with GPL parts",
    "libavformat": "Debian builds it with GPL parts",
    "libavutil": "Debian builds it with GPL parts",
    "libavfilter": "Debian builds it with GPL parts",
    "libswscale": "Debian builds it with GPL parts",
    "libswresample": "Debian builds it with GPL parts",
    "libgsl": "GPL-3",
    "libgslcblas": "GPL-3",
    "libfftw3": "GPL-2",
    "libfftw3f": "GPL-2",
    "libcdio": "GPL-3",
    "libsmbclient": "GPL-3",
    "librubberband": "GPL-2",
    "libvidstab": "GPL-2",
    "libmariadb-client": "GPL-2",
    "libmysqlclient": "GPL-2",
    "libpoppler": "GPL-2",
    "libzvbi": "GPL-2",
    "libbluray": "Debian builds it against GPL parts",
    "libgme": "GPL-2",
    "libparted": "GPL-3",
    "libiw": "GPL-2",
    "libumfpack": "GPL-2",
    "libcholmod": "GPL-2 in part",
    "libspqr": "GPL-2",
    "libjansson-gpl": "not the MIT jansson",
}


def stem(soname):
    return re.sub(r"(-\d[\d.]*)?\.so(\..*)?$", "", soname)


def needed(path):
    """The sonames one file asks for."""
    done = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", done.stdout)


def library_paths():
    """Where the loader would find a soname, from its cache."""
    environment = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    done = subprocess.run(
        ["ldconfig", "-p"], capture_output=True, text=True, check=True, env=environment
    )
    found = {}
    for soname, path in re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", done.stdout, re.MULTILINE):
        found.setdefault(soname, path)
    return found


def closure(program, paths):
    """Every soname below a program, each with the one that asked for it first."""
    asked = {}
    waiting = [(soname, program.name) for soname in needed(program)]
    while waiting:
        soname, by = waiting.pop()
        if soname in asked:
            continue
        asked[soname] = by
        if soname in paths:
            waiting += [(more, soname) for more in needed(paths[soname])]
    return asked


def verdict(soname):
    """Why a library is refused, or None."""
    name = stem(soname)
    if name.startswith("libopencv_") and name.removeprefix("libopencv_") not in OPENCV:
        return f"vision needs only {', '.join(sorted(OPENCV))} of OpenCV"
    return GPL.get(name)


def check(tree):
    folder = Path(os.environ.get("GATEHOUSE_BIN_DIR") or (tree.build or Path(".")) / "bin")
    expected = [p for room, p in PROGRAMS.items() if tree.exists(f"src/{room}/main.c")]
    if not expected:
        raise Skip("the tree has no program")
    paths = library_paths()
    for program in expected:
        if not (folder / program).exists():
            yield Finding(f"bin/{program}", 1, "not_built", f"build it first: not in {folder}")
            continue
        asked = closure(folder / program, paths)
        tree.note(
            f"{program}: {len(needed(folder / program))} libraries asked for, "
            f"{len(asked)} with all below them"
        )
        for soname, by in sorted(asked.items()):
            if verdict(soname):
                yield Finding(
                    f"bin/{program}",
                    1,
                    "library",
                    f"{soname}, asked for by {by}: {verdict(soname)}",
                    stem(soname),
                )
            if soname not in paths and not soname.startswith(("linux-vdso", "ld-linux")):
                yield Finding(
                    f"bin/{program}",
                    1,
                    "unknown_library",
                    f"{soname}, asked for by {by}, is not installed",
                    stem(soname),
                )
