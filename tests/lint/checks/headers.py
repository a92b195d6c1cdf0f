# SPDX-License-Identifier: Apache-2.0
"""Every public header stands alone, in C11 and in C++17, once or twice, behind its own guard."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import Finding, Skip

RULES = {"guard", "alone"}

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
# Not -Wshadow in C++, which calls a function named like a struct a hidden constructor.
LANGUAGES = {
    "C11": (
        os.environ.get("GATEHOUSE_CC", "cc"),
        "c",
        ["-std=c11", "-Wstrict-prototypes", "-Wshadow"],
    ),
    "C++17": (os.environ.get("GATEHOUSE_CXX", "c++"), "cpp", ["-std=c++17"]),
}


def compile_alone(root, header, language, folder):
    compiler, suffix, flags = LANGUAGES[language]
    short = header.removeprefix("include/")
    unit = Path(folder) / (short.replace("/", "_") + "." + suffix)
    unit.write_text(f'#include "{short}"\n#include "{short}"\nextern int gatehouse_unit;\n')
    done = subprocess.run(
        [compiler, *flags, *FLAGS, "-I", str(root / "include"), str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr]
    return lines[0]


def check(tree):
    headers = list(tree.under("include", suffixes=(".h",)))
    for header in headers:
        room, noun = header.removesuffix(".h").split("/")[-2:]
        guard = f"GATEHOUSE_{room}_{noun}_H".upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in tree.text(header):
            yield Finding(header, 1, "guard", f"wants the guard {guard}")
    try:
        for compiler, _, _ in LANGUAGES.values():
            subprocess.run([compiler, "--version"], capture_output=True, check=True)
    except FileNotFoundError as missing:
        raise Skip(f"no compiler {missing.filename}") from missing
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [(header, language) for header in headers for language in LANGUAGES]
        results = pool.map(lambda job: compile_alone(tree.root, *job, folder), jobs)
        for (header, language), error in zip(jobs, results):
            if error:
                yield Finding(header, 1, "alone", f"does not stand alone as {language}: {error}")
    tree.note(f"{len(headers)} headers in {' and '.join(LANGUAGES)}")
