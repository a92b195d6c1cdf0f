#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Recognition beside Python's face_recognition 1.3.0 (dlib): the same pictures, the same measure.

    evaluation_peer.py [--index FILE] [--program gatehouse] [--config FILE] [--pictures N]

The peer lives in a virtual environment of its own in the cache folder, from packages pinned by
hash; without them or without a network this program says so and ends with 77. Both sides take the
face nearest to the picture's centre, compare every pair once, and run on one thread. Times are CPU
times of this machine in one run, reading the pictures included.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

SKIPPED = 77
TARGETS = (1e-3, 1e-4, 1e-5)
PROGRESS_EVERY = 100

# name, version, sha256 of the one file that fits Python 3.11 on x86-64
PACKAGES = (
    ("wheel", "0.48.0", "3217dcc807155e45db462d7ef2431f5ddda0d7273b700d05a67b271ceb1287ab"),
    ("packaging", "26.3", "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c"),
    ("setuptools", "65.5.0", "f62ea9da9ed6289bfe868cd6845968a2c854d1427f8548d52cae02a42b4f0356"),
    ("click", "8.5.1", "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37"),
    ("numpy", "2.4.6", "89cd468399cfd2504718f0ba50e410dca55a170b61a02ad92bb18c8a65186e93"),
    ("pillow", "13.0.0", "a625df9a2a5597fa5e5266e01aefc82604bb85d291e3547981e863560d75da6c"),
    ("dlib-bin", "19.24.6", "8c5c4029e0d6b020a6b81b842ac2b9781a1e507acd88f916436c6fdbd3267916"),
    ("face-recognition-models", "0.3.0",
     "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf"),
    ("face-recognition", "1.3.0",
     "c543e91c8cfbf24d19db04e511ebbddcb23894bcee510133729ee78e9f4b5e83"),
)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def cache_folder():
    given = os.environ.get("GATEHOUSE_CACHE")
    usual = os.environ.get("XDG_CACHE_HOME") or str(pathlib.Path.home() / ".cache")
    return pathlib.Path(given) if given else pathlib.Path(usual) / "gatehouse"


def install(python, packages):
    """What builds must be there before what is built; nothing else is resolved or fetched."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        for name, version, digest in packages:
            pinned.write(f"{name}=={version} --hash=sha256:{digest}\n")
        pinned.flush()
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--no-build-isolation", "--require-hashes", "-r", pinned.name],
            capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        skip(f"the peer's packages cannot be installed here (offline?): {last}")


def peer_python():
    """The environment's interpreter; it is made once."""
    folder = cache_folder() / "peer" / "face_recognition-1.3.0"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", folder],
                              capture_output=True, text=True, check=False)
        if made.returncode != 0:
            skip("python3-venv is not installed")
        install(python, PACKAGES[:3])
        install(python, PACKAGES[3:])
        ready.write_text("complete\n", encoding="ascii")
    return python


def read_index(path, limit):
    """The pictures as (identity, file), files absolute."""
    folder = path.parent.resolve()
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8-sig").splitlines() if line]
    identity, file = lines[0].index("identity"), lines[0].index("file")
    rows = [(line[identity], str(folder / line[file])) for line in lines[1:]]
    return rows[:limit] if limit else rows


