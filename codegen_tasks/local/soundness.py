"""Whether a body of Python can stand where it is put: it parses, and no name in it comes from nowhere. Runs no code."""

import ast
import builtins


def flaw_of(function: str, module: str) -> str:
    """Why `function` (with its new body) cannot stand in `module`, or "". A name is known if it is bound in either."""
    try:
        tree = ast.parse(function)
    except (SyntaxError, ValueError) as error:
        return f"what it wrote is not Python ({error})"
    try:
        around = ast.parse(module)
    except (SyntaxError, ValueError):
        return ""  # what is around is not ours to judge
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    known = _bound(tree) | _bound(around, top=True) | {*dir(builtins), "__file__"}
    unknown = [] if "*" in known else sorted(used - known)
    return f"it uses {', '.join(unknown)}, which nothing defines" if unknown else ""


def _bound(tree: ast.Module, *, top: bool = False) -> set[str]:
    """The names that definitions, imports, assignments and parameters bind; with `top` only the module's own."""
    names: set[str] = set()
    for node in tree.body if top else ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(name := getattr(node, "name", None), str):  # definitions, `except … as`, `case … as`
            names.add(name)
        else:
            names.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return names
