# SPDX-License-Identifier: Apache-2.0
"""What a lane refuses to start with, and what bad input and full disks make of it."""

import contextlib
import hashlib
import os
import shutil
import struct
import subprocess
import zlib

import pytest

from lane_support import (Lane, Site, gatehouse, mounted, passage, passages, places, settings,
                          start_refused)

REFUSED_BY_SETTINGS = 78
FAILED = 70
MEBIBYTE = 1 << 20

# Each rule of purpose = service as the lane says it.
RULES = {
    "driver": "a replay or virtual driver",
    "certificate": "a certificate made by the demo",
    "keys": "the key provider",
    "key_file": "[uplink] key_file in a file",
    "calibration": "a calibration marked research-only",
    "rehearsal": "[lane] rehearsal",
    "padding": "[gallery] demo_padding",
}


@pytest.fixture(name="site", scope="module")
def make_site(tmp_path_factory, drawn):
    site = Site(tmp_path_factory.mktemp("refusals"), drawn)
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="sections")
def make_sections(site, tmp_path):
    """Settings of a lane with a folder of its own."""
    sections = site.sections()
    sections["lane"] |= {"data_directory": tmp_path / "lane", "notice_file": tmp_path / "notice.txt",
                         "control_socket": tmp_path / "lane.socket"}
    sections["keys"]["directory"] = tmp_path / "lane/keys"
    return sections


def without(sections, rule, folder):
    """Settings in which one rule is kept, where a setting alone can do that."""
    if rule == "certificate":
        sections["uplink"] = {}
    elif rule == "rehearsal":
        sections["lane"]["rehearsal"] = "no"
    elif rule == "padding":
        sections["gallery"]["demo_padding"] = 0
    elif rule == "calibration":
        text = calibration_text(sections).replace("research_only yes", "research_only no")
        use_calibration(sections, folder, sign(folder, text))
        sections["gallery"]["calibration_key"] = folder / "own.pub"
    return sections


def calibration_text(sections):
    return open(sections["gallery"]["calibration_file"], encoding="utf-8").read()


def use_calibration(sections, folder, text):
    path = folder / "calibration.txt"
    path.write_text(text)
    sections["gallery"]["calibration_file"] = path


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE).stdout


def sign(folder, text):
    """The text up to its end, signed anew by a key of its own, whose public half is own.pub."""
    key, message = folder / "own.key", folder / "message"
    signed = text[:text.index("\nend\n") + 5].encode()
    openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    openssl("pkey", "-in", key, "-pubout", "-out", folder / "own.pub")
    public = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
    message.write_bytes(b"gatehouse calibration\n" + hashlib.sha256(signed).digest())
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message)
    return f"{signed.decode()}signed_by {public.hex()}\nsignature {signature.hex()}\n"


def test_service_names_every_rule_that_is_broken(sections, tmp_path):
    sections["lane"]["purpose"] = "service"
    status, said = start_refused(tmp_path, sections)
    assert status == REFUSED_BY_SETTINGS
    assert said.startswith("gatehoused: ") and "purpose = service refuses" in said
    assert [words for words in RULES.values() if words not in said] == []


@pytest.mark.parametrize("rule", ["certificate", "calibration", "rehearsal", "padding"])
def test_a_rule_that_is_kept_is_not_named(sections, tmp_path, rule):
    sections["lane"]["purpose"] = "service"
    status, said = start_refused(tmp_path, without(sections, rule, tmp_path))
    assert status == REFUSED_BY_SETTINGS
    # Without a centre there is no key either.
    kept = ["certificate", "key_file"] if rule == "certificate" else [rule]
    assert [name for name, words in RULES.items() if words not in said] == kept


def damaged(text, what, folder):
    if what == "unsigned":
        return text[:text.index("\nend\n") + 5]
    if what == "edited":
        return text.replace("data_set ", "data_set x", 1)
    if what == "by_another_key":
        return sign(folder, text)
    return text.replace("gatehouse-calibration 2", "gatehouse-calibration 1")


@pytest.mark.parametrize(("what", "words"), [
    ("unsigned", "not signed"),
    ("edited", "signature does not agree"),
    ("by_another_key", "signed by another key"),
    ("of_format_1", "measure again"),
])
def test_a_calibration_nobody_vouches_for_is_refused(sections, tmp_path, what, words):
    use_calibration(sections, tmp_path, damaged(calibration_text(sections), what, tmp_path))
    status, said = start_refused(tmp_path, sections)
    assert status in (REFUSED_BY_SETTINGS, FAILED)
    assert "[gallery] calibration_file" in said and words in said, said


