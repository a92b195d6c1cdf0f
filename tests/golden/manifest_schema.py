#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/voyage.schema.json, an independent validator and our own strict reader say the same.

As encounter_schema.py does with records: voyages are spoiled, and both are asked.
"""

import copy
import json
import os
import random
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import encounter_schema as spoiling  # noqa: E402  (skips where the validator is missing)

PROGRAM = (Path(os.environ.get("GATEHOUSE_BUILD_DIR", ".build/release"))
           / "test/golden_manifest_voyage")
SCHEMA = spoiling.maker.DOCS / "voyage.schema.json"
VOYAGES = 96
MUTATIONS = 100000 if spoiling.LONG else 3000


def is_integer(checker, value):
    """An integer as it is written: 5.0 and 5e0 are none here."""
    del checker
    return isinstance(value, int) and not isinstance(value, bool)


def validator_of(schema):
    types = spoiling.Draft202012Validator.TYPE_CHECKER.redefine("integer", is_integer)
    strict = spoiling.validators.extend(spoiling.Draft202012Validator, type_checker=types)
    return strict(spoiling.ecma(schema))


def judge(texts):
    done = subprocess.run([PROGRAM, "--judge"], input="".join(f"{text}\n" for text in texts),
                          capture_output=True, text=True, check=True)
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(texts), (len(verdicts), len(texts))
    return verdicts


def may_differ(verdict):
    return "an id stands twice" in verdict


def spoiled_voyages(draw, voyages, words):
    for _ in range(MUTATIONS):
        voyage = copy.deepcopy(draw.choice(voyages))
        for _ in range(draw.choice([1, 1, 1, 2, 3])):
            spoiling.spoil(draw, voyage, voyages, words)
        yield voyage


def main():
    seed = int(os.environ.get("GATEHOUSE_SEED", "1"), 0)
    draw = random.Random(seed)
    print(f"seed {seed}")
    schema = json.loads(SCHEMA.read_text())
    spoiling.Draft202012Validator.check_schema(schema)
    validator = validator_of(schema)
    done = subprocess.run([PROGRAM, "--print", str(VOYAGES)], capture_output=True, text=True,
                          check=True)
    voyages = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(voyages) == VOYAGES
    for voyage in voyages:
        validator.validate(voyage)

    spoiled = list(spoiled_voyages(draw, voyages, spoiling.words_of(schema)))
    counts = {"both accept": 0, "both refuse": 0, "only the code refuses": 0}
    for voyage, verdict in zip(spoiled, judge([json.dumps(voyage) for voyage in spoiled])):
        valid = validator.is_valid(voyage)
        if valid == (verdict == "ok"):
            counts["both accept" if valid else "both refuse"] += 1
        elif valid and may_differ(verdict):
            counts["only the code refuses"] += 1
        else:
            why = [error.message for error in validator.iter_errors(voyage)][:3]
            sys.exit(f"the code says '{verdict}', the schema {why or 'that it is valid'}:\n"
                     f"{json.dumps(voyage)}")
    print(counts)
    if not counts["both accept"] or not counts["both refuse"]:
        sys.exit("the mutations prove nothing")


if __name__ == "__main__":
    main()
