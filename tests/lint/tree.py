# SPDX-License-Identifier: Apache-2.0
"""The files that rules look at, the findings they make, and the exemptions from them."""

import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import scanner

C_SUFFIXES = (".c", ".h", ".cpp", ".hpp")


@dataclass
class Finding:
    """`subject` is what an exemption names: a path, or a path:name."""

    path: str
    line: int
    rule: str
    message: str
    name: str = ""

    @property
    def subject(self):
        return f"{self.path}:{self.name}" if self.name else self.path

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class Skip(Exception):
    """A check that cannot run here, with the reason."""


class Tree:
    def __init__(self, root, build=None):
        self.root = Path(root)
        self.build = Path(build) if build else None
        self.notes = []
        self._sources = {}

    @cached_property
    def files(self):
        """Relative paths of all files that are, or could be, committed."""
        if (self.root / ".git").exists():
            out = subprocess.run(
                ["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard", "-z"],
                capture_output=True,
                check=True,
            ).stdout.decode()
            found = [name for name in out.split("\0") if name]
        else:
            found = []
            for folder, names, files in os.walk(self.root):
                names[:] = [name for name in names if not name.startswith(".")]
                found += [os.path.relpath(os.path.join(folder, name), self.root) for name in files]
        return sorted(name for name in set(found) if (self.root / name).is_file())

    def under(self, *folders, suffixes=None):
        for name in self.files:
            if not any(name.startswith(folder + "/") for folder in folders):
                continue
            if suffixes is None or name.endswith(suffixes):
                yield name

    def product(self, suffixes=C_SUFFIXES):
        return self.under("src", "include", "drivers", suffixes=suffixes)

    def all_c(self):
        return self.under("src", "include", "drivers", "tests", suffixes=C_SUFFIXES)

    def bytes(self, name):
        return (self.root / name).read_bytes()

    def text(self, name):
        return self.bytes(name).decode("utf-8", errors="replace")

    def is_text(self, name):
        data = self.bytes(name)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return b"\0" not in data

    def source(self, name):
        if name not in self._sources:
            self._sources[name] = scanner.Source(self.text(name))
        return self._sources[name]

    def exists(self, name):
        return (self.root / name).exists()

    def note(self, text):
        """A figure worth printing even where nothing is wrong."""
        self.notes.append(text)


@dataclass
class Exemption:
    line: int
    check: str
    rule: str
    subject: str
    reason: str
    uses: int = 0


def read_exemptions(path):
    """Lines of "check rule subject reason"; a line without a reason is an error of the file."""
    found = []
    if not path.exists():
        return found
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(None, 3)
        if len(parts) < 4:
            raise SystemExit(f"{path}:{number}: wants: check rule subject reason")
        found.append(Exemption(number, *parts))
    return found


def apply_exemptions(findings, exemptions):
    """Split findings into those that stand and the exemptions that took the others."""
    standing = []
    for finding in findings:
        for exemption in exemptions:
            if exemption.rule == finding.rule and exemption.subject == finding.subject:
                exemption.uses += 1
                break
        else:
            standing.append(finding)
    return standing
