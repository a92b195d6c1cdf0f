# SPDX-License-Identifier: Apache-2.0
"""gatehouse model: the sets there are, and whether one works here."""

import json
import os
import shutil
import subprocess

import pytest

SOURCE = os.environ.get("GATEHOUSE_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
CACHE = os.environ.get("GATEHOUSE_CACHE", os.path.expanduser("~/.cache/gatehouse"))
PROGRAM = os.path.join(os.environ.get("GATEHOUSE_BIN_DIR", "bin"), "gatehouse")
ENGINE = os.path.join(CACHE, "engine", "libonnxruntime.so.1.28.0")
FOUND = 1

pytestmark = pytest.mark.skipif(
    not os.path.exists(os.path.join(CACHE, "models", "fr_feature.onnx"))
    or not os.path.exists(ENGINE), reason="config/setup --only models was not run"
)


@pytest.fixture(name="models")
def copied_models(tmp_path):
    """A copy of the descriptions, so that a test can spoil them."""
    return shutil.copytree(os.path.join(SOURCE, "models"), tmp_path / "models")


def gatehouse(models, *words):
    settings = models.parent / "lane.conf"
    settings.write_text(
        f"[vision]\nmodels_directory = {CACHE}/models\nmodels_manifest = {models}/MANIFEST\n"
        f"engine_library = {ENGINE}\n", encoding="utf-8"
    )
    return subprocess.run(
        [PROGRAM, *words, "--config", settings], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, check=False
    )


def test_sets_are_listed_with_the_one_in_use(models):
    done = gatehouse(models, "model", "list", "--json")
    sets = {entry["set"]: entry for entry in json.loads(done.stdout)}
    assert done.returncode == 0 and {"fr", "fr-centerface", "dlib"} <= set(sets)
    assert [name for name, entry in sets.items() if entry["chosen"]] == ["fr"]
    assert sets["fr"]["networks"]["embedder"] == "fr_feature" and sets["fr"]["status"] == "ok"


def test_a_good_set_passes(models):
    done = gatehouse(models, "model", "check", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["passed"] and answer["set"] == "fr"
    assert len(answer["model_chain"]) == 64 and answer["engine"].startswith("onnxruntime")
    runs = [check for check in answer["checks"] if check["check"] == "runs"]
    assert len(runs) == 7 and all(check["time_us"] > 0 for check in runs)


def test_a_spoilt_description_fails_and_says_where(models):
    description = models / "fr_eye" / "network"
    description.write_text(description.read_text().replace("24 24", "32 32"), encoding="utf-8")
    done = gatehouse(models, "model", "check", "fr")
    assert done.returncode == FOUND
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1 and "fr_eye" in failed[0] and "tensors" in failed[0]
    assert "1 failed" in done.stdout


def test_a_set_that_is_not_there_fails(models):
    done = gatehouse(models, "model", "check", "none")
    assert done.returncode == FOUND and "FAIL" in done.stdout
