#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Write docs/encounter.schema.json, addendum.schema.json and heartbeat.schema.json from the code.

    make_encounter_schema.py [BUILD-FOLDER]    (default .build/release)

Fields come from the tables; the rules between fields are said once more here, in the words of JSON
Schema 2020-12, by the names they have in the code. What the schema cannot say stands in UNEXPRESSED.
"""

import json
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"

NOT_ASSESSED = "not_assessed"
TIME = (r"^(19[7-9][0-9]|[2-9][0-9]{3})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
        r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
        r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$")
ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

# What no keyword of JSON Schema can say.
UNEXPRESSED = {
    "encounter": {
        "threshold": "two numbers are compared",
        "destroy_by": "two times are compared",
    },
    "addendum": {"ids": "two texts are compared"},
    "heartbeat": {},
}
# Rules that the shape of the JSON leaves no room to break.
STRUCTURAL = {"encounter": {"document"}, "addendum": set(), "heartbeat": set()}


def text_field(field):
    return {"type": "string", "pattern": f"^[{field['set']}]{{1,{field['size'] - 1}}}$"}


def number_field(field):
    return {"anyOf": [{"type": "number", "minimum": field["min"], "maximum": field["max"]},
                      {"const": NOT_ASSESSED}]}


KINDS = {
    "text": text_field,
    "personal": lambda f: {"type": "string", "minLength": 1, "maxLength": f["size"] - 1,
                           "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"},
    "const": lambda f: {"const": f["set"]},
    "later": lambda f: {"const": NOT_ASSESSED},
    "bool": lambda f: {"type": "boolean"},
    "integer": lambda f: {"type": "integer", "minimum": f["min"], "maximum": f["max"]},
    "number": number_field,
    "id": lambda f: {"type": "string", "pattern": ID,
                     "not": {"type": "string", "pattern": "^[0-]*$"}},
    "time": lambda f: {"type": "string", "pattern": TIME,
                       "not": {"const": "1970-01-01T00:00:00.000Z"}},
    "hex": lambda f: {"type": "string", "pattern": f"^[0-9a-f]{{{2 * f['size']}}}$",
                      "not": {"type": "string", "pattern": "^0*$"}},
    "word": lambda f: {"enum": f["words"]},
    "words": lambda f: {"type": "array", "items": {"enum": f["words"]}, "uniqueItems": True,
                        "maxItems": f["size"] // 4},
    "group": lambda f: object_of(f["fields"]),
}


def schema_of(field):
    schema = KINDS[field["kind"]](field)
    if field["nullable"]:
        schema["type"] = [schema["type"], "null"]
    return schema


def object_of(fields):
    return {"type": "object", "properties": {f["key"]: schema_of(f) for f in fields},
            "required": [f["key"] for f in fields], "additionalProperties": False}


def at(pointer, schema):
    """The schema applied at a pointer, and the pointer's members there."""
    for key in reversed(pointer.strip("/").split("/")):
        schema = {"properties": {key: schema}, "required": [key]}
    return schema


def both(*schemas):
    return {"allOf": list(schemas)}


def const(pointer, value):
    return at(pointer, {"const": value})


def other(pointer, value):
    return at(pointer, {"not": {"const": value}})


def refers(word):
    return at("/decision/referrals", {"contains": {"const": word}})


def unassessed(group, fields):
    """Every measure of a group says that it was not taken; groups of measures say so alike."""
    rules = []
    for field in fields:
        pointer = f"/{group}/{field['key']}"
        if field["kind"] == "group":
            keys = {f["key"] for child in field["fields"] for f in child["fields"]
                    if f["kind"] == "number" or NOT_ASSESSED in f["words"]}
            none = {key: {"const": NOT_ASSESSED} for key in sorted(keys)}
            rules.append(at(pointer, {"additionalProperties": {"properties": none}}))
        elif field["kind"] == "number":
            rules.append(const(pointer, NOT_ASSESSED))
    return rules


def when(condition, then, otherwise=None):
    rule = {"if": condition, "then": then}
    if otherwise is not None:
        rule["else"] = otherwise
    return rule


