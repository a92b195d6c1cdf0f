# SPDX-License-Identifier: Apache-2.0
"""C and C++ look as .clang-format says."""

import re
import shutil
import subprocess

from tree import Finding, Skip

RULES = {"format"}

WARNING = re.compile(r"^(.+?):(\d+):(\d+): (?:error|warning): code should be clang-formatted")
BATCH = 50


def check(tree):
    program = shutil.which("clang-format")
    if program is None:
        raise Skip("clang-format is not installed")
    names = list(tree.all_c())
    seen = set()
    for at in range(0, len(names), BATCH):
        done = subprocess.run(
            [program, "--dry-run", "--style=file", *names[at : at + BATCH]],
            cwd=tree.root,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in done.stderr.splitlines():
            match = WARNING.match(line)
            if match and match.group(1) not in seen:
                seen.add(match.group(1))
                yield Finding(
                    match.group(1),
                    int(match.group(2)),
                    "format",
                    f"first difference here: run clang-format -i {match.group(1)}",
                )
        if done.returncode != 0 and not seen:
            yield Finding(".clang-format", 1, "format", done.stderr.strip()[:200])
    tree.note(f"{len(names)} files")
