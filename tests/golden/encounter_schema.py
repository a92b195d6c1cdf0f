#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The published schemas, an independent validator and our own strict reader say the same.

Records of the code are valid; then each is spoiled in one or two places (a key dropped or added, a
value of another type, out of range, a word of another list, a part of another record) and both are
asked. They may differ only where make_encounter_schema.py says that a schema cannot express a rule.
"""

import copy
import json
import os
import random
import subprocess
import sys
from pathlib import Path

try:
    from jsonschema import Draft202012Validator, validators  # noqa: F401  (manifest_schema.py)
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

sys.path.insert(0, str(Path(__file__).resolve().parent))
import make_encounter_schema as maker  # noqa: E402

PROGRAM = Path(os.environ.get("GATEHOUSE_BUILD_DIR", ".build/release")) / "test/golden_encounter_records"
LONG = os.environ.get("GATEHOUSE_LONG") == "1"
RECORDS = 70
MUTATIONS = 100000 if LONG else 3000

VALUES = [None, "", "x", "x" * 200, "a" * 64, "0" * 64, "A" * 64, "not_assessed", "none", 0, 1, 2,
          -1, 5.0, 1.5, 0.0, -0.5, 1e9, 1e308, -1e9, 2 ** 32, 2 ** 40, 2 ** 70, True, False, [], {},
          ["not_found"], ["not_found", "not_found"], ["x"], [None], ["opted_out"], {"id": "x"},
          "00000000-0000-0000-0000-000000000000", "6707C304-0650-bcda-ac49-8c829b947770",
          "2026-09-30T05:55:34.641Z", "2026-09-30T05:55:34Z", "2026-09-30T05:55:34.641+00:00",
          "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-04-31T00:00:00.000Z",
          "2026-09-30T05:55:60.000Z", "en-US", "en US", "caf\u00e9", "tab\there", "newline\n",
          "lane-1\n", "\u0085", "L898902C\u20ac", "nul\u0000", "encounter", "addendum"]

MATCH = {"/comparison/outcome": "match", "/lane/mode": "egate"}
NOT_FOUND = {"/decision/referrals": ["not_found"], "/lane/mode": "egate"}
OPTED_OUT = {"/capture/outcome": "opted_out"}
UNTRIED = {"/capture/outcome": "none"}
# How each rule is broken and none before it: a record like this, and what is put where.
BREAKS = {
    "encounter": {
        "test": (MATCH, {"/test": "flip"}),
        "notice_hash": (MATCH, {"/notice/hash": "abc"}),
        "notice": (MATCH, {"/notice/hash": None}),
        "reason": (MATCH, {"/capture/reason": "blurred"}),
        "referrals": (NOT_FOUND, {"/decision/referrals": []}),
        "go": (NOT_FOUND, {"/decision/outcome": "go", "/decision/referrals": []}),
        "compared": (MATCH, {"/lane/engine": None}),
        "outcome": (UNTRIED, {"/comparison/outcome": "cannot_tell"}),
        "no_score": (UNTRIED, {"/comparison/score": 0.5}),
        "match_score": (MATCH, {"/comparison/threshold": "not_assessed"}),
        "threshold": (MATCH, {"/comparison/threshold": 2}),
        "not_found": (UNTRIED, {"/decision/referrals": ["not_found"]}),
        "true_mismatch": (NOT_FOUND, {"/decision/referrals": ["true_mismatch"]}),
        "not_captured": (NOT_FOUND, {"/decision/referrals": ["not_captured"]}),
        "person": (MATCH, {"/voyage": None}),
        "morph": (NOT_FOUND, {"/morph/score": 0.5}),
        "photo": (UNTRIED, {"/photo": {"sha256": "ab" * 32, "bytes": 7}}),
        "opted_out": (OPTED_OUT, {"/retention/class": "unknown"}),
        "opted_out_person": (OPTED_OUT, {"/notice/language": "de"}),
        "opted_out_face": (OPTED_OUT, {"/quality/yaw_degrees": 0}),
        "unidentified": (NOT_FOUND, {"/retention/class": "other"}),
        "destroy_by": (MATCH, {"/retention/destroy_by": "2027-09-30T05:55:34.641Z"}),
    },
    "addendum": {
        "disposition": ({"/kind": "passed"}, {"/kind": "disposition"}),
        "disposition_word": ({"/kind": "disposition"}, {"/disposition/outcome": "none"}),
        "clock": ({"/kind": "passed"}, {"/clock": {"offset_ms": 5}}),
        "photo_erased": ({"/kind": "photo_erased"}, {"/photo_erased": None}),
        "ids": ({"/kind": "passed"}, {"/id": "same", "/encounter": "same"}),
    },
    "heartbeat": {},
}


def spots(value, path=()):
    """Every place in a record, as (path to the parent, key)."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield path, key
            yield from spots(child, path + (key,))
    elif isinstance(value, list):
        for key, child in enumerate(value):
            yield path, key
            yield from spots(child, path + (key,))


def parent_of(record, path):
    for key in path:
        record = record[key]
    return record


def words_of(schema):
    found = []
    if isinstance(schema, dict):
        found += [w for w in schema.get("enum", []) if isinstance(w, str)]
        for child in schema.values():
            found += words_of(child)
    elif isinstance(schema, list):
        for child in schema:
            found += words_of(child)
    return found


