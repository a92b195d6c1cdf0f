# SPDX-License-Identifier: Apache-2.0
"""No binary, no weights and no photograph is committed.

A small binary seed of a fuzz corpus is allowed, made by code or by hand; a picture in the documents
is allowed as a PNG of bounded size.
"""

from tree import Finding

RULES = {"kind", "binary", "seed_large", "picture_large"}

REFUSED = (
    ".onnx",
    ".pb",
    ".pt",
    ".tflite",
    ".caffemodel",
    ".dat",
    ".npz",
    ".npy",
    ".so",
    ".a",
    ".o",
    ".whl",
    ".zip",
    ".gz",
    ".xz",
    ".tar",
    ".jpg",
    ".jpeg",
    ".avi",
    ".mp4",
    ".heic",
    ".webp",
    ".pem",
    ".key",
    ".p12",
    ".sqlite",
    ".db",
)
CORPUS = "tests/fuzz/corpus/"
SEED_MAX_BYTES = 16 * 1024
DOCUMENT_PNG_MAX_BYTES = 200 * 1000


def check_binary(tree, name):
    size = (tree.root / name).stat().st_size
    if name.startswith(CORPUS):
        if size > SEED_MAX_BYTES:
            yield Finding(
                name, 1, "seed_large", f"{size} bytes, at most {SEED_MAX_BYTES} for a seed"
            )
        return
    if name.startswith("docs/") and name.endswith(".png"):
        if size > DOCUMENT_PNG_MAX_BYTES:
            yield Finding(
                name,
                1,
                "picture_large",
                f"{size} bytes, at most {DOCUMENT_PNG_MAX_BYTES}: draw less or crop it",
            )
        return
    if not tree.is_text(name):
        yield Finding(
            name,
            1,
            "binary",
            "is no text: fetch it at set-up by hash (models/MANIFEST), "
            "or make it by code in the test",
        )


def check(tree):
    for name in tree.files:
        if name.lower().endswith(REFUSED) and not name.startswith(CORPUS):
            yield Finding(
                name,
                1,
                "kind",
                "is of a kind that is never committed: fetch it at set-up "
                "by hash, or make it by code in the test",
            )
        else:
            yield from check_binary(tree, name)
    tree.note(f"{len(tree.files)} files")
