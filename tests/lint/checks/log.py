# SPDX-License-Identifier: Apache-2.0
"""Nothing personal reaches a log line or an error text.

The log has no field for free text, so what is left to guard are the ways around that: an error text
or a place printed from a personal field, and a field or a word made by hand.
"""

import re

from tree import Finding

RULES = {"personal", "field", "by_hand"}

SINKS = {
    "gh_log",
    "gh_log_place",
    "gh_log_word",
    "gh_log_error",
    "gh_log_write",
    "gh_error_set",
    "gh_error_wrap",
    "gh_error_errno",
}
PRINTERS = {"printf", "fprintf", "dprintf", "puts", "fputs", "perror", "syslog"}
# A number, an id or a word of ours holds nobody's data.
SAFE = re.compile(r"(sizeof|gh_log_(integer|real|word|status|id))\b")
FIELDS = re.compile(r"^(gh_log_(integer|real|word|status|id|error|place)\b|$)")

# Names under which personal data travels as plain text, besides the fields of type gh_personal.
PERSONAL = {
    "surname",
    "given_names",
    "document_number",
    "birth",
    "birth_date",
    "date_of_birth",
    "mrz",
    "locator",
    "portrait",
    "photo",
    "sex",
    "nationality",
}
# Fields of that type with a name too general to be told by it alone.
GENERAL = {"number", "reference", "document", "name", "text"}

# Who may make words and fields: the log itself and the tables of words.
MAKERS = ("src/base/", "include/gatehouse/base/")


def personal_fields(tree):
    """Members of type struct gh_personal, over all structs of the product."""
    found = set()
    for name in tree.product():
        source = tree.source(name)
        for kind, _, _, index, close in source.types:
            if kind not in ("struct", "union"):
                continue
            for _, tokens in source.members(index, close):
                if tokens[:2] == ["struct", "gh_personal"]:
                    found.add(next(t for t in tokens[2:] if t.isidentifier()))
    return found


def personal_variables(source):
    """Locals and parameters of type struct gh_personal, by name."""
    return set(re.findall(r"struct\s+gh_personal\s*\**\s*(?:const\s+)?(\w+)", source.code))


def leak(argument, fields, variables):
    """The personal word in one argument, or None."""
    if SAFE.match(argument):
        return None
    for match in re.finditer(r"(?:(->|\.)\s*)?\b([a-z_]\w*)", argument):
        member, word = match.group(1), match.group(2)
        if word in PERSONAL or (member and word in fields - GENERAL):
            return word
        if not member and word in variables:
            return word
        # `document.number` and `person->reference`, but not any other `number`.
        if (
            member
            and word in fields & GENERAL
            and re.search(
                r"(document|person|traveller|claim|passenger)\w*\s*(->|\.)\s*$",
                argument[: match.start()],
            )
        ):
            return word
    return None


def check_arguments(name, call, fields, variables):
    for argument in call.arguments:
        word = leak(argument, fields, variables)
        if word:
            yield Finding(
                name,
                call.line,
                "personal",
                f"{word} goes into {call.name}: say the row number or the record's id",
                word,
            )
            return


def check_fields(name, call):
    """Arguments 4 and on of gh_log are made by the functions of log.h."""
    for argument in call.arguments[3:]:
        if not FIELDS.match(argument):
            yield Finding(
                name,
                call.line,
                "field",
                f"`{argument}` is no field: gh_log_integer, gh_log_real, gh_log_word, "
                "gh_log_status, gh_log_id, gh_log_error or gh_log_place makes one",
            )


def check_made_by_hand(name, source):
    for number, line in enumerate(source.code.splitlines(), 1):
        # A name function returns literals of a table, and its room makes words of them.
        if re.search(r"\(\s*struct\s+gh_(word|log_field)\s*\)\s*\{(?!\s*gh_\w+_name\()", line):
            yield Finding(
                name,
                number,
                "by_hand",
                "a word or field made by hand can hold anything: GH_WORD, a word table or "
                "a function of log.h",
            )
        if re.search(r"\.\s*literal\s*=[^=]", line):
            yield Finding(name, number, "by_hand", "a word's literal is set by GH_WORD only")


def check(tree):
    fields = personal_fields(tree)
    calls = 0
    for name in tree.product((".c", ".cpp")):
        source = tree.source(name)
        variables = personal_variables(source)
        sinks = SINKS if name.startswith(("src/command/", "src/central/")) else SINKS | PRINTERS
        for call in source.calls(sinks):
            calls += 1
            yield from check_arguments(name, call, fields, variables)
            if call.name == "gh_log":
                yield from check_fields(name, call)
        if not name.startswith(MAKERS):
            yield from check_made_by_hand(name, source)
    tree.note(f"{calls} calls, {len(fields)} personal fields")
