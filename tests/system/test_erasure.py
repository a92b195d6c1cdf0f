# SPDX-License-Identifier: Apache-2.0
"""From a traveller to a proof that nothing of them is left on the lane, checked elsewhere."""

import json

import pytest

from lane_support import Site, draw_scenes, gatehouse, need_demo_files, passage
from demo_lane.programs import gatehouse_json

WITNESS_S = 60


@pytest.fixture(name="site")
def make_site(tmp_path):
    """A centre with a voyage; lanes are started by the test and stopped here."""
    need_demo_files()
    site = Site(tmp_path, draw_scenes())
    site.publish()
    yield site
    site.stop()


def report(lane):
    return gatehouse_json("retention", "report", "--config", lane.config)


def wait_countersigned(lane):
    lane.wait("the centre's word on the erasure log",
              lambda status: report(lane)["erasure"]["countersigned"] > 0, WITNESS_S)


def prove(lane, record, folder):
    """A proof as a file, and the lane's key as one."""
    data = lane.sections["lane"]["data_directory"]
    proof = folder / "proof.json"
    proof.write_text(gatehouse("erasure", "prove", record, "--folder", data))
    key = folder / "lane.pub"
    key.write_text(gatehouse("erasure", "key", "--folder", data))
    return proof, key


def verify(proof, key, *more, allowed=(0,)):
    return json.loads(gatehouse("erasure", "verify", proof, "--key", key, "--json", *more,
                                allowed=allowed))


def test_a_delivered_record_is_proved_to_be_erased(site, tmp_path):
    lane = site.ready_lane()
    held = report(lane)
    assert held["rule"] == "the earliest limit wins"
    assert [voyage["why"] for voyage in held["voyages"]] == [
        "until 2 hours after departure or the last passage"]
    site.walk(lane, passage("another photograph"))
    rows = site.operator_has(lane)
    record = rows[0]["id"]
    assert report(lane)["erasure"]["pending"] > 0
    # A start ends what is pending before anything else.
    lane.program.stop()
    lane.start()
    wait_countersigned(lane)
    after = report(lane)
    assert after["erasure"]["batches"] == 1
    assert after["erasure"]["rounds_failed"] == 0
    assert not after["overdue"]

    proof, key = prove(lane, record, tmp_path)
    told = verify(proof, key)
    assert told["holds"] and told["record"] == record and told["late_ms"] == 0
    assert told["attested_by"] == "unknown_witness"
    assert {"record", "photo"} <= {entry["what"] for entry in told["entries"]}
    central = json.loads(proof.read_text())["receipt"]["public_key"]
    assert verify(proof, key, "--central-key", central)["attested_by"] == "centre"
    # Nobody else's key, and not a word changed.
    refused = verify(proof, "0" * 64, allowed=(65,))
    assert refused["status"] == "integrity"
    changed = json.loads(proof.read_text())
    changed["entries"][0]["says"]["late_ms"] = 7
    proof.write_text(json.dumps(changed))
    assert verify(proof, key, allowed=(65,))["status"] == "integrity"

    data = lane.sections["lane"]["data_directory"]
    checked = json.loads(gatehouse("erasure", "check", f"{data}/erasure.log", "--key", key,
                                   "--json"))
    assert checked["batches"] == 1 and checked["late"] == 0
