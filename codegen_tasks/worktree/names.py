"""What a path tells by its name: is it a secret, is it ignored, does it match? It reads nothing."""

from collections.abc import Callable, Sequence
from fnmatch import translate
from re import Pattern
from re import compile as regex

_SECRETS = (
    ".env", ".env.*", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa*", "id_dsa*",
    "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pypirc", ".npmrc", ".git-credentials", ".htpasswd",
    "secrets.yaml", "secrets.yml", "secrets.json", "secrets.toml", "credentials.json",
)  # fmt: skip
_NOT_SECRETS = (".env.example", ".env.sample", ".env.template", "*.pub")


def is_secret(path: str) -> bool:
    """Whether a file looks like one that holds keys or passwords."""
    name = path.rpartition("/")[2].lower()
    return any(_match(p, name) for p in _SECRETS) and not any(_match(p, name) for p in _NOT_SECRETS)


def is_ignored(path: str, rules: Sequence[tuple[str, object]]) -> bool:
    """Whether the .gitignore files say so: folders with their patterns, outermost first; the innermost that knows wins.

    A folder's path ends with `/`.
    """
    for folder, spec in reversed(rules):
        verdict = spec.check_file(path[len(folder) :].lstrip("/")).include  # type: ignore[attr-defined] # a GitIgnoreSpec
        if verdict is not None:
            return bool(verdict)
    return False


def _match(pattern: str, name: str) -> bool:
    return regex(translate(pattern)).match(name) is not None


def is_readable(path: str) -> bool:
    """Whether a name is UTF-8: another one can neither be shown nor planned."""
    return not any("\ud800" <= c <= "\udfff" for c in path)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Tells which paths a glob matches: `*`, `?` and `[…]` within a name, `**` any folders."""
    wanted = tuple(None if part == "**" else regex(translate(part)) for part in pattern.split("/"))

    def fits(parts: tuple[str, ...], rest: tuple[Pattern[str] | None, ...]) -> bool:
        if not rest:
            return not parts
        if rest[0] is None:
            return fits(parts, rest[1:]) or (bool(parts) and fits(parts[1:], rest))
        return bool(parts) and rest[0].match(parts[0]) is not None and fits(parts[1:], rest[1:])

    return lambda path: fits(tuple(path.split("/")), wanted)
