# SPDX-License-Identifier: Apache-2.0
"""What the camera shows: people's pictures in a hall, drawn once and kept."""

import hashlib
import shutil

from . import places, settings
from .programs import gatehouse

# Each person as picture, and place and height of the face in thousandths of the frame.
# The stand-here zone is the middle half.
SCENES = {
    "empty": (),
    "a-2": (("a-2", 500, 450, 300),),
    "a-3": (("a-3", 500, 460, 290),),
    "b-1": (("b-1", 500, 450, 300),),
    "c-1": (("c-1", 500, 450, 300),),
    "cut": (("a-2", 500, 960, 330),),
    "abreast": (("a-2", 390, 450, 260), ("b-1", 620, 450, 260)),
    "print": (("b-1", 500, 450, 300),),
    "behind": (("b-1", 690, 330, 90), ("a-2", 480, 450, 300)),
}

# Scenes of simulated prints that somebody holds up.
PRINTED = {"print"}


def words(people):
    """The arguments of "gatehouse demo scene" for some people."""
    return [f"{places.picture(name)}@{x},{y},{height}" for name, x, y, height in people]


def fingerprint(people):
    """Changes with whatever a scene is drawn from."""
    digest = hashlib.sha256()
    for path in (places.programs() / "gatehouse", *map(places.picture, (p[0] for p in people))):
        digest.update(path.read_bytes())
    return digest.hexdigest() + "\n" + "\n".join(words(people))


def draw(folder, people, config, *flags):
    """Draw a scene unless it is there already; true when it was drawn."""
    mark = folder.with_suffix(".drawn-from")
    wanted = "\n".join((fingerprint(people), *flags))
    if mark.exists() and mark.read_text() == wanted and folder.is_dir():
        return False
    mark.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    gatehouse("demo", "scene", folder, *words(people), *flags, "--config", config)
    mark.write_text(wanted)
    return True


def draw_all(folder, say):
    """Draw the scenes that are not there yet, with a line for each."""
    folder.mkdir(parents=True, exist_ok=True)
    config = settings.write(folder / "scenes.conf", {"vision": settings.vision()})
    for number, (name, people) in enumerate(SCENES.items(), 1):
        flags = ("--print",) if name in PRINTED else ()
        if draw(folder / name, people, config, *flags):
            say(f"  scene {number} of {len(SCENES)}: {name}")
