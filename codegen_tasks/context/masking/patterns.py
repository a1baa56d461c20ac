"""What betterleaks passes over, as data: a kind, the words at which it may begin, a pattern whose group is the value.

Measured with benchmarks/secret_kinds.py. It knows no file and no environment.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Pattern(NamedTuple):
    """Matched where one of `anchors`, in lower case, begins, or `back` characters before.

    `by_chance`: the value must look made by chance.
    """

    kind: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    by_chance: bool = False
    back: int = 0


_QUOTED = r"""(?:"([^"\n]{8,200})"|'([^'\n]{8,200})'|([^\s"'`,;(){}\[\]<>]{8,200}))"""
_ASSIGNED = r"""\w{0,20}["'\])]{0,3}\s{0,3}(?::=|=>|:|=)\s{0,3}"""
_NAMES = ("secret", "passw", "passphrase", "pwd", "token", "apikey", "api_key", "api-key", "access_key", "accesskey",
          "private_key", "privatekey", "credential", "signing_key", "encryption_key", "auth_key")  # fmt: skip

PATTERNS = (
    Pattern(
        "aws-access-key-id",
        ("akia", "asia", "abia", "acca"),
        re.compile(r"(?<![A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})(?![A-Za-z0-9])"),
    ),
    Pattern(
        "aws-secret-access-key",
        ("secret",),
        re.compile(r"""(?i:secret[\w-]*?key)["']?\s{0,3}[:=]\s{0,3}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"""),
        by_chance=True,
    ),
    Pattern(
        "azure-client-secret",
        ("q~",),
        re.compile(r"(?<![\w~.-])([\w~.-]{3}[0-9]Q~[\w~.-]{31,34})(?![\w~.-])"),
        back=4,
    ),
    Pattern("azure-sas-signature", ("sig=",), re.compile(r"(?i)(?<=[?&])sig=([\w%/+-]{30,})"), by_chance=True),
    Pattern("google-private-key-id", ("private_key_id",), re.compile(r'private_key_id"\s*:\s*"([0-9a-f]{40})"')),
    Pattern("password-in-url", ("://",), re.compile(r"""://[^\s:/?#@"'<>\\]{0,80}:([^\s/@"'<>\\]{3,200})@[\w.\[-]""")),
    Pattern("key-in-url", ("://",), re.compile(r"(?i)://([0-9a-f]{32}|[a-z0-9_]{36,80})@[\w.-]"), by_chance=True),
    Pattern(
        "authorization-header",
        ("bearer ", "basic "),
        re.compile(r"(?i)(?:bearer|basic) +([\w.~+/-]{16,}={0,2})"),
        by_chance=True,
    ),
    Pattern("named-secret", _NAMES, re.compile(rf"(?i)[a-z_-]{{3,14}}{_ASSIGNED}{_QUOTED}"), by_chance=True),
    Pattern(
        "option-secret",
        ("--",),
        re.compile(rf"(?i)--[\w-]{{0,30}}?(?:secret|passw|token|key)[\w-]*(?:=|\s+){_QUOTED}"),
        by_chance=True,
    ),
)

_DUMMY = re.compile(
    r"""(?i)(?:.*(?:example|sample|dummy|placeholder|redacted|change[-_]?me|your[-_]|masked|xxxx|\*\*\*|\.\.\.|[<>`]|\]\+
      |\$[({]|\{\{|%\(|^\{).*
    | (?:(?:my|a|the|new|old|db|user|some)[-_]?)?(?:pass|passwd|password|passphrase|secret|sekrit|pwd|pw|token
      |key)[-_]?\d{0,4}
    | (?:test|user|username|guest|root|admin|postgres|mysql|redis|foo|bar|baz|none|null|true|false|credentials)\d{0,3}
    | \$\w+ | %\w+%?)""",
    re.VERBOSE,
)
_WORDS = re.compile(
    r"[A-Za-z_]+[0-9]{0,2}|[A-Z0-9_]+|[\w.]+\(.*|[a-z]+(?:[-_][a-z0-9]+)*|[\w@.~-]*(?:[/.:][\w@~-]+)+/?"
)
_LEAST_BITS = 2.7  # of entropy per character: words and names, as short as these, have less
_SWITCH = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9])(?=[A-Za-z])")
_SYLLABLES = re.compile(r"[a-z]{5}|(?:[a-z]{3,4}[A-Z0-9_]+){3}|[A-Z][a-z]{3}(?![a-z])|^[A-Z_]+$|^[a-z_]+[0-9]*$")
_FEW, _SWITCHES = 12, 0.35  # of so many signs, so many stand beside one of another kind; in camelCase about 0.3
_LONG, _MANY_BITS = 38, 4.6  # so many signs of so many bits are no path and no sentence


def own_secrets(text: str) -> Iterator[tuple[int, str, str]]:
    """Where each value begins, its kind, and the value."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose small form is longer: places would not be the same
        lower = "".join(sign.lower() if sign.isascii() else sign for sign in text)
    for kind, anchors, pattern, by_chance, back in PATTERNS:
        for match in _matches(text, lower, anchors, pattern, back):
            group = match.lastindex or 1
            if not is_dummy(match[group]) and (not by_chance or looks_random(match[group])):
                yield match.start(group), kind, match[group]


def _matches(
    text: str, lower: str, anchors: tuple[str, ...], pattern: re.Pattern[str], back: int
) -> Iterator[re.Match[str]]:
    for anchor in anchors:
        at = lower.find(anchor)
        while at >= 0:
            match = pattern.match(text, max(0, at - back))
            if match is not None:
                yield match
            at = lower.find(anchor, at + 1)


def is_dummy(value: str) -> bool:
    """Whether a value stands for one: a word that documentation uses, a variable, a placeholder."""
    return _DUMMY.fullmatch(value) is not None or len(set(value)) < 3


def looks_random(value: str) -> bool:
    """Whether nobody would name something so: kinds of signs mixed, and hardly one twice."""
    if re.search(r"\s", value) or entropy(value) < _LEAST_BITS:
        return False
    if len(value) >= _LONG and entropy(value) >= _MANY_BITS and not value.islower():
        return True
    if re.fullmatch(r"[A-Za-z_]\w*", value):
        mixed = len(value) >= _FEW and len(_SWITCH.findall(value)) > _SWITCHES * len(value)
        return mixed and (len(value) >= 2 * _FEW or not _SYLLABLES.search(value))
    if not (re.search(r"[A-Za-z]", value) and re.search(r"[0-9!@#$%^&*]", value)):
        return False
    return _WORDS.fullmatch(value) is None


def entropy(value: str) -> float:
    """Shannon's, in bits per character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
