# SPDX-License-Identifier: Apache-2.0
"""Rooms include and link only what tests/lint/rooms allows them."""

import re
from dataclasses import dataclass, field

from tree import C_SUFFIXES, Finding

RULES = {
    "no_row",
    "cpp",
    "private",
    "brackets",
    "path",
    "room",
    "foreign",
    "unknown",
    "list",
    "link_room",
    "link_library",
    "unlisted",
    "cycle",
}

TABLE = "tests/lint/rooms"
CPP_FOLDERS = ("src/vision/opencv/", "src/vision/dlib/")

# What every room may use: ISO C, POSIX and Linux, and the compiler's intrinsics.
FREE = re.compile(
    r"""(
    assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign|
    stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|tgmath|threads|
    time|uchar|wchar|wctype|
    dirent|fcntl|fnmatch|ftw|getopt|glob|grp|ifaddrs|langinfo|libgen|mntent|netdb|poll|pthread|pwd|
    sched|semaphore|spawn|syslog|termios|unistd|utime|endian|byteswap|
    (sys|net|netinet|arpa|linux|asm)/[\w/]+|
    malloc|
    immintrin|x86intrin|emmintrin|smmintrin|arm_neon|cpuid
    )\.h""",
    re.VERBOSE,
)
CPP_FREE = re.compile(r"[a-z_]+")

CALL = re.compile(r"gatehouse_(room|driver)\s*\(([^)]*)\)", re.DOTALL)
KEYWORDS = {"ROOMS", "PKG", "OPENCV", "LINK"}


@dataclass
class Row:
    rooms: dict = field(default_factory=dict)  # room -> None, or the headers allowed
    libraries: set = field(default_factory=set)
    any_room: bool = False

    def may(self, room, header):
        if self.any_room:
            return True
        if room not in self.rooms:
            return False
        return self.rooms[room] is None or header in self.rooms[room]


@dataclass
class Library:
    headers: list
    packages: list


def read_table(text):
    rows, libraries = {}, {}
    for line in text.splitlines():
        if line.startswith(":"):
            _, name, headers, packages = (part.strip() for part in line.split(":"))
            libraries[name] = Library(headers.split(), packages.split())
        elif line.strip() and not line.startswith("#"):
            name, rooms, foreign = (part.strip() for part in line.split("|"))
            row = Row(libraries=set(foreign.split()), any_room=rooms == "*")
            for room, headers in re.findall(r"(\w+)(?:\(([^)]*)\))?", rooms):
                row.rooms[room] = set(headers.split()) or None
            rows[name] = row
    return rows, libraries


def cycle(rows):
    """A room that can reach itself, or None."""

    def reach(room, seen):
        for other in rows[room].rooms:
            if other in rows and other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen

    return next((room for room in rows if room in reach(room, set())), None)


