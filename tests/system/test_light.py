# SPDX-License-Identifier: Apache-2.0
"""A lane in bad light: what it mends by lamp and camera, and what it tells the traveller."""

import pytest

from lane_support import (Site, draw_scenes, gatehouse, need_demo_files, passages, scenes,
                          settings)

ANSWER_S = 20

# A face in a picture of usual light, made so many times as bright, in thousandths.
DARK, BRIGHT = 25, 24000

CONTROLS = "loop=yes,controls=yes,lag_frames=3"


@pytest.fixture(name="drawn", scope="module")
def draw():
    need_demo_files()
    folder = draw_scenes()
    backlit = folder / "backlit"
    if not backlit.is_dir():
        config = settings.write(folder / "scenes.conf", {"vision": settings.vision()})
        gatehouse("demo", "scene", backlit, *scenes.words(scenes.SCENES["a-2"]), "--light", DARK,
                  "--config", config)
    return folder


@pytest.fixture(name="site", scope="module")
def make_site(tmp_path_factory, drawn):
    site = Site(tmp_path_factory.mktemp("light"), drawn)
    site.publish()
    yield site
    site.stop()


@pytest.fixture(name="ready")
def make_ready(site):
    """A function that starts a lane with some camera and lamp; it is stopped afterwards."""
    started = []

    def ready(options, lamp=False, control="yes"):
        name = "lane-1"
        sections = site.sections(name)
        sections["camera"]["options"] = options
        sections["exposure"] = {"control": control}
        if not lamp:
            del sections["light"]
        lane = site.ready_lane(sections, name)
        started.append(lane)
        return lane
    yield ready
    for lane in started:
        lane.stop()
        site.lanes.remove(lane)


def take(lane, folder):
    """Let somebody step in; the lane's answer, and what it told him on the way."""
    before = passages.newest(lane.status())["number"]
    told = []

    def answered(status):
        word = status["lane"]["coaching"]
        if status["lane"]["state"] == "capture" and word not in told:
            told.append(word)
        return passages.newest(status)["number"] > before
    lane.show(folder)
    status = lane.wait("an answer", answered, ANSWER_S)
    return passages.newest(status), told


def clear(lane, site):
    if lane.state() == "officer":
        record = passages.newest(lane.status())["record"]
        lane.tell("dispose", record, "proceed", "officer-7", "document_inspected")
    lane.show(site.scenes / "empty")
    lane.wait_idle()


@pytest.mark.parametrize("ambient,words", [
    (DARK, {"come_closer", "light_behind", "wait_for_light"}), (BRIGHT, {"light_in_face"}),
], ids=["dark", "bright"])
def test_what_the_camera_can_mend_it_mends(site, ready, ambient, words):
    lane = ready(f"{CONTROLS},ambient_permille={ambient}")
    answer, _ = take(lane, site.scenes / "a-2")
    assert answer["capture"] == "captured" and answer["outcome"] == "match", answer
    clear(lane, site)
    lane.stop()
    # The same camera, and nobody at its controls: it is for the traveller to mend.
    lane = ready(f"{CONTROLS},ambient_permille={ambient}", control="no")
    answer, told = take(lane, site.scenes / "a-2")
    assert set(told) & words, (answer, told)


def test_a_backlit_face_is_exposed_for_and_not_the_hall(site, ready):
    lane = ready(CONTROLS)
    answer, _ = take(lane, site.scenes / "backlit")
    assert answer["capture"] == "captured" and answer["outcome"] == "match", answer


def test_without_controls_the_traveller_is_told_where_the_light_is(site, ready):
    lane = ready("loop=yes")
    answer, told = take(lane, site.scenes / "backlit")
    assert "light_behind" in told and "wait_for_light" not in told, (answer, told)


def test_the_lamp_alone_can_do_it_and_goes_out_after(site, ready):
    lane = ready(f"loop=yes,ambient_permille={DARK},lamp_permille=1500", lamp=True)
    assert lane.status()["lane"]["lamp_permille"] == 0
    answer, _ = take(lane, site.scenes / "a-2")
    assert answer["capture"] == "captured" and answer["outcome"] == "match", answer
    assert lane.status()["lane"]["lamp_permille"] == 0
    clear(lane, site)


def test_light_that_changes_between_travellers(site, ready):
    lane = ready(CONTROLS)
    for ambient in (1000, DARK, BRIGHT, 1000):
        lane.tell("rehearse", "camera", f"ambient {ambient}")
        answer, _ = take(lane, site.scenes / "c-1")
        assert answer["capture"] == "captured", (ambient, answer)
        clear(lane, site)


def test_a_cut_face_is_told_what_to_do_about_it(site, ready):
    lane = ready("loop=yes")
    answer, told = take(lane, site.scenes / "cut")
    assert answer["reason"] == "out_of_frame", answer
    assert [word for word in told if word != "none"] == ["step_back"], told