def cpu_seconds(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def ours(given, rows):
    """`gatehouse evaluate` on the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        index = pathlib.Path(folder) / "index.tsv"
        index.write_text("identity\tfile\n" + "".join(f"{who}\t{file}\n" for who, file in rows),
                         encoding="utf-8")
        words = [given.program, "evaluate", str(index), "--jobs", "1", "--json", "--rounds", "200"]
        if given.config:
            words += ["--config", given.config]
        before = cpu_seconds(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        used = cpu_seconds(resource.RUSAGE_CHILDREN) - before
    if done.returncode != 0:
        skip(f"gatehouse evaluate: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    # What is not spent on pictures is the loading of models and the comparisons.
    return {"failures": result["failures_to_acquire"], "genuine": result["genuine_pairs"],
            "fnmr": [point["fnmr"] for point in result["points"]],
            "ms": 1000.0 * (used - result["compare_seconds"]) / result["pictures"]}


def theirs(given, rows):
    """This program again, inside the peer's environment."""
    done = subprocess.run([peer_python(), __file__, "--inside"], input=json.dumps(rows),
                          stdout=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
    if done.returncode != 0:
        raise SystemExit("the peer failed")
    return json.loads(done.stdout)


def nearest(faces, width, height):
    """The face whose box lies nearest to the middle; boxes are top, right, bottom, left."""
    return min(faces, key=lambda box: (box[1] + box[3] - width) ** 2 +
               (box[0] + box[2] - height) ** 2)


def rates(np, encodings, people):
    """FNMR at the lowest distance limits that let at most a target of the impostors pass."""
    square = (encodings ** 2).sum(axis=1)
    distances = square[:, None] + square[None, :] - 2.0 * encodings @ encodings.T
    first, second = np.triu_indices(len(people), 1)
    distances = np.sqrt(np.maximum(distances[first, second], 0.0))
    same = people[first] == people[second]
    genuine, impostor = distances[same], np.sort(distances[~same])
    limits = [impostor[int(target * len(impostor))] for target in TARGETS]
    return len(genuine), [float((genuine >= limit).mean()) for limit in limits]


def inside():
    """What runs in the peer's environment: rows on standard input, figures on standard output."""
    import numpy as np
    import face_recognition

    encodings, people, failures = [], [], 0
    rows = json.load(sys.stdin)
    before = cpu_seconds(resource.RUSAGE_SELF)
    for done, (who, file) in enumerate(rows):
        image = face_recognition.load_image_file(file)
        faces = face_recognition.face_locations(image)
        if faces:
            face = nearest(faces, image.shape[1], image.shape[0])
            encodings.append(face_recognition.face_encodings(image, [face])[0])
            people.append(who)
        else:
            failures += 1
        if done % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            print(f"\rpeer {done} of {len(rows)}", end="", file=sys.stderr)
    used = cpu_seconds(resource.RUSAGE_SELF) - before
    genuine, fnmr = rates(np, np.array(encodings), np.array(people))
    json.dump({"failures": failures, "genuine": genuine, "fnmr": fnmr,
               "ms": 1000.0 * used / len(rows)}, sys.stdout)


def show(name, figures, pictures):
    fnmr = "  ".join(f"{100 * rate:6.2f}" for rate in figures["fnmr"])
    print(f"{name:<26} {figures['failures']:>4} ({100 * figures['failures'] / pictures:.2f} %)"
          f"   {fnmr}   {figures['ms']:8.1f}")


def main():
    data = os.environ.get("GATEHOUSE_TEST_DATA")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=pathlib.Path,
                        default=pathlib.Path(data) / "faces" / "index.tsv" if data else None)
    parser.add_argument("--program", default="gatehouse")
    parser.add_argument("--config", help="settings that name the models")
    parser.add_argument("--pictures", type=int, help="only the first so many")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside()
        return
    if not given.index or not given.index.exists():
        skip("no index named, and GATEHOUSE_TEST_DATA has none")
    rows = read_index(given.index, given.pictures)
    peer = theirs(given, rows)
    product = ours(given, rows)
    print(f"{len(rows)} pictures; pairs of those with a template: {product['genuine']} and "
          f"{peer['genuine']} genuine")
    print(f"{'':<26} no template     FNMR % at FMR 1e-3, 1e-4, 1e-5   ms of CPU a picture")
    show("gatehouse", product, len(rows))
    show("face_recognition 1.3.0", peer, len(rows))
    print(f"ratio of times: {peer['ms'] / product['ms']:.1f}")


if __name__ == "__main__":
    main()
