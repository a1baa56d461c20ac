"""Planned files become units in dependency order. It knows the plan's entries, nothing of contents or models."""

from collections.abc import Iterable, Mapping, Sequence

from codegen_tasks.records import PlannedFile, Unit


def build_units(files: Sequence[PlannedFile], whole_plan: bool = False) -> tuple[Unit, ...]:
    """Units in dependency order, otherwise in plan order: files of one group, files that need each other, or
    (`whole_plan`) all files but adopted ones are one unit; every other file is a unit of its own."""
    if whole_plan:
        adopted = tuple(Unit(file.path, (file,)) for file in files if file.adopt)
        asked = tuple(file for file in files if not file.adopt)
        return (*((Unit("plan", asked),) if asked else ()), *adopted)
    owner = {file.path: f"group:{file.group}" if file.group else f"path:{file.path}" for file in files}
    members: dict[str, list[PlannedFile]] = {node: [] for node in owner.values()}
    needs: dict[str, dict[str, None]] = {node: {} for node in members}  # a dict keeps its order, a set does not
    for file in files:
        members[owner[file.path]].append(file)
        needs[owner[file.path]] |= {owner[path]: None for path in file.depends_on}
    return tuple(_unit([members[node] for node in nodes], files) for nodes in components(needs))


def _unit(parts: list[list[PlannedFile]], files: Sequence[PlannedFile]) -> Unit:
    own = {file.path for part in parts for file in part}
    members = parts[0] if len(parts) == 1 else [file for file in files if file.path in own]
    outside = (path for file in members for path in file.depends_on if path not in own)
    name = members[0].group if len(parts) == 1 else None
    return Unit(name or members[0].path, tuple(members), tuple(dict.fromkeys(outside)))


def components(needs: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected components of a graph, each after those it needs (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    waiting: set[str] = set()
    found: list[list[str]] = []
    for root in needs:
        work = [(root, iter(needs[root]))] if root not in index else []
        while work:
            node, rest = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes.append(node)
                waiting.add(node)
            for other in rest:
                if other not in index:
                    work.append((other, iter(needs[other])))
                    break
                if other in waiting:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = open_nodes.index(node)
                    found.append(open_nodes[cut:])
                    waiting.difference_update(found[-1])
                    del open_nodes[cut:]
    return found
