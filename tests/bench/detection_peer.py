#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Detection beside OpenCV's: the same frames, the same measure, one thread, one run.

    detection_peer.py [--program bin/bench/vision_confirm] [--yunet FILE] [--people N] [--empty N]

The program hands over frames of 800 x 720 with one face or none, and what our detector found in
them. The peers are the Haar cascade of Debian's opencv-data, and YuNet 2023mar of OpenCV's model
zoo (GATEHOUSE_TEST_DATA/models) through OpenCV's dnn at 0.7, the score its sample uses is 0.9: both
are told. Times are CPU times of one thread. Without python3-opencv or the program it ends with 77.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import time

SKIPPED = 77
OVERLAP = 0.25
STRIDES = (8, 16, 32)
CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"

try:
    import cv2
    import numpy
except ImportError:
    print("skipped: python3-opencv is not installed")
    sys.exit(SKIPPED)


class Cascade:
    """Parameters of OpenCV's sample facedetect, with faces from 40 pixels on."""

    def __init__(self, path):
        self.cascade = cv2.CascadeClassifier(path)

    def find(self, frame):
        grey = cv2.equalizeHist(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
        found = self.cascade.detectMultiScale(grey, 1.1, 2, cv2.CASCADE_SCALE_IMAGE, (40, 40))
        return [(x, y, x + w, y + h) for x, y, w, h in found]


class Yunet:
    """Version 2023mar, whose outputs FaceDetectorYN of OpenCV 4.6 cannot read: read here."""

    def __init__(self, path, score, shrink):
        self.net = cv2.dnn.readNet(path)
        self.score = score
        self.shrink = shrink

    def candidates(self, outputs, width):
        for i, stride in enumerate(STRIDES):
            scores = numpy.sqrt(numpy.clip(outputs[i].ravel(), 0, 1)
                                * numpy.clip(outputs[3 + i].ravel(), 0, 1))
            boxes = outputs[6 + i].reshape(-1, 4)
            for at in numpy.nonzero(scores > self.score)[0]:
                row, column = divmod(int(at), width // stride)
                x, y = (boxes[at, :2] + (column, row)) * stride
                w, h = numpy.exp(boxes[at, 2:]) * stride
                yield float(scores[at]), (float(x - w / 2), float(y - h / 2), float(w), float(h))

    def find(self, frame):
        height, width = (side // self.shrink for side in frame.shape[:2])
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        down, right = -height % 32, -width % 32
        padded = cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_CONSTANT)
        self.net.setInput(cv2.dnn.blobFromImage(padded, swapRB=True))
        names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox") for stride in STRIDES]
        found = list(self.candidates(self.net.forward(names), width + right))
        kept = cv2.dnn.NMSBoxes([box for _, box in found], [score for score, _ in found],
                                self.score, 0.3) if found else []
        for at in numpy.array(kept).ravel():
            x, y, w, h = (side * self.shrink for side in found[at][1])
            yield (x, y, x + w, y + h)


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return width * height / (both - width * height)


def frames(program, people, empty):
    command = [program, "--only", "stream", "--people", str(people), "--empty", str(empty)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        for line in running.stdout:
            kind, size, truth, counts, times = line.decode().strip().split("|")
            width, height = (int(word) for word in size.split())
            data = numpy.frombuffer(running.stdout.read(3 * width * height), numpy.uint8)
            yield (kind, data.reshape(height, width, 3), [float(t) for t in truth.split()],
                   [int(c) for c in counts.split()], [float(t) for t in times.split()])
    if running.returncode != 0:
        print(f"skipped: {program} ended with {running.returncode}")
        sys.exit(SKIPPED)


class Tally:
    def __init__(self):
        self.found = collections.Counter()
        self.false = collections.Counter()
        self.in_empty = 0
        self.ms = []

    def add(self, kind, here, elsewhere, ms):
        self.found[kind] += here > 0
        self.false[kind] += elsewhere
        self.ms.append(ms)


def report(tallies, shown):
    kinds = [kind for kind in shown if kind != "nobody"]
    print("found, %".ljust(36) + "".join(name.rjust(16) for name in tallies))
    for kind in kinds:
        print(f"{kind} ({shown[kind]})".ljust(36) + "".join(
            f"{100 * t.found[kind] / shown[kind]:16.1f}" for t in tallies.values()))
    beside = sum(shown[kind] for kind in kinds)
    for label, of, count in (("false / 1,000 with a face", kinds, beside),
                             ("false / 1,000 with nobody", ["nobody"], shown["nobody"])):
        if count:
            print(label.ljust(36) + "".join(
                f"{1e3 * sum(t.false[k] for k in of) / count:16.1f}" for t in tallies.values()))
    print("ms a frame, median".ljust(36) + "".join(
        f"{sorted(t.ms)[len(t.ms) // 2]:16.2f}" for t in tallies.values()))


def main():
    usual = pathlib.Path(os.environ.get("GATEHOUSE_TEST_DATA", "")) / "models"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="bin/bench/vision_confirm")
    parser.add_argument("--yunet", default=str(usual / "face_detection_yunet_2023mar.onnx"))
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--empty", type=int, default=100)
    given = parser.parse_args()

    cv2.setNumThreads(1)
    peers = {}
    if os.path.exists(CASCADE):
        peers["Haar cascade"] = Cascade(CASCADE)
    if os.path.exists(given.yunet):
        peers["YuNet 400x384"] = Yunet(given.yunet, 0.7, 2)
        peers["YuNet, 0.9"] = Yunet(given.yunet, 0.9, 2)
        peers["YuNet 800x736"] = Yunet(given.yunet, 0.7, 1)
    tallies = {name: Tally() for name in ("fr_detect", "and centerface", *peers)}
    shown = collections.Counter()
    for kind, frame, truth, counts, times in frames(given.program, given.people, given.empty):
        shown[kind] += 1
        tallies["fr_detect"].add(kind, counts[0], counts[2], times[0])
        tallies["and centerface"].add(kind, counts[1], counts[3], times[1])
        for name, peer in peers.items():
            begun = time.thread_time()
            found = list(peer.find(frame))
            ms = 1e3 * (time.thread_time() - begun)
            right = sum(overlap(box, truth) > OVERLAP for box in found)
            tallies[name].add(kind, right, len(found) - right, ms)
    report(tallies, shown)
    print(f"OpenCV {cv2.__version__}; the second detector runs once for each track, not each frame")
    return 0


if __name__ == "__main__":
    sys.exit(main())
