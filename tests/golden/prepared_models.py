#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hold every prepared network against its original, with the engine of the lane.

The largest difference of any output value is printed and must stay within what
rounding explains: the bounds are a few times the differences seen, and a hundred
times below what would move a score.
A second preparation, in a fresh process with another hash seed, must give the
same bytes as the one in the cache. Exit status 77 when the cache lacks a file.
"""

import ctypes
import os
import random
import subprocess
import sys
import tempfile

import numpy
import onnx

INPUTS = 6
SKIPPED = 77
FLOAT = 1  # ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CACHE = os.environ.get("GATEHOUSE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gatehouse"
)

# Name, the range of the values it is fed with (models/NAME/card.md), and the difference allowed.
# CenterFace's outputs reach the tens, and the engine fuses its constants only once prepared.
NETWORKS = {
    "fr_detect": (-127 / 128, 1.0, 2e-6),
    "fr_landmark": (0.0, 255 / 256, 2e-6),
    "fr_feature": (-127 / 128, 1.0, 4e-6),
    "fr_pose": (-2.1, 2.6, 1e-4),
    "fr_eye": (0.0, 1.0, 1e-4),
    "fr_liveness": (0.0, 255.0, 1e-4),
    "centerface": (0.0, 255.0, 1e-4),
}


class Engine:
    """The few entries of ONNX Runtime's C interface that this needs, by slot."""

    def __init__(self, path):
        base = ctypes.CDLL(path).OrtGetApiBase
        base.restype = ctypes.POINTER(ctypes.c_void_p)
        get = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)(base()[0])
        self.table = ctypes.cast(get(17), ctypes.POINTER(ctypes.c_void_p))
        self.environment = self.out(3, ctypes.c_int(3), b"test")
        self.memory = self.out(69, ctypes.c_int(1), ctypes.c_int(0))

    def call(self, slot, *arguments):
        function = ctypes.CFUNCTYPE(ctypes.c_void_p)(self.table[slot])
        function.argtypes = None
        status = function(*arguments)
        if status:
            text = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(self.table[2])(status)
            raise RuntimeError(text.decode())

    def out(self, slot, *arguments):
        result = ctypes.c_void_p()
        self.call(slot, *arguments, ctypes.byref(result))
        return result

    def session(self, model):
        options = self.out(10)
        self.call(24, options, ctypes.c_int(1))
        data = model.SerializeToString()
        return self.out(8, self.environment, data, ctypes.c_size_t(len(data)), options)

    def run(self, session, name, values, outputs):
        """The values of the named outputs, each as a flat array."""
        shape = (ctypes.c_int64 * values.ndim)(*values.shape)
        tensor = self.out(
            49, self.memory, values.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(values.nbytes), shape, ctypes.c_size_t(values.ndim), ctypes.c_int(FLOAT)
        )
        names = (ctypes.c_char_p * len(outputs))(*[o.encode() for o in outputs])
        results = (ctypes.c_void_p * len(outputs))()
        self.call(
            9, session, None, (ctypes.c_char_p * 1)(name.encode()), ctypes.byref(tensor),
            ctypes.c_size_t(1), names, ctypes.c_size_t(len(outputs)), results
        )
        found = [self.values(ctypes.c_void_p(result)) for result in results]
        for value in [tensor, *map(ctypes.c_void_p, results)]:
            self.call_void(96, value)
        return found

    def values(self, tensor):
        count = ctypes.c_size_t()
        self.call(64, self.out(65, tensor), ctypes.byref(count))
        data = ctypes.cast(self.out(51, tensor), ctypes.POINTER(ctypes.c_float))
        return numpy.ctypeslib.as_array(data, (count.value,)).copy()

    def call_void(self, slot, argument):
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.table[slot])(argument)


def in_cache(*parts):
    path = os.path.join(CACHE, *parts)
    if not os.path.exists(path):
        print(f"skipped: {path} is missing; config/setup --only models makes it")
        sys.exit(SKIPPED)
    return path


def sizes_of(value):
    return [d.dim_value for d in value.type.tensor_type.shape.dim]


def original_with_sizes(path, sizes):
    """The original as published, but with the input sizes of the prepared network."""
    model = onnx.load(path)
    weights = {i.name for i in model.graph.initializer}
    given = next(i for i in model.graph.input if i.name not in weights)
    if sizes_of(given) != sizes:
        for dimension, size in zip(given.type.tensor_type.shape.dim, sizes):
            dimension.dim_value = size
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")
    return model


def made_inputs(generator, sizes, low, high):
    """Noise, and smooth gradients with noise on them, which saturate other units."""
    rows, columns = numpy.mgrid[-1:1:sizes[2] * 1j, -1:1:sizes[3] * 1j]
    for number in range(INPUTS):
        noise = generator.uniform(0, 1, sizes)
        if number % 2:
            angle = generator.uniform(0, 2 * numpy.pi)
            wave = numpy.cos(angle) * rows + numpy.sin(angle) * columns
            noise = 0.5 + 0.4 * wave + 0.1 * (noise - 0.5)
        yield numpy.ascontiguousarray(low + (high - low) * noise, numpy.float32)


def difference(engine, name, limits, seed):
    """The largest difference of any output value between prepared and original."""
    prepared = onnx.load(in_cache("models", f"{name}.onnx"))
    given, outputs = prepared.graph.input[0], prepared.graph.output
    original = original_with_sizes(in_cache("models", "original", f"{name}.onnx"), sizes_of(given))
    names = [o.name for o in outputs]
    assert names == [o.name for o in original.graph.output], "other outputs"
    sessions = engine.session(original), engine.session(prepared)
    worst = 0.0
    for values in made_inputs(numpy.random.default_rng(seed), sizes_of(given), *limits):
        expected, found = (engine.run(s, given.name, values, names) for s in sessions)
        for output, a, b in zip(outputs, expected, found):
            assert b.size == numpy.prod(sizes_of(output)), f"{output.name}: not the declared size"
            assert a.shape == b.shape and numpy.isfinite(a).all() and a.std() > 0
            worst = max(worst, float(numpy.abs(a - b).max()))
    return worst


def same_bytes_again(seed):
    """Prepare all networks anew and compare with what is in the cache."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(ROOT, "config", "prepare-models")
        environment = dict(os.environ, PYTHONHASHSEED=str(seed % 4294967295 + 1))
        originals = os.path.join(CACHE, "models", "original")
        command = [sys.executable, program, originals, folder, *NETWORKS]
        subprocess.run(command, env=environment, check=True)
        for name in NETWORKS:
            with open(os.path.join(folder, f"{name}.onnx"), "rb") as file:
                again = file.read()
            with open(in_cache("models", f"{name}.onnx"), "rb") as file:
                yield name, again == file.read()


def main():
    seed = int(os.environ.get("GATEHOUSE_SEED") or random.SystemRandom().randrange(2**32))
    print(f"GATEHOUSE_SEED={seed}")
    libraries = sorted(os.listdir(in_cache("engine")))
    library = next((f for f in libraries if f.startswith("libonnxruntime.so.")), "libonnxruntime.so")
    engine = Engine(in_cache("engine", library))
    failed = 0
    for name, (low, high, allowed) in NETWORKS.items():
        worst = difference(engine, name, (low, high), seed)
        failed += not worst <= allowed
        print(f"{name}: largest difference {worst:.2g}, allowed {allowed:g}")
    for name, same in same_bytes_again(seed):
        failed += not same
        print(f"{name}: a second preparation gives {'the same bytes' if same else 'OTHER BYTES'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
