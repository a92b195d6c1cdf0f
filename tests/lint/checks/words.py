# SPDX-License-Identifier: Apache-2.0
"""Words and calls that do not belong here, each with what to write instead."""

import re

from tree import C_SUFFIXES, Finding

RULES = {
    "empty_name",
    "exported_name",
    "doubled_name",
    "licence",
    "purpose",
    "line_comment",
    "typedef",
    "not_ascii",
    "unit",
    "own_header",
    "call",
    "leftover",
    "place",
    "host",
    "workplace",
}

LICENCE = "SPDX-License-Identifier: Apache-2.0"
EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "core", "misc"}

CALLS = {
    "sprintf": "snprintf with the size of the target",
    "vsprintf": "vsnprintf with the size of the target",
    "strtok": "strcspn and a struct gh_view",
    "gets": "fgets",
    "scanf": "fgets and strtol",
    "fscanf": "fgets and strtol",
    "system": "posix_spawn with an argument list",
    "popen": "posix_spawn with an argument list",
    "rand": "gh_random_fill, or a generator with a printed seed in tests",
    "srand": "gh_random_fill, or a generator with a printed seed in tests",
    "rand_r": "gh_random_fill, or a generator with a printed seed in tests",
    "alloca": "an array of bounded size, or malloc",
    "tmpnam": "mkstemp",
    "mktemp": "mkstemp",
    "tempnam": "mkstemp",
    "gmtime": "gh_time_format",
    "localtime": "gh_time_format",
    "ctime": "gh_time_format",
    "asctime": "gh_time_format",
    "signal": "sigaction",
    "usleep": "a wait with a deadline",
    "longjmp": "a status returned",
}
# In product code only; the place named at the end may use them.
PRODUCT_CALLS = {
    "strcpy": ("gh_bytes_append, or snprintf with the size of the target", ()),
    "strncpy": ("snprintf, which always ends the text", ()),
    "stpcpy": ("gh_bytes_append, or snprintf with the size of the target", ()),
    "strcat": ("gh_bytes_append, or snprintf with the size of the target", ()),
    "strncat": ("gh_bytes_append, or snprintf with the size of the target", ()),
    "atoi": ("strtol, and look at its end and at errno", ()),
    "atol": ("strtol, and look at its end and at errno", ()),
    "atoll": ("strtoll, and look at its end and at errno", ()),
    "atof": ("strtod, and look at its end and at errno", ()),
    "printf": (
        "gh_log, or a text returned",
        ("src/command/", "src/central/main.c", "src/daemon/main.c"),
    ),
    "puts": (
        "gh_log, or a text returned",
        ("src/command/", "src/central/main.c", "src/daemon/main.c"),
    ),
    "perror": ("gh_error_errno", ()),
    "exit": ("a status returned", ("src/command/", "src/central/main.c", "src/daemon/main.c")),
    "abort": ("assert", ()),
    "time": ("struct gh_clock", ("src/base/",)),
    "gettimeofday": ("struct gh_clock", ("src/base/",)),
    "clock_gettime": ("struct gh_clock", ("src/base/",)),
    "getrandom": ("gh_random_fill", ("src/base/",)),
    "getenv": (
        "a setting (config/gatehouse.conf)",
        ("src/command/", "src/central/main.c", "src/daemon/main.c"),
    ),
}

