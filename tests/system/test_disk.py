# SPDX-License-Identifier: Apache-2.0
"""A real lane whose disk fills up or turns read-only under it."""

import os
import shutil
import subprocess

import pytest

from lane_support import (Lane, Site, TEMPLATES, gatehouse, kinds, mounted, passage, passages,
                          settings)

MEBIBYTE = 1 << 20
WAIT_S = 30

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root only can mount a disk")


@pytest.fixture(name="site")
def make_site(tmp_path, drawn):
    site = Site(tmp_path, drawn)
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="folder")
def make_folder(tmp_path):
    """Where the lane's disk is mounted."""
    folder = tmp_path / "disk"
    folder.mkdir(mode=0o700)
    return folder


def lane_on(site, folder):
    """A lane whose data lies on a disk of its own, and all else beside it."""
    sections = site.sections()
    data = folder / "data"
    sections["lane"] |= {"data_directory": data, "notice_file": site.folder / "notice.txt"}
    sections["keys"]["directory"] = data / "keys"
    sections["lane"]["control_socket"] = site.folder / "lane.socket"
    (site.folder / "notice.txt").write_text(settings.NOTICE)
    lane = Lane(site.folder / "program", sections)
    site.lanes.append(lane)
    lane.start()
    lane.wait_enrolled(TEMPLATES)
    lane.wait_idle()
    return lane


def fill(folder):
    facts = os.statvfs(folder)
    (folder / "filler").write_bytes(b"x" * (facts.f_bavail * facts.f_frsize))
    assert os.statvfs(folder).f_bavail == 0


def status_says(lane, words):
    return words in gatehouse("lane", "status", "--config", lane.config)


def wait_manual(lane):
    return lane.wait("manual", lambda s: s["lane"]["state"] == "manual", WAIT_S)


def test_a_disk_that_fills_up_loses_and_doubles_nothing(site, folder):
    with mounted(folder, "-t", "tmpfs", "-o", "size=48m,mode=0700", "gatehouse-test"):
        lane = lane_on(site, folder)
        assert site.central.stop() == 0
        walks = [site.walk(lane, passage("another photograph"))]
        fill(folder)
        assert wait_manual(lane)["lane"]["outbox_full"] and status_says(lane, "FULL")
        # What is on the disk is delivered; that it was cannot all be written down now.
        site.central.restart()
        lane.wait("the centre", lambda s: s["uplink"]["online"], WAIT_S)
        (folder / "filler").unlink()
        lane.wait_idle(WAIT_S)
        # And in the middle of a passage: no record, so no gate.
        lane.show(site.scenes / "c-1")
        lane.wait("the notice", lambda s: s["lane"]["state"] in ("notice", "capture"), WAIT_S)
        fill(folder)
        counts = wait_manual(lane)["lane"]["counts"]
        assert (counts["record_failures"], counts["go"]) == (1, 1)
        (folder / "filler").unlink()
        passages.clear(lane, site.scenes)
        walks.append(site.walk(lane, passage("not on the manifest")))
        rows = site.operator_has(lane)
        assert [row["id"] for row in rows] == [walk.record for walk in walks]
        assert [kinds(row) for row in rows] == [["passed"], ["disposition"]]
        assert lane.status()["outbox"]["quarantined"] == 0
        assert lane.stop() == 0


def make_disk(path):
    with open(path, "wb") as file:
        file.truncate(96 * MEBIBYTE)
    if not shutil.which("mkfs.ext4"):
        pytest.skip("mkfs.ext4 is missing")
    subprocess.run(["mkfs.ext4", "-q", path], check=True)


def test_a_disk_that_turns_read_only_lets_nobody_start(site, folder, tmp_path):
    image = tmp_path / "image"
    make_disk(image)
    options = ("-o", "loop,errors=remount-ro", image)
    with mounted(folder, *options):
        lane = lane_on(site, folder)
        assert site.central.stop() == 0
        walk = site.walk(lane, passage("opts out"))
        lane.show(site.scenes / "b-1")
        lane.wait("the notice", lambda s: s["lane"]["state"] in ("notice", "capture"), WAIT_S)
        # As the kernel does when the disk fails.
        subprocess.run(["mount", "-o", "remount,abort", folder], check=True)
        wait_manual(lane)
        lane.wait("a second look", lambda s: not s["outbox"]["writable"], WAIT_S)
        assert status_says(lane, "DISK NOT WRITABLE")
        # It looks every five seconds: the next one in the zone is not taken up.
        uptime = lane.status()["uptime_s"]
        status = lane.wait("three looks", lambda s: s["uptime_s"] > uptime + 15, 2 * WAIT_S)
        assert status["lane"]["state"] == "manual"
        assert status["lane"]["counts"]["record_failures"] == 1
        assert lane.stop() == 0
        subprocess.run(["umount", folder], check=True)
        subprocess.run(["mount", *map(str, options), folder], check=True)
        site.central.restart()
        lane.start()
        lane.wait_idle(WAIT_S)
        (row,) = site.operator_has(lane)
        assert row["id"] == walk.record and kinds(row) == ["disposition"]
        assert lane.stop() == 0
