"""Secrets are found, replaced by placeholders that do not depend on them, and put back to the byte."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen_tasks.context.masking import (
    Secret,
    find_secrets,
    hide,
    hide_blob,
    make_mask,
    reveal,
    secrets_of_environment,
)
from codegen_tasks.records import Blob

CHANCE = random.Random(3)


def chance(size: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(CHANCE.choices(alphabet, k=size))


HEX = "0123456789abcdef"
PLANTED = {
    "github": f'token = "{(GITHUB := "ghp_" + chance(36))}"',
    "aws alone": f"id: {(AWS := 'AKIA' + chance(16, 'ABCDEFGHIJKLMNOP234567'))}",
    "aws pair": f"aws_access_key_id = {AWS[::-1]}\naws_secret_access_key = {(PAIR := chance(40))}",
    "azure": f"AZURE_CLIENT_SECRET={(AZURE := 'abc8Q~' + chance(34))}",
    "url": f"DATABASE_URL=postgres://app:{(URL := chance(16))}@db.internal:5432/app",
    "sentry": f"https://{(SENTRY := chance(32, HEX))}@o1.ingest.sentry.io/2",
    "bearer": f"Authorization: Bearer {(BEARER := chance(40))}",
    "django": f"SECRET_KEY = '{(DJANGO := chance(40) + '!@#$%(=+')}'",
    "passphrase": f"SSH_PASSPHRASE={(PHRASE := chance(18))}",
    "option": f"mysql --password {(OPTION := chance(14) + 'x9')} app",
    "private key": "-----BEGIN PRIVATE KEY-----\n"
    + (PEM := chance(64))
    + "\n"
    + chance(64)
    + "\n-----END PRIVATE KEY-----",
}
VALUES = [GITHUB, AWS, PAIR, AZURE, URL, SENTRY, BEARER, DJANGO, PHRASE, OPTION, PEM]


@pytest.mark.parametrize(("text", "value"), list(zip(PLANTED.values(), VALUES, strict=True)), ids=PLANTED)
def test_a_secret_is_hidden_wherever_it_stands_and_comes_back(text: str, value: str) -> None:
    again = "" if value is PEM else f"# again: {value}\n"
    whole = f"def f():\n    return 1\n\n{text}\n{again}"
    mask = make_mask("a.py", whole)
    assert value not in mask.hide(whole)
    assert reveal(mask.hide(whole).encode(), [mask]) == whole.encode()


def test_a_long_text_is_read_in_pieces_that_share_their_edges() -> None:
    for at in range(32_000, 33_500, 100):
        text = "x = 1\n" * (at // 6) + PLANTED["private key"] + "\n" + "y = 2\n" * 3000
        assert PEM not in hide("a.py", text)


@pytest.mark.parametrize(
    "text",
    [
        'password = "password"',
        "DATABASE_URL=postgres://postgres:postgres@localhost/app",
        "Authorization: Bearer <your token>",
        "token = os.environ['API_TOKEN']",
        "api_key = settings.payments.api_key_for_tests",
        "secret: ${{ secrets.DEPLOY_KEY }}",
        "https://user:pass@example.org/a.git",
        "password: {{ vault_password }}",
        "def authenticate(username, password): return check_password(username, password)",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    ],
)
def test_what_is_no_secret_is_sent_as_it_is(text: str) -> None:
    assert find_secrets(text) == ()


def test_placeholders_depend_on_places_not_on_values() -> None:
    def hidden(first: str, second: str) -> str:
        text = f"a = {first}\nb = {second}\nc = {first}\n"
        return hide("a.py", text, [Secret("x", second), Secret("x", first)])

    assert hidden("first-value", "second-value") == hidden("other", "another-one") == hidden("q1", "w2")
    assert "first-value" not in hidden("first-value", "second-value")


def test_a_placeholder_that_the_text_has_already_is_not_used() -> None:
    once = hide("a.py", "x = first-value", [Secret("x", "first-value")])
    text = f"{once}\ny = first-value\n"
    mask = make_mask("a.py", text, [Secret("x", "first-value")])
    assert reveal(mask.hide(text).encode(), [mask]) == text.encode()
    assert "first-value" not in mask.hide(text)


@given(st.lists(st.text("abcdefgh", min_size=6, max_size=9), min_size=1, max_size=12, unique=True), st.data())
def test_hidden_text_comes_back_to_the_byte(values: list[str], data: st.DataObject) -> None:
    pieces = data.draw(st.lists(st.sampled_from([*values, " ", "\n", "z1"]), max_size=30))
    text = "".join(pieces)
    mask = make_mask("a.py", text, [Secret("x", value) for value in values])
    assert reveal(mask.hide(text).encode(), [mask]) == text.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_keeps_its_encoding_and_line_ends(encoding: str, end: str) -> None:
    blob = Blob(f"# caf\u00e9{end}key = 'first-value'{end}".encode(encoding))
    hidden = hide_blob("a.py", blob, [Secret("x", "first-value")])
    mask = make_mask("a.py", "key = 'first-value'", [Secret("x", "first-value")])
    assert "first-value".encode(encoding)[-10:] not in hidden.data
    assert reveal(hidden.data, [mask]) == blob.data


def test_values_of_the_environment() -> None:
    environment = {"DEPLOY_TOKEN": "tok-1234567", "HOME": "/home/u", "SSH_KEY": "/home/u/.ssh/id", "A_PASSWORD": "true"}
    assert secrets_of_environment(environment) == (Secret("environment", "tok-1234567"),)


def test_a_mask_does_not_show_its_values() -> None:
    assert "tok-1234567" not in repr(make_mask("a", "tok-1234567", [Secret("x", "tok-1234567")]))
