# SPDX-License-Identifier: Apache-2.0
"""Reads C and C++ as far as house rules need it: comments, includes, functions, declarations.

Not a compiler: macros are not expanded and both arms of an #if are read. What a rule sees is what
stands in the file.
"""

import bisect
import re
from dataclasses import dataclass, field

CONTROL = {"if", "for", "while", "switch", "do", "else"}
NOT_A_NAME = CONTROL | {
    "return",
    "sizeof",
    "alignof",
    "_Alignof",
    "_Alignas",
    "alignas",
    "__attribute__",
    "__attribute",
    "__declspec",
    "decltype",
    "noexcept",
    "_Static_assert",
    "static_assert",
    "defined",
    "typeof",
    "__typeof__",
}

# In this order: what hides other things first. A literal may have a prefix, a raw one has a fence.
PIECES = re.compile(
    r"""(?P<block>/\*.*?(?:\*/|\Z))
      | (?P<line>//(?:\\\n|[^\n])*)
      | (?P<raw>\b(?:u8|[uUL])?R"(?P<fence>[^\s()\\]{0,16})\(.*?\)(?P=fence)")
      | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*(?:\"([^\"\n]+)\"|<([^>\n]+)>)", re.MULTILINE)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
TOKEN = re.compile(r"[A-Za-z_]\w*|\"\"|''|\d[\w.']*|->|::|[^\s\w]")


@dataclass
class Comment:
    text: str
    line: int
    last_line: int
    is_line: bool


@dataclass
class Include:
    path: str
    line: int
    is_system: bool


@dataclass
class Function:
    name: str
    line: int
    last_line: int
    parameters: int
    is_static: bool
    nesting: int = 0

    @property
    def lines(self):
        return self.last_line - self.line + 1


@dataclass
class Declaration:
    name: str
    line: int
    parameters: int
    is_static: bool = False


@dataclass
class Call:
    name: str
    line: int
    arguments: list = field(default_factory=list)
    is_member: bool = False


@dataclass
class Token:
    text: str
    start: int
    line: int


def blanked(text, start, end, keep=""):
    """Text of the same shape: newlines stay, all else is spaces, `keep` stands at its start."""
    inside = keep + re.sub(r"[^\n]", " ", text[start:end])[len(keep) :]
    return inside


class Source:
    """One file: `.code` is its text without comments, literals and directives, same positions."""

    def __init__(self, text):
        self.text = text
        self.starts = [0] + [m.end() for m in re.finditer(r"\n", text)]
        self.comments = []
        self.bare = self._without_literals(text)
        self.includes = self._find_includes()
        self.macros = [(m.group(1), self.line_at(m.start())) for m in DEFINE.finditer(self.bare)]
        self.code = DIRECTIVE.sub(lambda m: blanked(self.bare, m.start(), m.end()), self.bare)
        self.tokens = [
            Token(m.group(), m.start(), self.line_at(m.start())) for m in TOKEN.finditer(self.code)
        ]
        self.functions = []
        self.declarations = []
        self.types = []
        self._read_scope(0, len(self.tokens))

    def line_at(self, position):
        return bisect.bisect_right(self.starts, position)

    @property
    def line_count(self):
        return self.text.count("\n") + (not self.text.endswith("\n") and self.text != "")

    def _without_literals(self, text):
        out = []
        done = 0
        for match in PIECES.finditer(text):
            out.append(text[done : match.start()])
            done = match.end()
            kind = match.lastgroup if match.lastgroup != "fence" else "raw"
            keep = {"text": '""', "raw": '""', "char": "''"}.get(kind, "")
            out.append(blanked(text, match.start(), match.end(), keep))
            if kind in ("block", "line"):
                self.comments.append(
                    Comment(
                        match.group(),
                        self.line_at(match.start()),
                        self.line_at(match.end() - 1),
                        kind == "line",
                    )
                )
        out.append(text[done:])
        return "".join(out)

    def _find_includes(self):
        found = []
        for match in INCLUDE.finditer(self.text):
            # A commented-out include is blank in the bare text.
            if self.bare[match.start() : match.end()].lstrip()[:1] != "#":
                continue
            found.append(
                Include(
                    match.group(1) or match.group(2),
                    self.line_at(match.start()),
                    match.group(2) is not None,
                )
            )
        return found

    def _closing(self, index, end):
        """The index of the bracket that closes the one at `index`; `end` where none does."""
        pairs = {"(": ")", "[": "]", "{": "}"}
        stack = []
        for i in range(index, end):
            text = self.tokens[i].text
            if text in pairs:
                stack.append(pairs[text])
            elif stack and text == stack[-1]:
                stack.pop()
                if not stack:
                    return i
        return end

    def _read_scope(self, index, end):
        """Read declarations and definitions between two brackets of file or class level."""
        start = index
        while index < end:
            text = self.tokens[index].text
            if text in "([":
                index = self._closing(index, end) + 1
            elif text == ";":
                self._declaration(start, index)
                start = index = index + 1
            elif text == "}":
                start = index = index + 1
            elif text == "{":
                close = self._closing(index, end)
                if self._braces(start, index, close):
                    start = close + 1
                index = close + 1
            else:
                index += 1

    def _braces(self, start, index, close):
        """A brace at file level; true where a definition ends with it."""
        head = [token.text for token in self.tokens[start:index]]
        if head[:1] == ["extern"] and head[1:] == ['""']:
            self._read_scope(index + 1, close)
            return True
        if "namespace" in head:
            self._read_scope(index + 1, close)
            return True
        name_at = self._function_name(start, index)
        if name_at is not None and "=" not in head[: name_at - start]:
            self._function(start, name_at, index, close)
            return True
        for kind in ("class", "struct", "union", "enum"):
            if kind in head and "=" not in head:
                after = head.index(kind) + 1
                name = head[after] if after < len(head) and head[after].isidentifier() else ""
                self.types.append((kind, name, self.tokens[index].line, index, close))
                if kind == "class":
                    self._read_scope(index + 1, close)
        return False

    def _function_name(self, start, end):
        """The index of the name before the first parameter list between `start` and `end`."""
        i = start
        while i < end:
            text = self.tokens[i].text
            if text == "=":
                return None
            if text == "{":
                i = self._closing(i, end)
            elif text == "(":
                close = self._closing(i, end)
                before = self.tokens[i - 1].text if i > start else ""
                if self._is_name(before, i, close, end):
                    return i - 1
                i = close
            i += 1
        return None

    def _is_name(self, word, open_at, close, end):
        """Whether `word` before these brackets is a function's name."""
        if not word.isidentifier() or word in NOT_A_NAME:
            return False
        after = self.tokens[close + 1].text if close + 1 < end else ""
        # `int (*hook)(int)` is a variable, and GH_PRINTF(2, 3) before a type is an attribute.
        is_pointer = self.tokens[open_at + 1].text == "*" and after == "("
        is_attribute = word.isupper() and (after.isidentifier() and after != "__attribute__")
        return not is_pointer and not is_attribute

    def _parameter_count(self, open_at, close):
        inside = self.tokens[open_at + 1 : close]
        if not inside or [t.text for t in inside] == ["void"]:
            return 0
        return len(self._split(open_at + 1, close))

    def _split(self, start, end):
        """Ranges between the commas of this level."""
        parts = []
        begin = i = start
        while i < end:
            text = self.tokens[i].text
            if text in "([{":
                i = self._closing(i, end)
            elif text == ",":
                parts.append((begin, i))
                begin = i + 1
            i += 1
        parts.append((begin, end))
        return parts

    def _function(self, start, name_at, brace, close):
        open_at = name_at + 1
        head = [token.text for token in self.tokens[start:name_at]]
        last = min(close, len(self.tokens) - 1)
        name = self.tokens[name_at].text
        if name.isupper() and len(name) > 1:
            # A macro that writes the head: WRAP(int, fsync, int file) is the fsync one.
            parts = self._split(open_at + 1, self._closing(open_at, brace))
            name = f"{name}({' '.join(t.text for a, b in parts[:2] for t in self.tokens[a:b])})"
        function = Function(
            name=name,
            line=self.tokens[start].line,
            last_line=self.tokens[last].line,
            parameters=self._parameter_count(open_at, self._closing(open_at, brace)),
            is_static="static" in head,
        )
        function.nesting = Nesting(self).of_block(brace, close)
        self.functions.append(function)

    def _declaration(self, start, end):
        head = [token.text for token in self.tokens[start:end]]
        if not head or head[0] in ("typedef", "using", "_Static_assert", "static_assert"):
            return
        name_at = self._function_name(start, end)
        if name_at is None or name_at == start:
            return
        # `int (*name)(int)` is a variable: its name stands in brackets of its own.
        self.declarations.append(
            Declaration(
                self.tokens[name_at].text,
                self.tokens[start].line,
                self._parameter_count(name_at + 1, self._closing(name_at + 1, end)),
                "static" in head,
            )
        )

    def calls(self, names=None):
        """Everything that looks like a call, with the text of its arguments."""
        found = []
        for i, token in enumerate(self.tokens[:-1]):
            if self.tokens[i + 1].text != "(" or not token.text.isidentifier():
                continue
            if token.text in NOT_A_NAME or (names is not None and token.text not in names):
                continue
            close = self._closing(i + 1, len(self.tokens))
            before = self.tokens[i - 1].text if i > 0 else ""
            arguments = [
                " ".join(t.text for t in self.tokens[a:b]) for a, b in self._split(i + 2, close)
            ]
            found.append(Call(token.text, token.line, arguments, before in (".", "->", "::")))
        return found

    def members(self, index, close):
        """The member declarations of a struct, each as (line, tokens)."""
        found = []
        start = i = index + 1
        while i < close:
            text = self.tokens[i].text
            if text in "([{":
                i = self._closing(i, close)
            elif text == ";":
                found.append((self.tokens[start].line, [t.text for t in self.tokens[start:i]]))
                start = i + 1
            i += 1
        return found


class Nesting:
    """How deep control statements stand inside each other, braces or not."""

    def __init__(self, source):
        self.source = source
        self.tokens = source.tokens

    def of_block(self, brace, close):
        deepest = 0
        i = brace + 1
        while i < close:
            i, depth = self.statement(i, close)
            deepest = max(deepest, depth)
        return deepest

    def text(self, i, end):
        return self.tokens[i].text if i < end else ""

    def statement(self, i, end):
        """Read one statement; returns the index behind it and the levels it opens."""
        text = self.text(i, end)
        if text == "{":
            close = self.source._closing(i, end)
            return close + 1, self.of_block(i, close)
        if text == "do":
            i, depth = self.statement(i + 1, end)
            return self.simple(i, end), depth + 1
        if text == "else":
            return self.statement(i + 1, end)
        if text in ("if", "for", "while", "switch") or self.is_loop_macro(i, end):
            return self.controlled(i, end)
        if text in ("case", "default") or self.text(i + 1, end) == ":":
            return self.label(i, end), 0
        return self.simple(i, end), 0

    def is_loop_macro(self, i, end):
        if not self.text(i, end).isidentifier() or self.text(i + 1, end) != "(":
            return False
        close = self.source._closing(i + 1, end)
        return self.text(close + 1, end) == "{"

    def controlled(self, i, end):
        is_if = self.text(i, end) == "if"
        i += 1
        while i < end and self.text(i, end) != "(":
            i += 1
        i, depth = self.statement(self.source._closing(i, end) + 1, end)
        depth += 1
        if is_if and self.text(i, end) == "else":
            chained = self.text(i + 1, end) == "if"
            i, other = self.statement(i + 1, end)
            depth = max(depth, other if chained else other + 1)
        return i, depth

    def label(self, i, end):
        while i < end and self.text(i, end) != ":":
            i += 1
        return i + 1

    def simple(self, i, end):
        while i < end and self.text(i, end) != ";":
            if self.text(i, end) in ("(", "[", "{"):
                i = self.source._closing(i, end)
            i += 1
        return i + 1
