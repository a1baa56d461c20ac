"""codegen.yaml: every key of the contract, and what is no setting at all."""

import json

import pytest

from codegen_tasks.config import Check, CheckCommand, Config, parse_config
from codegen_tasks.errors import BadConfig

CONTRACT = b"""
repo: .
roles:
  codegen:
    - model: anthropic/claude-sonnet-4-5
      api_base: null
      api_key_env: null
      format: auto
      temperature: 0
      max_output_tokens: 16000
      params: {}
      timeout_s: 300
      retries: 2
context:   {budget_tokens: 16000, repo_summary: true, summary_tokens: 2000, plan: sections, ambient: shown, exclude: []}
generate:  {unit: file, jobs: 8, repairs: 2, max_cost_usd: null}
scope:     {allow: []}
check:
  commands: []
  repairs: 2
  candidates: 1
  sandbox: auto
  hidden: []
  required: true
diff:      {context_lines: 3, allow_empty: false}
apply:     {enabled: false}
store:     {path: .codegen/store, remote: null, offline: false}
"""

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)
IN_CHAIN = "".join(f"  - {line}\n" for line in BOMB.splitlines())
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{new}: &{new} {{<<: [{','.join(['*' + old] * 9)}]}}\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)

KEYS = {
    "openai": "sk-proj-AbCdEf0123456789AbCdEf0123456789AbCdEf01",
    "anthropic": "sk-ant-api03-AbCdEf0123456789AbCdEf0123456789-AbCdEf01AA",
    "groq": "gsk_AbCdEf0123456789AbCdEf0123456789AbCdEf01AbCdEf01AbCd",
    "google": "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "hugging face": "hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567",
    "github": "ghp_AbCdEf0123456789AbCdEf0123456789AbCd",
}
SHAPELESS = {"hexadecimal": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "mistral": "KJh7sDf8sdf7Hsdf8sDFhj34kjhSDF89"}


def test_the_defaults_are_those_of_the_contract() -> None:
    config = parse_config(CONTRACT.replace(b"repo: .\n", b"").replace(b"anthropic/claude-sonnet-4-5", b"local/smollm2"))
    assert config == Config()


def test_a_check_is_read_as_written() -> None:
    text = b"""
check:
  commands:
    - {name: tests, run: [pytest, --junitxml, $REPORT], report: junit, inputs: ["src/**"], needs: [.venv], env: [LANG],
       versions: [python, [node, --version]], network: true, timeout_s: 30, cwd: sub}
    - {name: lint, run: [ruff, check]}
  repairs: 0
  candidates: 3
  sandbox: none
  hidden: ["acceptance/**"]
  required: false
"""
    tests = CheckCommand(
        "tests", ("pytest", "--junitxml", "$REPORT"), "junit", ("src/**",), (".venv",), ("LANG",),
        ("python", ("node", "--version")), True, 30.0, "sub",
    )  # fmt: skip
    lint = CheckCommand("lint", ("ruff", "check"))
    assert lint.inputs == ("**",) and lint.timeout_s == 600.0 and lint.cwd == "."
    assert parse_config(text).check == Check((tests, lint), 0, 3, "none", ("acceptance/**",), False)


def test_parameters_may_be_left_out_and_given() -> None:
    text = b"""{"roles": {"codegen": [{"model": "x", "temperature": null, "max_output_tokens": null,
               "params": {"num_ctx": 8192, "max_completion_tokens": 9,
                          "a": {"z": [1, "\\ud83d\\ude00"], "b": null}}}]}}"""
    (spec,) = parse_config(text).roles.codegen
    assert (spec.temperature, spec.max_output_tokens) == (None, None)
    assert json.dumps(spec.params) == (
        '{"a": {"b": null, "z": [1, "\\ud83d\\ude00"]}, "max_completion_tokens": 9, "num_ctx": 8192}'
    )


