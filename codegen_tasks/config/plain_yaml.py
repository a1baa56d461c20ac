"""YAML 1.1 text becomes plain values, bounded in size. It knows no setting."""

from typing import Any

from codegen_tasks.errors import BadConfig
from codegen_tasks.text import not_plain_utf8

MOST_BYTES = 1 << 20
MOST_VALUES = 50_000  # once every alias stands for what it names
MOST_DEEP = 50


def parse_yaml(data: bytes, name: str) -> Any:
    """The values in the text of the file `name`. Raises BadConfig with line and column."""
    import yaml

    if len(data) > MOST_BYTES:
        raise BadConfig(f"{name} is larger than {MOST_BYTES >> 20} MiB", hint="settings are short: is it another file?")
    if wrong := not_plain_utf8(data):
        raise BadConfig(f"{name}{wrong}", hint=f"save {name} as UTF-8 without a byte order mark")
    try:
        node = yaml.compose(data.decode(), Loader=yaml.SafeLoader)
        if node is not None:
            _Judge(name).count(node, 0)
        return yaml.safe_load(data)
    except yaml.MarkedYAMLError as e:
        mark_at = e.problem_mark or e.context_mark
        place = f"{name}:{mark_at.line + 1}:{mark_at.column + 1}" if mark_at else name
        hint = "indent with blanks, not tabs" if "\\t" in str(e.problem) else "mend the YAML there"
        raise BadConfig(f"{place}: {e.problem or e.context}", hint=hint) from e
    except RecursionError as e:
        raise BadConfig(f"{name}: it is nested too deeply", hint="mend the YAML") from e
    except (yaml.YAMLError, ValueError, OverflowError) as e:
        raise BadConfig(f"{name}: {str(e).splitlines()[0]}", hint="mend the YAML") from e


class _Judge:
    """Refuses what no person meant: a key that stands twice, values that hold themselves, aliases that multiply."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sizes: dict[int, int | None] = {}  # of nodes by their ids; None: it is being counted

    def count(self, node: Any, depth: int) -> int:
        """How many values the node stands for. Raises BadConfig."""
        if id(node) in self.sizes:
            size = self.sizes[id(node)]
            if size is None:
                raise self._refusal(node, "the value holds itself", "write it out")
            return size
        self.sizes[id(node)] = None
        if depth > MOST_DEEP:
            raise self._refusal(node, "nested too deeply", "mend the YAML")
        size = 1 + sum(self.count(child, depth + 1) for child in self._children(node))
        if size > MOST_VALUES:
            raise self._refusal(node, f"more than {MOST_VALUES} values", "write out what aliases stand for")
        self.sizes[id(node)] = size
        return size

    def _children(self, node: Any) -> list[Any]:
        import yaml

        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if not isinstance(node, yaml.MappingNode):
            return []
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise self._refusal(key, f"the key {key.value!r} stands twice", "keep one of them")
                seen.add(key.value)
        return [part for pair in node.value for part in pair]

    def _refusal(self, node: Any, what: str, hint: str) -> BadConfig:
        at = node.start_mark
        return BadConfig(f"{self.name}:{at.line + 1}:{at.column + 1}: {what}", hint=hint)