LEFTOVERS = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")
# Written so that no pattern matches itself. What a build machine is called concerns nobody here.
PLACES = re.compile(r"(?<![\w.])/(?:work|root|home)/[\w.]|(?<![\w.])/tmp/g[h]\b")
HOSTS = re.compile(
    r"\b(?:pypi\.[o]rg|files\.pythonhosted\.[o]rg|registry\.npmjs\.[o]rg|"
    r"deb\.debian\.[o]rg|proxy\.golang\.[o]rg|crates\.[i]o)\b"
)
WORKPLACE = re.compile(
    r"\bissues? (?:show|#?\d+\b)|\bsub-?age[n]ts?\b|\bcod(?:ing) age[n]t|\bchat ?g[p]t\b|"
    r"\bcla[u]de\b|\banthro[p]ic\b|\bcopi[l]ot\b|\bL[L]M\b|\bAI[- ](?:generated|assistant)|"
    r"\bfounding engi[n]eer",
    re.IGNORECASE,
)
UNITLESS = re.compile(
    r"\b(?:u?int\d*_t|int|unsigned|long|float|double|size_t)\s+\**"
    r"(\w*?(?:timeout|delay|interval|duration|latency|backoff|lifetime))\s*[,;)=]"
)

SCRIPTS = (".py", ".sh", ".cmake", "CMakeLists.txt", ".yml", ".yaml", ".conf", ".js", ".css")
# Formats without comments, formats whose comments are no business of ours, and texts.
UNMARKED = (
    ".md",
    ".json",
    ".svg",
    ".png",
    ".tsv",
    ".csv",
    ".txt",
    "LICENSE",
    "exemptions",
    "rooms",
    "MANIFEST",
    ".ini",
    ".gitignore",
    ".edi",
)


def check_path(name):
    for part in re.split(r"[/_.\-]", name):
        if part in EMPTY_NAMES:
            yield Finding(
                name, 1, "empty_name", f"`{part}` says nothing: name the noun it holds", part
            )


def check_names(name, source):
    defined = [(f.name, f.line) for f in source.functions + source.declarations]
    defined += [(type_name, line) for _, type_name, line, _, _ in source.types if type_name]
    defined += source.macros
    for word, line in defined:
        bad = EMPTY_NAMES.intersection(word.lower().split("_"))
        if bad:
            yield Finding(
                name,
                line,
                "empty_name",
                f"`{word}`: `{bad.pop()}` says nothing, name what it does",
                word,
            )


def private_declarations(tree, name):
    """What the headers of a room's or driver's own folder declare."""
    depth = 3 if name.startswith("drivers/") else 2
    folder = "/".join(name.split("/")[:depth])
    return {
        d.name
        for header in tree.under(folder, suffixes=(".h",))
        for d in tree.source(header).declarations
    }


def check_exported(tree, name, source, owners):
    """Others see gh_NOUN_VERB; between the files of a room NOUN_VERB will do; else it is static."""
    if not name.endswith(".c") or not name.startswith(("src/", "drivers/")):
        return
    private = None
    for function in source.functions:
        if function.is_static or function.name == "main" or "(" in function.name:
            continue
        other = owners.setdefault(function.name, name)
        if other != name:
            yield Finding(
                name,
                function.line,
                "doubled_name",
                f"{function.name} is defined in {other} too, and programs link both",
                function.name,
            )
        if function.name.startswith("gh_"):
            continue
        if private is None:
            private = private_declarations(tree, name)
        if function.name not in private or "_" not in function.name:
            yield Finding(
                name,
                function.line,
                "exported_name",
                f"{function.name} is visible outside its file: static, or gh_NOUN_VERB, or "
                "NOUN_VERB in a private header",
                function.name,
            )


def check_form(name, source):
    lines = source.text.splitlines()
    if not lines or lines[0] != f"/* {LICENCE} */":
        yield Finding(name, 1, "licence", f"line 1 is `/* {LICENCE} */`")
    elif len(lines) < 2 or not lines[1].startswith("/*"):
        yield Finding(name, 2, "purpose", "line 2 says in one sentence what the file is: /* ... */")
    for comment in source.comments:
        if comment.is_line:
            yield Finding(name, comment.line, "line_comment", "write /* ... */ for //")
    for match in re.finditer(r"\btypedef\s+(struct|union|enum)\b[^;({]*[;{]", source.code):
        yield Finding(
            name,
            source.line_at(match.start()),
            "typedef",
            f"`{match.group(1)} x` is never given a second name",
        )
    for match in re.finditer(r"[^\x00-\x7f]+", source.code):
        yield Finding(
            name,
            source.line_at(match.start()),
            "not_ascii",
            f"`{match.group()}` in code: identifiers are ASCII",
        )
    for match in UNITLESS.finditer(source.code):
        yield Finding(
            name,
            source.line_at(match.start()),
            "unit",
            f"{match.group(1)} has no unit: end it in _ms, _us, _s or _hours",
            match.group(1),
        )