def encounter_rules(fields):
    groups = {f["key"]: f["fields"] for f in fields}
    match = const("/comparison/outcome", "match")
    captured = const("/capture/outcome", "captured")
    opted_out = const("/capture/outcome", "opted_out")
    nothing = const("/comparison/kind", "none")
    text, null, filled = {"type": "string"}, {"type": "null"}, {"type": "object"}
    return {
        "test": when(const("/lane/purpose", "demo"), const("/test", True), const("/test", False)),
        "notice_hash": at("/notice/hash", {"pattern": "^[0-9a-f]{64}$"}),
        "notice": when(captured, at("/notice/hash", text)),
        "reason": when(const("/capture/outcome", "not_captured"),
                       other("/capture/reason", "none"), const("/capture/reason", "none")),
        "referrals": when(const("/decision/outcome", "referral"),
                          at("/decision/referrals", {"minItems": 1}),
                          at("/decision/referrals", {"maxItems": 0})),
        "go": when(const("/decision/outcome", "go"), match),
        "compared": when(other("/comparison/kind", "none"),
                         both(captured, at("/lane/engine", text))),
        "outcome": when(nothing, const("/comparison/outcome", "none"),
                        other("/comparison/outcome", "none")),
        "no_score": when(nothing, both(
            *(const(f"/comparison/{key}", NOT_ASSESSED)
              for key in ("score", "margin", "fmr", "log_likelihood_ratio")),
            at("/comparison/frames_averaged", {"maximum": 0}))),
        "match_score": when(match, both(at("/comparison/score", {"type": "number"}),
                                        at("/comparison/threshold", {"type": "number"}))),
        "not_found": when(refers("not_found"), both(const("/comparison/kind", "one_to_many"),
                                                    other("/comparison/outcome", "match"))),
        "true_mismatch": when(refers("true_mismatch"),
                              both(const("/comparison/kind", "one_to_one"),
                                   const("/comparison/outcome", "no_match"))),
        "not_captured": when(refers("not_captured"), const("/capture/outcome", "not_captured")),
        "person": when(at("/personal/person", filled), at("/voyage", filled)),
        "morph": when(at("/morph/score", {"type": "number"}), both(
            at("/comparison/score", {"type": "number"}),
            {"not": both(const("/comparison/kind", "one_to_many"),
                         const("/comparison/outcome", "no_match"))})),
        "photo": when(at("/photo", filled), captured),
        "opted_out": when(opted_out,
                          both(refers("opted_out"), const("/retention/class", "opted_out")),
                          both({"not": refers("opted_out")},
                               other("/retention/class", "opted_out"))),
        "opted_out_person": when(opted_out, both(
            at("/voyage", null), at("/personal/person", null), at("/personal/document", null),
            at("/notice/language", null))),
        "opted_out_face": when(opted_out, both(
            *unassessed("quality", groups["quality"]),
            *unassessed("presentation_attack", groups["presentation_attack"]),
            *unassessed("morph", groups["morph"]))),
        "unidentified": when(both(const("/lane/mode", "egate"), {"not": match}),
                             at("/retention/class", {"enum": ["unknown", "opted_out"]})),
    }


def exactly_with(kind, group):
    return when(const("/kind", kind), at(f"/{group}", {"type": "object"}),
                at(f"/{group}", {"type": "null"}))


def addendum_rules(fields):
    del fields
    return {
        "disposition": exactly_with("disposition", "disposition"),
        "disposition_word": when(at("/disposition", {"type": "object"}),
                                 other("/disposition/outcome", "none")),
        "clock": exactly_with("clock", "clock"),
        "photo_erased": exactly_with("photo_erased", "photo_erased"),
    }


ABOUT = {
    "encounter": ("Encounter record of a Gatehouse lane",
                  "One passage of one traveller at one lane. Immutable. The photograph is a "
                  "separate blob, named here by its hash. The time at which the centre got the "
                  "record is the centre's own and not part of it. \"not_assessed\" stands where a "
                  "measure was not taken or does not exist yet. Everything that names a person is "
                  "in \"personal\"."),
    "addendum": ("Addendum to an encounter record of a Gatehouse lane",
                 "What happened after a record was made. Immutable, with an id of its own."),
    "heartbeat": ("Heartbeat of a Gatehouse lane",
                  "How a lane is, told to the centre again and again; nothing of any person. "
                  "Counters begin at 0 with each start of the lane's program: boot is an id of "
                  "that start, number counts its heartbeats. A device that the lane does not "
                  "have is null."),
}
RULES = {"encounter": encounter_rules, "addendum": addendum_rules, "heartbeat": lambda fields: {}}


def check_rules(name, expressed, told):
    said = set(expressed) | set(UNEXPRESSED[name]) | STRUCTURAL[name]
    if said != set(told):
        raise SystemExit(f"{name}: rules in the code and here differ: {said ^ set(told)}")


def schema_for(name, table):
    title, description = ABOUT[name]
    rules = RULES[name](table["fields"])
    check_rules(name, rules, table["rules"])
    beyond = "".join(table["rules"][rule] + "; " for rule in UNEXPRESSED[name])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": f"urn:gatehouse:{name}:{table['fields'][0]['max']:.0f}", "title": title,
              "description": f"{description} Beyond what a schema can say: {beyond}keys stand "
                             "once; a day is one that the calendar has; a text is at most as many "
                             "bytes of UTF-8 as its maxLength."}
    schema.update(object_of(table["fields"]))
    if rules:
        schema["allOf"] = [{"$comment": f"{key}: {table['rules'][key]}", **rule}
                           for key, rule in rules.items()]
    return json.dumps(schema, indent=1, ensure_ascii=True) + "\n"


def schemas(program):
    done = subprocess.run([program, "--fields"], capture_output=True, text=True, check=True)
    tables = json.loads(done.stdout)
    return {name: (schema_for(name, table), table["rules"]) for name, table in tables.items()}


def main():
    build = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release")
    for name, (text, _) in schemas(build / "test/golden_encounter_records").items():
        (DOCS / f"{name}.schema.json").write_text(text)


if __name__ == "__main__":
    main()
