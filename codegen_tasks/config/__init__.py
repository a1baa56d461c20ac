"""codegen.yaml becomes a Config, checked once. It does not know what the settings do."""

from codegen_tasks.config.parse import parse_config
from codegen_tasks.config.settings import (
    EMBEDDED,
    NAME,
    NAMES,
    Check,
    CheckCommand,
    Config,
    ContextSettings,
    DiffSettings,
    Roles,
    ScopeSettings,
)

__all__ = [
    "EMBEDDED",
    "NAME",
    "NAMES",
    "Check",
    "CheckCommand",
    "Config",
    "ContextSettings",
    "DiffSettings",
    "Roles",
    "ScopeSettings",
    "parse_config",
]
