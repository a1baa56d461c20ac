"""Which language a path is written in, and how far its grammar can be trusted. It looks at names, not at content."""

from functools import lru_cache
from pathlib import PurePosixPath

GRAMMARS = {
    ".bash": "bash",
    ".c": "c",
    ".cc": "cpp",
    ".cjs": "javascript",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".csproj": "xml",
    ".css": "css",
    ".cts": "typescript",
    ".cxx": "cpp",
    ".dart": "dart",
    ".ex": "elixir",
    ".exs": "elixir",
    ".geojson": "json",
    ".go": "go",
    ".gql": "graphql",
    ".graphql": "graphql",
    ".h": "cpp",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hs": "haskell",
    ".htm": "html",
    ".html": "html",
    ".ipynb": "json",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsonc": "jsonc",
    ".jsx": "javascript",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".lua": "lua",
    ".mjs": "javascript",
    ".mts": "typescript",
    ".php": "php",
    ".pl": "perl",
    ".plist": "xml",
    ".pm": "perl",
    ".props": "xml",
    ".proto": "proto",
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
    ".r": "r",
    ".rb": "ruby",
    ".resx": "xml",
    ".rs": "rust",
    ".scala": "scala",
    ".scss": "scss",
    ".sh": "bash",
    ".sql": "sql",
    ".svelte": "svelte",
    ".svg": "xml",
    ".swift": "swift",
    ".targets": "xml",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".vue": "vue",
    ".webmanifest": "json",
    ".xhtml": "xml",
    ".xlf": "xml",
    ".xml": "xml",
    ".xsd": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zig": "zig",
}
NAMES = {
    ".babelrc": "jsonc",
    ".bashrc": "bash",
    ".eslintrc": "jsonc",
    "cargo.lock": "toml",
    "composer.lock": "json",
    "dockerfile": "dockerfile",
    "gemfile": "ruby",
    "jsconfig.json": "jsonc",
    "pipfile": "toml",
    "pipfile.lock": "json",
    "poetry.lock": "toml",
    "rakefile": "ruby",
    "uv.lock": "toml",
}

# How many valid files a grammar finds errors in was measured on the history of a dozen public repositories: for these
# languages about one in a thousand or fewer. For all others (macros, dialects) only the brackets are believed.
TRUSTED = {"go", "java", "javascript", "lua", "php", "ruby", "rust", "tsx", "typescript"}
BRACKETS = {"bash", "c", "cpp", "csharp", "css", "dart", "jsonc", "kotlin", "scss", "sql"}
# These find errors in more valid files, but next to never in one in which they found none before.
COMPARED = {"css", "elixir", "graphql", "html", "proto", "svelte", "vue"}
PROSE = {".adoc", ".markdown", ".md", ".mdx", ".org", ".rst", ".txt"}


@lru_cache(maxsize=64)
def language_of(path: str) -> str | None:
    """The grammar for a path by its name, or None if it is not known."""
    name = PurePosixPath(path).name.lower()
    if name.startswith("tsconfig"):
        return "jsonc"
    return NAMES.get(name) or GRAMMARS.get(PurePosixPath(name).suffix)


@lru_cache(maxsize=64)
def is_prose(path: str) -> bool:
    """Whether a path holds text for people, in which a placeholder may well be quoted."""
    file = PurePosixPath(path.lower())
    return file.suffix in PROSE and not file.name.startswith(("requirements", "constraints", "cmakelists"))
