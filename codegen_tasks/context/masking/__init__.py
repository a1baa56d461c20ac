"""Secrets in what is sent to a model: found, replaced by placeholders, and put back. It sends and keeps nothing."""

from codegen_tasks.context.masking.detect import Secret, detector, find_secrets, secrets_of_environment
from codegen_tasks.context.masking.mask import Mask, make_mask

__all__ = ["Mask", "Secret", "detector", "find_secrets", "make_mask", "secrets_of_environment"]
