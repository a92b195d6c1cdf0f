# SPDX-License-Identifier: Apache-2.0
"""The queue: who comes, what is expected of the lane, and what it answered."""

import dataclasses

from .programs import pause
from .voyage import TRAVELLERS

EMPTY_LANE_S = 3
ANSWER_S = 15

ERIKSSON_NUMBER = TRAVELLERS[0][4]
ERIKSSON_ISSUER = TRAVELLERS[0][3]
CLARA_NUMBER = TRAVELLERS[1][4]
CLARA_ISSUER = TRAVELLERS[1][3]


@dataclasses.dataclass(frozen=True)
class Passage:
    """One traveller: what the camera shows, what else happens, what is to come of it."""

    title: str
    scene: str
    expected: dict
    words: tuple = ()         # told to the lane while the notice is shown
    disposition: str = ""     # the officer's, of a referral
    refused: str = ""         # a disposition that the lane must not take


def go(kind="one_to_many"):
    return {"capture": "captured", "comparison": kind, "outcome": "match", "decision": "go",
            "referrals": []}


def referral(outcome, *reasons, kind="one_to_many"):
    return {"capture": "captured", "comparison": kind, "outcome": outcome,
            "decision": "referral", "referrals": list(reasons)}


def not_captured(reason):
    return {"capture": "not_captured", "reason": reason, "decision": "referral",
            "referrals": ["not_captured"]}


QUEUE = (
    Passage("another photograph than the manifest's", "a-2", go()),
    Passage("one to one, by the document's number", "c-1", go("one_to_one"),
            words=("claim", CLARA_NUMBER, CLARA_ISSUER)),
    Passage("not on the manifest", "b-1", referral("no_match", "not_found"),
            disposition="proceed"),
    Passage("with somebody else's document", "b-1",
            referral("no_match", "true_mismatch", kind="one_to_one"),
            words=("claim", ERIKSSON_NUMBER, ERIKSSON_ISSUER),
            disposition="secondary", refused="proceed"),
    Passage("the same person a second time", "a-3", referral("match", "already_passed"),
            disposition="secondary"),
    Passage("the same, a bystander left out", "behind",
            referral("match", "already_passed") | {"faces_in_frame": 2}, disposition="secondary"),
    Passage("a simulated print held up", "print",
            referral("no_match", "not_found", "attack_suspected"), disposition="proceed"),
    Passage("two people abreast", "abreast", not_captured("several_faces"),
            disposition="proceed"),
    Passage("face cut by the frame's border", "cut", not_captured("out_of_frame"),
            disposition="proceed"),
    Passage("an empty lane", "empty", {}),
    Passage("opts out", "c-1",
            {"capture": "opted_out", "decision": "referral", "referrals": ["opted_out"],
             "score": None},
            words=("rehearse", "display", "opt_out"), disposition="opted_out"),
)


@dataclasses.dataclass
class Walk:
    """What came of a passage."""

    passage: Passage
    answer: dict              # of the lane; {} when it gave none
    faults: list              # what is not as expected, in words

    @property
    def record(self):
        return self.answer.get("record")


def newest(status):
    answers = status["lane"]["answers"]
    return answers[0] if answers else {"number": 0}


def differences(expected, answer):
    """What an answer has otherwise than expected."""
    if not expected:
        return ["an answer, where nobody stood"] if answer else []
    if not answer:
        return ["no answer"]
    return [f"{key} {answer[key]}, expected {value}" for key, value in expected.items()
            if answer[key] != value]


def speak(lane, passage):
    """Say what is to be said while the traveller reads the notice."""
    lane.wait("the notice", lambda s: s["lane"]["state"] == "notice", ANSWER_S)
    lane.tell(*passage.words)


def dispose(lane, passage, record, faults):
    """The officer's word on a referral."""
    if passage.refused:
        lane.tell("dispose", record, passage.refused, "officer-7", "inspected", allowed=(77,))
    if passage.disposition:
        lane.tell("dispose", record, passage.disposition, "officer-7", "document_inspected")
    elif not passage.expected or passage.expected["decision"] != "go":
        faults.append("a referral that nobody was to dispose of")


def stand_in_an_empty_lane(lane, passage):
    """Nobody comes: there must be no answer, however long that lasts."""
    before = newest(lane.status())["number"]
    pause(EMPTY_LANE_S)
    status = lane.status()
    answer = newest(status) if newest(status)["number"] != before else {}
    faults = differences({}, answer)
    if status["lane"]["state"] != "idle":
        faults.append(f"state {status['lane']['state']}")
    return Walk(passage, answer, faults)


def clear(lane, scenes):
    """The traveller goes; the lane is free for the next one."""
    lane.show(scenes / "empty")
    lane.wait_idle()


def walk(lane, passage, scenes):
    """Let one traveller come, and see what the lane makes of it."""
    if not passage.expected:
        return stand_in_an_empty_lane(lane, passage)
    before = newest(lane.status())["number"]
    lane.show(scenes / passage.scene)
    if passage.words:
        speak(lane, passage)
    status = lane.wait("an answer", lambda s: newest(s)["number"] > before, ANSWER_S)
    answer = newest(status)
    faults = differences(passage.expected, answer)
    if answer["decision"] == "referral":
        dispose(lane, passage, answer["record"], faults)
    clear(lane, scenes)
    return Walk(passage, answer, faults)
