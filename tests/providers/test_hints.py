"""What a refusal tells a user to set."""

import json

import pytest

from codegen_tasks.providers.refusals import answered, fault_of
from codegen_tasks.records import ModelSpec

SPEC = ModelSpec("openai/m", api_base="http://127.0.0.1/v1", api_key_env="PEER_KEY", params={"top_k": 3})

OUTPUT = {
    "vLLM": "This model's maximum context length is 8192 tokens. However, you requested 17012 tokens (1012 in the "
    "messages, 16000 in the completion). Please reduce the length of the messages or completion.",
    "vLLM, newer": "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum context length "
    "is 8192 tokens and your request has 1012 input tokens (16000 > 8192 - 1012).",
    "OpenAI": "max_tokens is too large: 16000. This model supports at most 4096 completion tokens, whereas you "
    "provided 16000.",
    "Anthropic": "max_tokens: 16000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku",
    "Anthropic, both": "input length and `max_tokens` exceed context limit: 195000 + 16000 > 200000, decrease input "
    "length or `max_tokens` and try again",
    "TGI": "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1012 `inputs` tokens and 16000 `max_new_tokens`",
    "Groq": "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the "
    "`context_window` for this model",
    "DeepSeek": "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
    "Bedrock": "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens "
    "value that is lower than 4096.",
    "Gemini": "Unable to submit request because it has a maxOutputTokens value of 16000 but the supported range is "
    "from 1 (inclusive) to 8193 (exclusive).",
    "Cohere": "too many tokens: max tokens must be less than or equal to 4096",
}
INPUT = {
    "OpenAI": "This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens.",
    "Anthropic": "prompt is too long: 210000 tokens > 200000 maximum",
    "llama.cpp": "the request exceeds the available context size, try increasing it",
}
PARAMETERS = {
    "OpenAI": ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature to null"),
    "OpenAI, value": ("Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value "
                      "is supported.", "temperature to null"),
    "Moonshot": ("invalid temperature: only 1 is allowed for this model", "temperature to null"),
    "Anthropic": ("`temperature` is deprecated for this model.", "temperature to null"),
    "Anthropic, thinking": ("`temperature` may only be set to 1 when thinking is enabled; it must be 1",
                            "temperature to null"),
    "pydantic": ('{"detail":[{"loc":["body","temperature"],"msg":"extra fields not permitted"}]}',
                 "temperature to null"),
    "another name": ("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                     "'max_completion_tokens' instead.", "params to {max_completion_tokens: 16000}"),
    "of ours": ("Unrecognized request argument supplied: top_k", "top_k in params"),
    "of ours, elsewhere": ("top_k: Extra inputs are not permitted", "top_k in params"),
    "of ours, its value": ("`top_k` must be in [1, 2]", "top_k in params"),
}  # fmt: skip


def hint_of(message: str, spec: ModelSpec = SPEC, status: int = 400) -> str:
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}})
    fault = fault_of(answered(status, body, {}, spec), spec)
    assert not fault.transient
    return fault.hint


@pytest.mark.parametrize("who", OUTPUT)
def test_an_answer_that_is_allowed_too_much_is_said_so(who: str) -> None:
    assert "max_output_tokens" in hint_of(OUTPUT[who])


@pytest.mark.parametrize("who", INPUT)
def test_a_question_that_is_too_long_is_said_so(who: str) -> None:
    assert "max_output_tokens" not in hint_of(INPUT[who])
    assert "budget_tokens" in hint_of(INPUT[who])


@pytest.mark.parametrize("who", PARAMETERS)
def test_a_parameter_that_is_not_taken_can_be_left_out(who: str) -> None:
    message, words = PARAMETERS[who]
    assert words in hint_of(message)


def test_what_was_not_sent_is_not_to_blame() -> None:
    bare = ModelSpec("openai/m", temperature=None, max_output_tokens=None)
    for message, _ in PARAMETERS.values():
        assert "null" not in hint_of(message, bare) and "params" not in hint_of(message, bare)


def test_words_about_something_else_blame_no_parameter() -> None:
    assert "null" not in hint_of("the role of message 2 is unknown")
    assert "null" not in hint_of("temperature rises in the data center")


def test_a_key_that_was_not_sent_is_asked_for_by_name() -> None:
    own = ModelSpec("openai/m", api_base="http://127.0.0.1/v1")
    assert "api_key_env" in hint_of("who are you?", own, 401)
    assert "PEER_KEY" in hint_of("who are you?", SPEC, 401)
