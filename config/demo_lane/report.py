# SPDX-License-Identifier: Apache-2.0
"""What the demo prints: a line for each traveller, and what the centre holds of them."""

from collections import Counter

HEADER = f"  {'traveller':<39} {'answer':<8} {'because':<31} {'score':>6} {'from':>6} {'ms':>5}"


def number(value, form=".3f"):
    return "-" if value is None else format(value, form)


def because(answer):
    """Why a lane answered as it did: the outcome, or the reasons of a referral."""
    words = answer["referrals"] or [answer["outcome"]]
    if answer["capture"] == "not_captured":
        words = [f"not_captured: {answer['reason']}"]
    return ", ".join(words)


def answer_line(title, answer):
    """One traveller; with the time from standing in the zone to the answer."""
    if not answer:
        return f"  {title:<39} {'none':<8} {'nobody there':<31} {'-':>6} {'-':>6} {'-':>5}"
    waited = answer["answer_ms"] if answer["capture"] != "opted_out" else None
    return (f"  {title:<39} {answer['decision']:<8} {because(answer):<31} "
            f"{number(answer['score']):>6} {number(answer['threshold']):>6} "
            f"{number(waited, 'd'):>5}")


def walk_line(walk):
    verdict = "ok" if not walk.faults else "NOT AS EXPECTED: " + "; ".join(walk.faults)
    return f"{answer_line(walk.passage.title, walk.answer)}  {verdict}"


def expected_addenda(walk):
    """What must have followed a record: the passage, or the officer's disposition."""
    if walk.answer["decision"] == "go":
        return [("passed", None)]
    return [("disposition", walk.passage.disposition)]


def addenda(row):
    return [(item["kind"], item.get("disposition")) for item in row["addenda"]]


def check_row(walk, rows):
    """What is wrong with what the centre holds of one answer."""
    if len(rows) != 1:
        return [f"record {walk.record} is at the centre {len(rows)} times"]
    row, faults = rows[0], []
    for key in ("capture", "reason", "outcome", "decision", "referrals"):
        if row[key] != walk.answer[key]:
            faults.append(f"record {walk.record}: {key} {row[key]} at the centre, "
                          f"{walk.answer[key]} at the lane")
    if addenda(row) != expected_addenda(walk):
        faults.append(f"record {walk.record}: addenda {addenda(row)}")
    if not row["test"]:
        faults.append(f"record {walk.record} is not marked as a test")
    photo = "stored" if walk.answer["capture"] == "captured" else "none"
    if row["photo"] != photo:
        faults.append(f"record {walk.record}: photo {row['photo']}, expected {photo}")
    return faults


def check_centre(walks, rows):
    """Every answer arrived once with what followed it, and nothing else did."""
    answered = [walk for walk in walks if walk.answer]
    faults = [fault for walk in answered
              for fault in check_row(walk, [row for row in rows if row["id"] == walk.record])]
    strange = {row["id"] for row in rows} - {walk.record for walk in answered}
    return faults + [f"record {identity} is of no traveller" for identity in sorted(strange)]


def counted(words):
    return ", ".join(f"{word} {count}" for word, count in sorted(Counter(words).items())) or "none"


def summary(rows):
    """Lines on what the centre holds."""
    referrals = [reason for row in rows for reason in row["referrals"]]
    marks = [item.get("disposition") or item["kind"] for row in rows for item in row["addenda"]]
    return [
        f"  records     {len(rows)}, all marked as a test" if all(r["test"] for r in rows)
        else f"  records     {len(rows)}, NOT all marked as a test",
        f"  captures    {counted(row['capture'] for row in rows)}",
        f"  decisions   {counted(row['decision'] for row in rows)}",
        f"  referrals   {counted(referrals)}",
        f"  what came   {counted(marks)}",
        f"  photographs {counted(row['photo'] for row in rows)}",
    ]