def check_own_header(tree, name, source):
    """The first include of NOUN.c is NOUN.h, which proves that it stands alone."""
    parts = name.split("/")
    if parts[0] not in ("src", "drivers") or not name.endswith(".c"):
        return
    noun = parts[-1].removesuffix(".c")
    public = f"gatehouse/{parts[1]}/{noun}.h"
    own = public if parts[0] == "src" and tree.exists(f"include/{public}") else f"{noun}.h"
    if own != public and not tree.exists(f"{name.removesuffix('.c')}.h"):
        return
    if not source.includes or source.includes[0].path != own:
        line = source.includes[0].line if source.includes else 1
        yield Finding(name, line, "own_header", f'the first include is "{own}"')


def is_deadline(call, source):
    """The present of a condition variable's clock, which takes no other."""
    return (
        call.name == "clock_gettime"
        and call.arguments[0] == "CLOCK_MONOTONIC"
        and (source.calls({"pthread_cond_timedwait", "pthread_cond_clockwait"}))
    )


def check_calls(name, source):
    product = name.startswith(("src/", "drivers/"))
    for call in source.calls():
        is_plain_signal = call.name == "signal" and call.arguments[-1] in ("SIG_IGN", "SIG_DFL")
        if call.is_member or is_plain_signal:
            continue
        if call.name in CALLS:
            yield Finding(
                name, call.line, "call", f"{call.name}: use {CALLS[call.name]}", call.name
            )
        if product and call.name in PRODUCT_CALLS and not is_deadline(call, source):
            instead, places = PRODUCT_CALLS[call.name]
            if not name.startswith(places):
                yield Finding(name, call.line, "call", f"{call.name}: use {instead}", call.name)


def check_licence(name, text):
    is_script = name.endswith(SCRIPTS) or text.startswith("#!")
    is_list = name.endswith("CMakeLists.txt")
    # The list of a room or driver is one call, which is data rather than a work.
    if (is_list and name.startswith(("src/", "drivers/"))) or (
        name.endswith(UNMARKED) and not is_list
    ):
        return
    if is_script and LICENCE not in "\n".join(text.splitlines()[:3]):
        yield Finding(name, 1, "licence", f"the first lines say {LICENCE}")


def check_text(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, rule, message in (
            (LEFTOVERS, "leftover", "finish it, or write down what is left in docs/"),
            (PLACES, "place", "a path of one machine: take it from a setting or a variable"),
            (HOSTS, "host", "name the package, not the server it comes from"),
            (WORKPLACE, "workplace", "how this was written is no part of what it is"),
        ):
            match = pattern.search(line)
            if match:
                yield Finding(name, number, rule, f"`{match.group()}`: {message}")


def check(tree):
    owners = {}
    for name in tree.files:
        yield from check_path(name)
        if not tree.is_text(name) or name.startswith("tests/fuzz/corpus/"):
            continue
        text = tree.text(name)
        # The samples that prove these rules break them.
        if name != "tests/lint/test_lint.py":
            yield from check_text(name, text)
        if name.endswith(C_SUFFIXES):
            source = tree.source(name)
            yield from check_form(name, source)
            yield from check_names(name, source)
            yield from check_exported(tree, name, source, owners)
            yield from check_own_header(tree, name, source)
            yield from check_calls(name, source)
        else:
            yield from check_licence(name, text)