class Layering:
    def __init__(self, tree):
        self.tree = tree
        self.rows, self.libraries = read_table(tree.text(TABLE))
        self.checked = 0

    def owner(self, name):
        """The row, the room's name and the folder of its private headers."""
        parts = name.split("/")
        if parts[0] == "include":
            return (parts[2], parts[2], None) if len(parts) > 3 else (None, None, None)
        if parts[0] == "src":
            return (parts[1], parts[1], f"src/{parts[1]}") if len(parts) > 2 else (None, None, None)
        folder = "/".join(parts[:3])
        return (folder if folder in self.rows else "drivers"), folder, folder

    def check_file(self, name):
        row_name, room, folder = self.owner(name)
        if row_name not in self.rows:
            yield Finding(name, 1, "no_row", f"belongs to no row of {TABLE}")
            return
        if name.endswith((".cpp", ".hpp")) and not name.startswith(CPP_FOLDERS):
            yield Finding(name, 1, "cpp", f"C++ stays in {' and '.join(CPP_FOLDERS)}: write C11")
        for include in self.tree.source(name).includes:
            self.checked += 1
            problem = self.judge(name, self.rows[row_name], room, folder, include)
            if problem:
                yield Finding(name, include.line, *problem, include.path)

    def judge(self, name, row, room, folder, include):
        if include.path.startswith("gatehouse/"):
            return self.judge_contract(row, room, include.path)
        if include.is_system:
            return self.judge_foreign(name, row, room, include.path)
        beside = f"{name.rsplit('/', 1)[0]}/{include.path}"
        inside = f"{folder}/{include.path}"
        if ".." in include.path.split("/"):
            return (
                "private",
                f'"{include.path}" climbs out of its folder: use the other\'s contract',
            )
        if folder is None:
            return "private", f'a contract includes no private header: "{include.path}"'
        if not self.tree.exists(beside) and not self.tree.exists(inside):
            if any(
                lib
                for lib in self.libraries.values()
                if include.path.startswith(tuple(lib.headers))
            ):
                return "brackets", f"write <{include.path}>: it is no header of ours"
            return "private", f'"{include.path}" is no header of {folder}: use a public contract'
        return None

    def judge_contract(self, row, room, path):
        parts = path.split("/")
        if len(parts) != 3:
            return "path", f'"{path}" is not gatehouse/ROOM/NOUN.h'
        if parts[1] == room or row.may(parts[1], parts[2]):
            return None
        allowed = row.rooms.get(parts[1])
        if allowed:
            return "room", f"{room} may include of {parts[1]} only {', '.join(sorted(allowed))}"
        mine = ", ".join(sorted(row.rooms)) or "nothing"
        return (
            "room",
            f"{room} may include {mine}, not {parts[1]}: pass the value in, or let the "
            f"daemon join the two ({TABLE})",
        )

    def judge_foreign(self, name, row, room, path):
        if FREE.fullmatch(path) or (name.endswith((".cpp", ".hpp")) and CPP_FREE.fullmatch(path)):
            return None
        for library, entry in self.libraries.items():
            if any(path == head or path.startswith(head) for head in entry.headers):
                if library in row.libraries:
                    return None
                users = [r for r, other in self.rows.items() if library in other.libraries]
                return "foreign", f"{library} is used in {', '.join(users)} only: <{path}>"
        return "unknown", f"<{path}> belongs to no library of {TABLE}"

    def check_list(self, name):
        """What the one-line CMakeLists.txt of a room or driver links."""
        row_name, room, _ = self.owner(name)
        if row_name not in self.rows:
            yield Finding(name, 1, "no_row", f"belongs to no row of {TABLE}")
            return
        text = re.sub(r"#[^\n]*", "", self.tree.text(name))
        calls = list(CALL.finditer(text))
        if len(calls) != 1:
            yield Finding(name, 1, "list", "wants one call of gatehouse_room or gatehouse_driver")
            return
        line = text.count("\n", 0, calls[0].start()) + 1
        words = {key: [] for key in KEYWORDS}
        key = None
        for word in calls[0].group(2).split():
            if word in KEYWORDS:
                key = word
            elif key:
                words[key].append(word)
        row = self.rows[row_name]
        for other in words["ROOMS"]:
            if not row.any_room and other not in row.rooms:
                yield Finding(
                    name, line, "link_room", f"{room} may not link room {other} ({TABLE})", other
                )
        yield from self.check_packages(name, line, row, room, words)
        if calls[0].group(1) == "room":
            yield from self.check_unlisted(name, line, room, set(words["ROOMS"]))

    def check_packages(self, name, line, row, room, words):
        allowed = {p for library in row.libraries for p in self.libraries[library].packages}
        for word in words["PKG"] + words["OPENCV"] + words["LINK"]:
            # The C library's own parts and -D, -W flags link nothing foreign.
            plain = (
                word.removeprefix("-l").replace("${CMAKE_DL_LIBS}", "dl").removeprefix("opencv_")
            )
            if plain not in allowed and plain not in ("m", "rt", "Threads::Threads"):
                yield Finding(
                    name, line, "link_library", f"{room} may not link {word} ({TABLE})", word
                )

    def check_unlisted(self, name, line, room, listed):
        """A room that is included but not named compiles only because another brings it along."""
        used = set()
        for file in self.tree.under(
            f"src/{room}", f"include/gatehouse/{room}", suffixes=C_SUFFIXES
        ):
            for include in self.tree.source(file).includes:
                if include.path.startswith("gatehouse/") and include.path.count("/") == 2:
                    used.add(include.path.split("/")[1])
        for other in sorted(used - listed - {room}):
            yield Finding(
                name, line, "unlisted", f"{room} includes {other}: name it in ROOMS", other
            )


def check(tree):
    layering = Layering(tree)
    around = cycle(layering.rows)
    if around:
        yield Finding(TABLE, 1, "cycle", f"{around} reaches itself: rooms are layers")
    for name in tree.product():
        yield from layering.check_file(name)
    for name in tree.under("src", "drivers", suffixes=("CMakeLists.txt",)):
        yield from layering.check_list(name)
    tree.note(f"{layering.checked} includes, {len(layering.rows)} rows")
