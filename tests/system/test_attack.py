# SPDX-License-Identifier: Apache-2.0
"""gatehouse attack on a site's own list: refusals before a picture is opened, and one real run."""

import json
import os
import subprocess

import pytest

from lane_support import SOURCE, need_demo_files, places, settings

GATEHOUSE = places.programs() / "gatehouse"
PARAMETERS = SOURCE / "models/attack.txt"

pytestmark = pytest.mark.skipif(not GATEHOUSE.exists(), reason=f"{GATEHOUSE} is not built")


def say(*words):
    return subprocess.run(
        [GATEHOUSE, *words], capture_output=True, text=True, timeout=120, check=False
    )


def write(folder, *lines):
    path = folder / "list.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("lines, place", [
    (("file\tidentity", "a.jpg\tsecret"), ":1"),
    (("file\tspecies\tpresentation", "a.jpg\tmask\t1", "b.jpg\tprint\t1"), ":3"),
])
def test_a_list_that_makes_no_sense_is_refused_with_its_line(tmp_path, lines, place):
    made = say("attack", "measure", write(tmp_path, *lines), "--parameters", PARAMETERS)
    assert made.returncode == 65, made.stderr
    assert f"list.tsv{place}" in made.stderr and "secret" not in made.stderr


def test_without_list_or_parameters_there_is_no_input(tmp_path):
    made = say("attack", "measure", tmp_path / "none.tsv", "--parameters", PARAMETERS)
    assert made.returncode == 66
    lines = write(tmp_path, "file\tspecies", "a.jpg\t")
    assert say("attack", "measure", lines, "--parameters", tmp_path / "none.txt").returncode == 66


def test_what_a_number_may_not_be(tmp_path):
    lines = write(tmp_path, "file\tspecies", "a.jpg\t")
    made = say("attack", "measure", lines, "--bpcer-permille", "900")
    assert made.returncode == 64 and "--bpcer-permille" in made.stderr


def test_pictures_are_measured_and_too_few_are_not_fitted(tmp_path):
    need_demo_files()
    picture = next(path for path in sorted((places.cache() / "pictures").iterdir())
                   if path.suffix == ".jpg" and path.stat().st_size < 2_000_000)
    config = settings.write(tmp_path / "lane.conf", {"vision": settings.vision()})
    lines = write(tmp_path, "file\tspecies\tpresentation", f"{picture}\t\t1",
                  f"{picture}\tmask\t2", f"{picture}\tmask\t2")
    made = say("attack", "measure", lines, "--config", config, "--json", "--cues",
               tmp_path / "cues.tsv")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["simulated_only"] is True
    assert [row["measure"] for row in told["species"]] == ["bpcer", "apcer"]
    assert [row["shown"] + row["lost"] for row in told["species"]] == [1, 1]
    cues = (tmp_path / "cues.tsv").read_text().splitlines()
    assert len(cues) == 3 and str(picture) not in "".join(cues)
    assert os.stat(tmp_path / "cues.tsv").st_mode & 0o777 == 0o600
    made = say("attack", "fit", lines, tmp_path / "new.txt", "--config", config)
    assert made.returncode == 65 and "20 bona fide" in made.stderr
    assert not (tmp_path / "new.txt").exists()