def test_land_needs_chips(sections, tmp_path):
    sections["lane"]["traffic"] = "land"
    status, said = start_refused(tmp_path, sections)
    assert status == REFUSED_BY_SETTINGS and "reads chips" in said


def test_a_centre_in_service_refuses_demo_certificates(site, tmp_path):
    sections = settings.central(tmp_path / "data", site.keys)
    sections["central"]["purpose"] = "service"
    status, said = start_refused(tmp_path, sections, "gatehouse-central")
    assert status == REFUSED_BY_SETTINGS and RULES["certificate"] in said


@pytest.mark.parametrize(("section", "key", "value", "words"), [
    ("transaction", "capture_timeout_ms", 5, "refused.conf:"),
    ("lane", "colour", "red", "colour"),
    ("camera", "driver", "camera/none", "camera/none"),
    ("camera", "driver", "gate/virtual", "gate/virtual"),
    ("uplink", "certificate_file", "/nowhere.pem", "/nowhere.pem"),
    ("gallery", "calibration_file", "/nowhere.txt", "/nowhere.txt"),
    ("lane", "notice_file", "/nowhere.txt", "/nowhere.txt"),
    ("vision", "model_set", "fr-centerface", "calibration_file"),
], ids=lambda value: str(value))
def test_a_wrong_setting_is_named(sections, tmp_path, section, key, value, words):
    sections[section][key] = value
    status, said = start_refused(tmp_path, sections)
    assert status in (REFUSED_BY_SETTINGS, FAILED) and words in said, said


def copied_models(sections, folder):
    models = folder / "models"
    models.mkdir()
    for path in (places.cache() / "models").glob("*.onnx"):
        (models / path.name).symlink_to(path)
    sections["vision"]["models_directory"] = models
    return models


