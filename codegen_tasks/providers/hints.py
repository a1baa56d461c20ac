"""Which setting of codegen.yaml a refusal is about, and what to set it to. It knows words, not who said them."""

import re

from codegen_tasks.records import ModelSpec

OUTPUT = re.compile(
    r"max[_ ]?(?:completion|output|new|gen|generation)?[_ ]?(?:tokens|length)\b|num_predict|in the completion|"
    r"(?:completion|output|generated) tokens|maximum (?:number of )?(?:(?:completion|output|new) )?tokens",
    re.IGNORECASE,
)
INPUT_ALONE = re.compile(r"your (?:messages|prompt|input)(?: \w+){0,3} resulted in|prompt is too long", re.IGNORECASE)
UNWANTED = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|invalid|deprecated|no longer|is fixed|out of range|"
    r"\bn[o']t (?:be |been )?(?:supported?|permitted|allow(?:ed)?|valid|recogni[sz]ed|compatible|specified|accept)|"
    r"extra (?:inputs?|fields?)|additional propert|only (?:the default|supports?)|(?:must|should|cannot) be",
    re.IGNORECASE,
)
UNWANTED_CODES = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter"})
INSTEAD = re.compile(r"max_tokens.*(?:use|instead|try).*max_completion_tokens", re.IGNORECASE)
TOO_LONG = "lower context.budget_tokens, plan smaller units, or use a model with a longer context"


def about_length(text: str, spec: ModelSpec) -> str:
    """What to do about a question that is too long: it may only leave too little room for the answer that we allow."""
    if spec.max_output_tokens is None or INPUT_ALONE.search(text) or not OUTPUT.search(text):
        return TOO_LONG
    return f"lower max_output_tokens ({spec.max_output_tokens} now) to what the message leaves room for, or {TOO_LONG}"


def about_parameter(text: str, codes: frozenset[str], spec: ModelSpec) -> str:
    """What to do about a parameter that a model does not take, or not so; "" if text and codes are about none."""
    unwanted = UNWANTED.search(text) is not None or bool(codes & UNWANTED_CODES)
    for name in spec.params if unwanted else ():
        if name in codes or _named(name, text):
            return f"change {name} in params, or take it out"
    if unwanted and spec.temperature is not None and ("temperature" in codes or _named("temperature", text)):
        return "set temperature to null: then it is not sent; or to what the message allows"
    if spec.max_output_tokens is None or not OUTPUT.search(text):
        return ""
    if INSTEAD.search(text):
        return f"set max_output_tokens to null, and params to {{max_completion_tokens: {spec.max_output_tokens}}}"
    return f"lower max_output_tokens ({spec.max_output_tokens} now) to what the message allows; null: it is not sent"


def _named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
