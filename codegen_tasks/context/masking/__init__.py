"""Secrets in what is sent to a model: found, replaced by placeholders, and put back. It sends and keeps nothing."""

from codegen_tasks.context.masking.detect import Secret, detector, find_secrets, secrets_of_environment
from codegen_tasks.context.masking.mask import (
    MARK,
    Mask,
    blob_mask,
    guesses,
    hide,
    hide_blob,
    holds_secret,
    make_mask,
    redact,
    reveal,
)

__all__ = [
    "MARK",
    "Mask",
    "Secret",
    "blob_mask",
    "detector",
    "find_secrets",
    "guesses",
    "hide",
    "hide_blob",
    "holds_secret",
    "make_mask",
    "redact",
    "reveal",
    "secrets_of_environment",
]
