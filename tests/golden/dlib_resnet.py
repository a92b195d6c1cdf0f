#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the converted embedder of dlib against dlib itself.

Faces are noise, gradients and drawn discs, 150 x 150. No output value may be
further apart than the bound. dlib's side is compiled from dlib_resnet.cpp,
which takes most of a minute and 2 GB: with GATEHOUSE_LONG=1 only. Exit status
77 when that is not set or a file or dlib is missing.
"""

import os
import random
import subprocess
import sys
import tempfile

import numpy
import onnx

import prepared_models

ALLOWED = 4e-6
FACES = 6
SKIPPED = 77
MEAN = numpy.array([122.782, 117.001, 104.298], numpy.float32)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def made_faces(generator):
    """Pictures that drive the network differently: noise, gradients with discs on them."""
    rows, columns = numpy.mgrid[0:150, 0:150]
    for number in range(FACES):
        face = generator.integers(0, 256, (150, 150, 3))
        if number % 2:
            face = 60 + face // 8 + (rows + columns)[:, :, None] // 4
            for x, y, radius in generator.integers(10, 140, (5, 3)):
                inside = (rows - y) ** 2 + (columns - x) ** 2 < (radius // 4) ** 2
                face[inside] = generator.integers(0, 256, 3)
        yield face.clip(0, 255).astype(numpy.uint8)


def compile_dlib(folder):
    here = os.path.dirname(os.path.abspath(__file__))
    program = os.path.join(folder, "dlib_resnet")
    compiler = os.environ.get("GATEHOUSE_CXX") or "c++"
    done = subprocess.run(
        [compiler, "-O2", "-std=c++17", os.path.join(here, "dlib_resnet.cpp"), "-o", program,
         "-ldlib", "-Wl,--allow-shlib-undefined"],
        stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        skip(f"dlib cannot be compiled with: {done.stderr[:300]}")
    return program


def by_dlib(faces, original):
    with tempfile.TemporaryDirectory() as folder:
        program = compile_dlib(folder)
        done = subprocess.run(
            [program, original], input=b"".join(f.tobytes() for f in faces),
            stdout=subprocess.PIPE, check=True
        )
    return numpy.frombuffer(done.stdout, "<f4").reshape(len(faces), 128)


def by_engine(faces, prepared):
    library = prepared_models.in_cache("engine", "libonnxruntime.so.1.28.0")
    engine = prepared_models.Engine(library)
    session = engine.session(onnx.load(prepared))
    for face in faces:
        planes = ((face.astype(numpy.float32) - MEAN) / 256).transpose(2, 0, 1)[None]
        yield engine.run(session, "input", numpy.ascontiguousarray(planes), ["output"])[0]


def main():
    if os.environ.get("GATEHOUSE_LONG") != "1":
        skip("GATEHOUSE_LONG is not 1")
    for path in ("models/original/dlib_resnet.dat", "models/dlib_resnet.onnx"):
        if not os.path.exists(os.path.join(prepared_models.CACHE, path)):
            skip(f"{path} is missing; config/setup --only dlib makes it")
    original = prepared_models.in_cache("models", "original", "dlib_resnet.dat")
    prepared = prepared_models.in_cache("models", "dlib_resnet.onnx")
    seed = int(os.environ.get("GATEHOUSE_SEED") or random.SystemRandom().randrange(2**32))
    print(f"GATEHOUSE_SEED={seed}")
    faces = list(made_faces(numpy.random.default_rng(seed)))
    expected = by_dlib(faces, original)
    found = numpy.array(list(by_engine(faces, prepared)))
    worst = float(numpy.abs(expected - found).max())
    print(f"dlib_resnet: largest difference {worst:.2g} of {numpy.abs(expected).max():.2g}, "
          f"allowed {ALLOWED:g}")
    assert expected.std() > 0.01, "dlib gives nothing"
    return 0 if worst <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