@pytest.mark.parametrize("what", ["changed", "cut", "gone"])
@pytest.mark.parametrize("model", ["fr_detect", "fr_feature"])
def test_a_model_that_was_replaced_is_refused(sections, tmp_path, model, what):
    path = copied_models(sections, tmp_path) / f"{model}.onnx"
    data = bytearray(path.read_bytes())
    path.unlink()
    data[len(data) // 2] ^= 1
    if what != "gone":
        path.write_bytes(data if what == "changed" else data[:-1])
    status, said = start_refused(tmp_path, sections)
    assert status == FAILED and str(path) in said, said
    assert what != "changed" or "replaced or damaged" in said


def test_two_lanes_do_not_share_a_folder(site, tmp_path):
    lane = site.lane(name="lane-2")
    sections = site.sections("lane-2")
    sections["lane"]["control_socket"] = tmp_path / "other.socket"
    status, said = start_refused(tmp_path, sections)
    assert status == FAILED and str(lane.folder) in said
    lane.program.check()


def test_a_folder_that_cannot_be_written(sections, tmp_path):
    folder = sections["lane"]["data_directory"]
    folder.mkdir(mode=0o700)
    with read_only(folder):
        status, said = start_refused(tmp_path, sections)
    assert status == FAILED and str(folder) in said, said
    assert said.count("\n") == 1


def small_disk(folder, options):
    return mounted(folder, "-t", "tmpfs", "-o", options, "gatehouse-test")


@contextlib.contextmanager
def read_only(folder):
    """A folder nobody can write to: by its mode, or mounted so for root."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    with small_disk(folder, "ro,size=1m,mode=0700"):
        yield


def test_a_disk_without_room_makes_it_manual(site, sections, tmp_path):
    sections["outbox"]["free_disk_min_bytes"] = 1 << 39
    lane = start_lane(site, sections, tmp_path)
    status = lane.wait("manual", lambda s: s["lane"]["outbox_full"], 10)
    assert status["lane"]["state"] == "manual" and status["outbox"]["full"]
    lane.show(site.scenes / "a-2")
    with pytest.raises(places.Failure):
        lane.wait("an answer", lambda s: s["lane"]["answers"], 2)
    assert "FULL" in gatehouse("lane", "status", "--config", lane.config)
    lane.stop()


def start_lane(site, sections, folder):
    """A lane whose data lies where the settings say, not where the site puts it."""
    (folder / "notice.txt").write_text(settings.NOTICE)
    lane = Lane(folder / "program", sections)
    site.lanes.append(lane)
    return lane.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk to fill can be mounted by root only")
def test_a_disk_that_fills_up_and_is_cleared(site, sections, tmp_path):
    folder = sections["lane"]["data_directory"]
    folder.mkdir(mode=0o700)
    sections["outbox"]["free_disk_min_bytes"] = 8 * MEBIBYTE
    with small_disk(folder, "size=32m,mode=0700"):
        lane = start_lane(site, sections, tmp_path)
        lane.wait_idle()
        filler = folder / "filler"
        fill(filler, free_to_leave=4 * MEBIBYTE)
        status = lane.wait("manual", lambda s: s["lane"]["state"] == "manual", 15)
        assert status["lane"]["outbox_full"]
        filler.unlink()
        lane.wait_idle(15)
        site.walk(lane, passage("opts out"))
        assert lane.stop() == 0


def fill(path, free_to_leave):
    facts = os.statvfs(path.parent)
    path.write_bytes(b"x" * (facts.f_bavail * facts.f_frsize - free_to_leave))


def png_of(width, height):
    """The head of a PNG that claims a size, and no picture behind it."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))


def jpeg_of(jpeg, width, height):
    """A JPEG whose frame header claims another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4:]


def hostile_pictures(good):
    return {
        "cut.jpg": good[:len(good) // 2], "head.jpg": good[:4], "empty.jpg": b"",
        "huge.jpg": jpeg_of(good, 65500, 65500), "none.jpg": jpeg_of(good, 0, 0),
        "small.jpg": jpeg_of(good, 640, 360), "text.jpg": b"not a picture\n" * 50,
        "bomb.png": png_of(60000, 60000), "cut.png": png_of(1280, 720)[:60],
        "short.png": png_of(1280, 720), "zero.png": png_of(0, 0),
        "random.jpg": good[:600] + bytes(range(256)) * 40,
    }


def test_hostile_pictures_are_counted_and_do_no_harm(site, sections, tmp_path):
    folder = tmp_path / "pictures"
    shutil.copytree(site.scenes / "b-1", folder)
    good = (folder / "00000.jpg").read_bytes()
    hostile = hostile_pictures(good)
    for index, (name, data) in enumerate(hostile.items()):
        (folder / f"{2 * index:05d}-{name}").write_bytes(data)
    sections["camera"] = settings.replay(folder)
    lane = start_lane(site, sections, tmp_path)
    status = lane.wait("an answer", lambda s: s["lane"]["answers"], 20)
    assert passages.newest(status)["capture"] == "captured"
    status = lane.wait("all pictures", lambda s: camera_of(s)["damaged"] >= len(hostile), 20)
    assert camera_of(status)["state"] == "streaming" and status["vision"]["failures"] == 0
    assert lane.stop() == 0


def camera_of(status):
    return next(device for device in status["devices"] if device["class"] == "camera")


def avi_of(pictures, interval_us=33333):
    """A Motion JPEG video in AVI."""
    def chunk(kind, data):
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def listed(kind, *parts):
        return chunk(b"LIST", kind + b"".join(parts))
    count = len(pictures)
    head = struct.pack("<14I", interval_us, 0, 0, 0, count, 0, 1, 0, 1280, 720, 0, 0, 0, 0)
    stream = (b"vidsMJPG" + struct.pack("<10I", 0, 0, 0, interval_us, 1000000, 0, count, 0, 0, 0)
              + b"\0" * 8)
    form = struct.pack("<IiiHH4s5I", 40, 1280, 720, 1, 24, b"MJPG", 0, 0, 0, 0, 0)
    body = listed(b"hdrl", chunk(b"avih", head),
                  listed(b"strl", chunk(b"strh", stream), chunk(b"strf", form)))
    return chunk(b"RIFF", b"AVI " + body + listed(b"movi", *(chunk(b"00dc", p) for p in pictures)))


def test_a_video_cut_in_the_middle_plays_as_far_as_it_goes(site, sections, tmp_path):
    pictures = [path.read_bytes() for path in sorted((site.scenes / "b-1").glob("*.jpg"))]
    whole = avi_of(pictures)
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[:len(whole) * 3 // 4])
    sections["camera"] = settings.replay(path)
    lane = start_lane(site, sections, tmp_path)
    status = lane.wait("an answer", lambda s: s["lane"]["answers"], 20)
    assert passages.newest(status)["capture"] == "captured"
    status = lane.wait("the end", lambda s: camera_of(s)["damaged"] >= 1, 20)
    assert camera_of(status)["state"] == "streaming"
    assert lane.stop() == 0


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\x10\0\0\0AVI LIST", b"\0" * 5000],
                         ids=["empty", "riff", "avi", "zeros"])
def test_no_video_at_all_is_a_lane_without_a_camera(site, sections, tmp_path, data):
    path = tmp_path / "none.avi"
    path.write_bytes(data)
    sections["camera"] = settings.replay(path)
    lane = start_lane(site, sections, tmp_path)
    lane.wait("a warning", lambda s: any("camera_missing" in x for x in lane.program.lines()), 10)
    status = lane.status()
    assert status["lane"]["state"] == "manual" and "camera" in status["lane"]["lost_devices"]
    assert lane.stop() == 0