def spoil(draw, record, others, words):
    path, key = draw.choice(list(spots(record)))
    parent = parent_of(record, path)
    how = draw.randrange(6)
    if how == 0 and isinstance(parent, dict):
        del parent[key]
    elif how == 1 and isinstance(parent, dict):
        parent[draw.choice(["x", "", "id", "score", "a/b~"])] = draw.choice(VALUES)
    elif how == 2:
        parent[key] = draw.choice(words)
    elif how in (3, 4):
        donor = draw.choice(others)
        try:
            parent[key] = copy.deepcopy(parent_of(donor, path)[key])
        except (KeyError, TypeError, IndexError):
            parent[key] = None
    else:
        parent[key] = copy.deepcopy(draw.choice(VALUES))


def ecma(schema):
    """Python's $ also matches before a last newline, that of JSON Schema (ECMA-262) does not."""
    if isinstance(schema, dict):
        return {k: v[:-1] + r"\Z" if k == "pattern" and isinstance(v, str) and v.endswith("$")
                else ecma(v) for k, v in schema.items()}
    if isinstance(schema, list):
        return [ecma(child) for child in schema]
    return schema


def judge(name, texts):
    lines = "".join(f"{name[0]}{text}\n" for text in texts)
    done = subprocess.run([PROGRAM, "--judge"], input=lines, capture_output=True, text=True,
                          check=True)
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(texts), (len(verdicts), len(texts))
    return verdicts


def may_differ(name, verdict):
    return any(f"(rule {rule})" in verdict for rule in maker.UNEXPRESSED[name])


def compare(name, validator, records, words, draw):
    spoiled = []
    for _ in range(MUTATIONS):
        record = copy.deepcopy(draw.choice(records))
        for _ in range(draw.choice([1, 1, 1, 2, 3])):
            spoil(draw, record, records, words)
        spoiled.append(record)
    verdicts = judge(name, [json.dumps(record) for record in spoiled])
    counts = {"both accept": 0, "both refuse": 0, "only the code refuses": 0}
    for record, verdict in zip(spoiled, verdicts):
        valid = validator.is_valid(record)
        if valid == (verdict == "ok"):
            counts["both accept" if valid else "both refuse"] += 1
        elif valid and may_differ(name, verdict):
            counts["only the code refuses"] += 1
        else:
            why = [e.message for e in validator.iter_errors(record)][:3]
            sys.exit(f"{name}: the code says '{verdict}', the schema {why or 'that it is valid'}:\n"
                     f"{json.dumps(record)}")
    print(f"{name}: {counts}")
    if not counts["both accept"] or not counts["both refuse"]:
        sys.exit(f"{name}: the mutations prove nothing")


def look(record, pointer):
    return parent_of(record, pointer.strip("/").split("/"))


def put(record, pointer, value):
    *path, key = pointer.strip("/").split("/")
    parent = parent_of(record, path)
    if value == "flip":
        value = not parent[key]
    if value == "same":
        value = "6707c304-0650-4cda-ac49-8c829b947770"
    parent[key] = value


def broken(name, rule, records):
    like, edits = BREAKS[name][rule]
    record = copy.deepcopy(next(r for r in records
                                if all(look(r, p) == value for p, value in like.items())))
    for pointer, value in edits.items():
        put(record, pointer, value)
    return record


def check_rules(name, validator, records, rules):
    """Every rule is broken once on purpose: the code names it, and the schema refuses it as well."""
    if set(BREAKS[name]) | maker.STRUCTURAL[name] != set(rules):
        sys.exit(f"{name}: BREAKS and rules differ: {set(BREAKS[name]) ^ set(rules)}")
    for rule in BREAKS[name]:
        record = broken(name, rule, records)
        verdict = judge(name, [json.dumps(record)])[0]
        if f"(rule {rule})" not in verdict:
            sys.exit(f"{name}: rule {rule} is broken, but the code says '{verdict}'")
        if validator.is_valid(record) != (rule in maker.UNEXPRESSED[name]):
            sys.exit(f"{name}: the schema says the wrong thing where rule {rule} is broken")
    print(f"{name}: {len(BREAKS[name])} rules broken on purpose")


def check_published(name, text):
    published = (maker.DOCS / f"{name}.schema.json").read_text()
    if published != text:
        sys.exit(f"docs/{name}.schema.json is not what the tables say: "
                 "run tests/golden/make_encounter_schema.py BUILD-FOLDER")
    schema = json.loads(published)
    Draft202012Validator.check_schema(schema)
    return schema


def main():
    seed = int(os.environ.get("GATEHOUSE_SEED", "1"), 0)
    draw = random.Random(seed)
    print(f"seed {seed}")
    done = subprocess.run([PROGRAM, "--print", str(RECORDS)], capture_output=True, text=True,
                          check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for name, (text, rules) in maker.schemas(PROGRAM).items():
        schema = check_published(name, text)
        validator = Draft202012Validator(ecma(schema))
        records = [line for line in lines if line["record"] == name]
        assert len(records) == RECORDS
        for record in records:
            validator.validate(record)
        assert set(judge(name, [json.dumps(record) for record in records])) == {"ok"}
        check_rules(name, validator, records, rules)
        compare(name, validator, records, words_of(schema), draw)


if __name__ == "__main__":
    main()
