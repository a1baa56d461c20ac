"""What a provider says, without the keys that this process knows. It does not know who said it."""

import os
import re

from codegen_tasks.keys import without
from codegen_tasks.records import ModelSpec

SECRET = re.compile(
    r"(KEY|TOKEN|SECRET|PASSWORD)(_ID)?$|_(TOKEN|SECRET)_", re.IGNORECASE
)  # names of environment variables
LEAST_CHARACTERS = 8  # of a value that only its variable's name calls secret: shorter ones are words like `true`


LEAST_KEY = 16  # characters of a key that is looked for in answers: a shorter one may stand there by chance


def quotes_key(text: str, spec: ModelSpec) -> bool:
    """Whether an answer holds the key that it was asked with: then it is no answer, and nobody shall keep it so."""
    given = os.environ.get(spec.api_key_env or "", "").strip()
    return len(given) >= LEAST_KEY and without(text, given) != text


def masked(text: str, spec: ModelSpec) -> str:
    """The text without keys: some servers and programs quote the one they refuse, which need not be the spec's."""
    found = {value.strip() for name, value in os.environ.items() if SECRET.search(name)}
    found = {value for value in found if len(value) >= LEAST_CHARACTERS}
    given = os.environ.get(spec.api_key_env or "", "").strip()
    for secret in sorted(found | {given} - {""}, key=len, reverse=True):
        text = without(text, secret)
    return text
