"""What is known of providers by name: who speaks OpenAI's chat API, and whose key goes where. It sends nothing.

A key that is named goes where the settings say. One that is only there, in the variable that a provider reads by
itself, goes to that provider's own addresses and to no other.
"""

import os
import re

from codegen_tasks.call import ProviderFault
from codegen_tasks.providers.address import host_of
from codegen_tasks.records import ModelSpec

PLAIN = {  # providers that are asked in OpenAI's shape, as it is, and the variable each reads its key from
    "openai": "OPENAI_API_KEY",
    "hosted_vllm": "HOSTED_VLLM_API_KEY",
    "litellm_proxy": "LITELLM_PROXY_API_KEY",
    "llamafile": "LLAMAFILE_API_KEY",
    "lm_studio": "LM_STUDIO_API_KEY",
}
OPENAI = "https://api.openai.com/v1"
OPENAI_ELSEWHERE = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
ACCOUNT = {"openai-organization": ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION"), "openai-project": ("OPENAI_PROJECT_ID",)}
RESHAPED = re.compile(r"(?:.*/)?(?:o\d|gpt-5|chatgpt)|.*(?:audio|search|codex|realtime|responses/)")
NO_KEY = "no-key"  # for libraries that do not ask without one

OWN_SERVERS = frozenset(
    {
        "custom",
        "docker_model_runner",
        "hosted_vllm",
        "infinity",
        "litellm_proxy",
        "llamafile",
        "lm_studio",
        "ollama",
        "ollama_chat",
        "oobabooga",
        "petals",
        "triton",
        "xinference",
    }
)  # fmt: skip  their variables hold the key of whatever server one runs
HOSTS = {
    "anthropic": ("anthropic.com",),
    "azure": ("openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"),
    "azure_ai": ("azure.com",),
    "cerebras": ("cerebras.ai",),
    "cohere": ("cohere.com", "cohere.ai"),
    "cohere_chat": ("cohere.com", "cohere.ai"),
    "databricks": ("databricks.com", "azuredatabricks.net"),
    "deepinfra": ("deepinfra.com",),
    "deepseek": ("deepseek.com",),
    "fireworks_ai": ("fireworks.ai",),
    "gemini": ("googleapis.com",),
    "github": ("github.ai", "azure.com"),
    "groq": ("groq.com",),
    "huggingface": ("huggingface.co", "huggingface.cloud"),
    "mistral": ("mistral.ai",),
    "moonshot": ("moonshot.ai", "moonshot.cn"),
    "nvidia_nim": ("nvidia.com",),
    "openai": ("openai.com",),
    "openrouter": ("openrouter.ai",),
    "perplexity": ("perplexity.ai",),
    "together_ai": ("together.xyz", "together.ai"),
    "vertex_ai": ("googleapis.com",),
    "watsonx": ("ibm.com",),
    "xai": ("x.ai",),
}


def is_plain(spec: ModelSpec) -> bool:
    """Whether `spec` is asked in OpenAI's shape, as it is. OpenAI's models that want other names for parameters are
    LiteLLM's to know.
    """
    provider, _, model = spec.model.partition("/")
    if provider not in PLAIN or not model or base_of(spec) is None:
        return False
    return provider == "litellm_proxy" or RESHAPED.match(model) is None


def base_of(spec: ModelSpec) -> str | None:
    """The address of a plain provider: as it is set, or OpenAI's own; None where the environment names another."""
    if spec.api_base is not None or not spec.model.startswith("openai/"):
        return spec.api_base
    return None if any(os.environ.get(name) for name in OPENAI_ELSEWHERE) else OPENAI


def default_key(spec: ModelSpec) -> str | None:
    """The key that a plain provider's own variable holds. Raises ProviderFault when OpenAI itself would get none."""
    name = PLAIN[spec.model.partition("/")[0]]
    key = os.environ.get(name, "").strip()
    if not key and spec.api_base is None:
        message = f"the environment variable {name} is not set"
        hint = f"set {name}, or name another variable as api_key_env"
        raise ProviderFault(message, transient=False, for_all=True, hint=hint)
    return key or None


def key_of(spec: ModelSpec) -> str | None:
    """The key that the settings name; None if they name none. Raises ProviderFault when it cannot be one."""
    if spec.api_key_env is None:
        return None
    key = os.environ.get(spec.api_key_env, "").strip()
    if not key:
        hint = f"set {spec.api_key_env}, or name another variable as api_key_env"
        message = f"the environment variable {spec.api_key_env} is not set"
        raise ProviderFault(message, transient=False, for_all=True, hint=hint)
    if not (key.isascii() and key.isprintable()):
        message = f"the environment variable {spec.api_key_env} holds what no key may hold: a line break, or no ASCII"
        raise ProviderFault(message, transient=False, for_all=True, hint=f"set {spec.api_key_env} to the key alone")
    return key


def may_use_default(spec: ModelSpec, provider: str) -> bool:
    """Whether the key that the provider reads from the environment by itself may go to the address of `spec`."""
    if spec.api_base is None or provider in OWN_SERVERS:
        return True
    host = host_of(spec.api_base)
    return any(host == own or host.endswith(f".{own}") for own in HOSTS.get(provider, ()))