PARAMS = "roles: {codegen: [{model: x, params: "
REFUSED = {
    "unknown key of a check": ("check: {commands: [{name: a, run: [a], inputz: []}]}", "did you mean 'inputs'?"),
    "unknown key of check": ("check: {command: []}", "did you mean 'commands'?"),
    "a check without a name": ("check: {commands: [{run: [a]}]}", "name"),
    "two checks of one name": ("check: {commands: [{name: a, run: [a]}, {name: a, run: [b]}]}", "stands twice"),
    "a check of nothing": ("check: {commands: [{name: a, run: []}]}", "run is empty"),
    "no candidates": ("check: {candidates: 0}", "check.candidates is 0"),
    "another sandbox": ("check: {sandbox: docker}", "check.sandbox"),
    "another report": ("check: {commands: [{name: a, run: [a], report: xml}]}", "report"),
    "aliases that multiply": (BOMB, "more than"),
    "merges that multiply": (MERGES, "more than"),
    "aliases that multiply in the chain": (f"roles:\n codegen:\n{IN_CHAIN}", "more than"),
    "a list that holds itself": ("roles:\n codegen: &a [*a]\n", "holds itself"),
    "a mapping that holds itself": ("store: &a {path: *a}\n", "holds itself"),
    "an unknown alias": ("repo: *nowhere\n", "undefined alias"),
    "deep": ("a: " + "[" * 5000, "nested too deeply"),
    "larger than any settings": ("# " + "x" * (1 << 20), "larger than"),
    "a NUL in repo": ('repo: "a\\0b"', "repo holds a NUL"),
    "a NUL in a command": ('roles: {codegen: [{command: ["a\\0b"]}]}', "command[0] holds a NUL"),
    "a NUL in a glob": ('context: {exclude: ["a\\0"]}', "context.exclude[0] holds a NUL"),
    "a NUL in params": ('roles: {codegen: [{model: x, params: {a: {b: "\\0"}}}]}', "params.a.b holds a NUL"),
    "half a character in model": ('roles: {codegen: [{model: "\\ud800"}]}', "half a character"),
    "half a character in a path": ('store: {path: "a\\udc00"}', "half a character"),
    "jobs beyond any machine": ("generate: {jobs: 1000000000}", "generate.jobs is 1000000000"),
    "a number of thirty digits": ("diff: {context_lines: 1000000000000000000000000000000}", "far too large"),
    "a number of five thousand digits": (f"generate: {{repairs: {'9' * 5000}}}", "codegen.yaml"),
    "a number beyond all in params": (f"{PARAMS}{{seed: {'9' * 400}}}}}]}}", "far too large"),
    "no number": ("generate: {max_cost_usd: .nan}", "max_cost_usd is nan"),
    "an endless number": ("roles: {codegen: [{model: x, timeout_s: .inf}]}", "timeout_s is inf"),
    "a negative number": ("roles: {codegen: [{model: x, temperature: -1}]}", "temperature is -1"),
    "no number in params": ("roles: {codegen: [{model: x, params: {a: .nan}}]}", "params.a"),
    "a date": ("repo: 2001-01-01", "repo"),
    "a list as a key": ("? [a, b]\n: 1\n", "codegen.yaml"),
    "the same said twice": ("roles: {codegen: [{model: x, params: {temperature: 1}}]}", "say the same"),
    "what we set ourselves": ("roles: {codegen: [{model: x, params: {stream: false}}]}", "params.stream is not"),
    "a pattern of one backslash": ('context: {exclude: ["\\\\"]}', "context.exclude[0]"),
    "a pattern of one backslash to be allowed": ('scope: {allow: ["a", "\\\\"]}', "scope.allow[1]"),
    "a pattern that is only a sign": ('check: {hidden: ["!"]}', "check.hidden[0]"),
    "a date in params": ("roles: {codegen: [{model: x, params: {a: 2001-01-01}}]}", "params.a"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_setting_is_refused(case: str) -> None:
    text, words = REFUSED[case]
    with pytest.raises(BadConfig) as failed:
        parse_config(text.encode())
    assert words in f"{failed.value.message} {failed.value.hint}"
    assert failed.value.message.startswith("codegen.yaml") and failed.value.hint
    assert len(failed.value.message) < 300


def test_the_file_is_called_by_its_name() -> None:
    with pytest.raises(BadConfig, match=r"^codegen\.yml: unknown key"):
        parse_config(b"generat: 1", "codegen.yml")


PLACES = {
    "api_key_env": "roles: {{codegen: [{{model: x, api_key_env: {key}}}]}}",
    "model": "roles: {{codegen: [{{model: openai/{key}}}]}}",
    "user of api_base": "roles: {{codegen: [{{model: x, api_base: 'https://u:{key}@host/v1'}}]}}",
    "query of api_base": "roles: {{codegen: [{{model: x, api_base: 'https://host/v1?x={key}'}}]}}",
    "params": "roles: {{codegen: [{{model: x, params: {{api_key: {key}}}}}]}}",
    "params, deeper": "roles: {{codegen: [{{model: x, params: {{extra_body: {{Authorization: 'Bearer {key}'}}}}}}]}}",
    "a key of its own": "roles: {{codegen: [{{model: x, api_key: {key}}}]}}",
    "repo": "repo: {key}",
    "a command": "roles: {{codegen: [{{command: [curl, -H, 'Authorization: Bearer {key}']}}]}}",
    "a pattern": "context: {{exclude: [{key}]}}",
    "a check": "check: {{commands: [{{name: x, run: [env, 'K={key}', true]}}]}}",
    "an alias": "repo: *{key}",
    "a name": "{key}: 1",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_in_the_wrong_place_is_refused_and_not_repeated(place: str, kind: str) -> None:
    with pytest.raises(BadConfig) as failed:
        parse_config(PLACES[place].format(key=KEYS[kind]).encode())
    assert KEYS[kind] not in repr(failed.value.failure("plan", ""))
    assert KEYS[kind][8:] not in repr(failed.value.failure("plan", ""))


@pytest.mark.parametrize("kind", SHAPELESS)
@pytest.mark.parametrize(
    "place", ["api_key_env", "model", "user of api_base", "query of api_base", "params", "a key of its own"]
)
def test_so_is_one_without_a_well_known_shape(place: str, kind: str) -> None:
    with pytest.raises(BadConfig) as failed:
        parse_config(PLACES[place].format(key=SHAPELESS[kind]).encode())
    assert SHAPELESS[kind] not in repr(failed.value.failure("plan", ""))


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "KEY", "MY_COMPANY_PROXY_TOKEN_2", "key", "_K", "ANTHROPICAPIKEYFORTESTS"]
)
def test_names_of_variables_are_no_keys(name: str) -> None:
    (spec,) = parse_config(f"roles: {{codegen: [{{model: x, api_key_env: {name}}}]}}".encode()).roles.codegen
    assert spec.api_key_env == name


@pytest.mark.parametrize("text", ["check:\n  commands:\n    # - name: tests\n", "roles:\n  codegen:\n", "context:\n"])
def test_a_key_below_which_everything_is_a_remark_says_what_to_do(text: str) -> None:
    with pytest.raises(BadConfig) as failed:
        parse_config(text.encode())
    assert failed.value.hint == "nothing stands below it: take the key out, or write what it is to hold ([] for none)"
