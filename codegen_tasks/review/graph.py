"""The units and what they need as a picture: layers from left to right. It knows no page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from codegen_tasks.review.material import Asked

MOST = 80  # units; a picture of more helps nobody
_WIDE, _HIGH, _GAP = 220, 34, 70
_SIGNS = 28


@dataclass(frozen=True)
class _Box:
    unit: Asked
    x: int
    y: int


def draw(units: Sequence[Asked]) -> str:
    """An SVG of the graph; empty for no units, for one, and for more than MOST."""
    if not 1 < len(units) <= MOST:
        return ""
    boxes = _placed(units)
    owner = {path: unit.unit for unit in units for path in unit.paths}
    width = max(box.x for box in boxes.values()) + _WIDE + 2
    height = max(box.y for box in boxes.values()) + _HIGH + 2
    arrows = [
        _arrow(boxes[owner[need]], boxes[u.unit])
        for u in units
        for need in u.needs
        if owner.get(need, u.unit) != u.unit
    ]
    drawn = [_drawn(box) for box in boxes.values()]
    return (
        f'<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="The units and what they need">{"".join(arrows)}{"".join(drawn)}</svg>'
    )


def _placed(units: Sequence[Asked]) -> dict[str, _Box]:
    """Units come in dependency order, so that what a unit needs has its layer already."""
    owner = {path: unit.unit for unit in units for path in unit.paths}
    layers: dict[str, int] = {}
    rows: dict[int, int] = {}
    boxes: dict[str, _Box] = {}
    for unit in units:
        needed = [layers[owner[need]] for need in unit.needs if owner.get(need) in layers]
        layer = layers[unit.unit] = 1 + max(needed, default=-1)
        row = rows[layer] = rows.get(layer, -1) + 1
        boxes[unit.unit] = _Box(unit, layer * (_WIDE + _GAP) + 1, row * (_HIGH + 12) + 1)
    return boxes


def _arrow(start: _Box, end: _Box) -> str:
    x, y, to_x, to_y = start.x + _WIDE, start.y + _HIGH // 2, end.x, end.y + _HIGH // 2
    bend = (x + to_x) // 2
    return f'<path class="arrow" d="M{x},{y} C{bend},{y} {bend},{to_y} {to_x},{to_y}"/>'


def _drawn(box: _Box) -> str:
    name = box.unit.unit
    short = name if len(name) <= _SIGNS else "…" + name[1 - _SIGNS :]
    return (
        f'<g class="unit {escape(box.unit.state)}"><title>{escape(f"{name}: {box.unit.state}")}</title>'
        f'<rect x="{box.x}" y="{box.y}" width="{_WIDE}" height="{_HIGH}" rx="6"/>'
        f'<text x="{box.x + 10}" y="{box.y + 22}">{escape(short)}</text></g>'
    )
