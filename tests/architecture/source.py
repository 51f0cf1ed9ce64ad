"""The project's own modules and what each of them imports, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules(*packages: str) -> dict[str, Path]:
    """Dotted name and file of every module of these packages."""
    return {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
        for package in packages
        for path in sorted((ROOT / package.replace(".", "/")).rglob("*.py"))
    }


def imports(path: Path, *, for_types: bool = True) -> set[str]:
    """Dotted names that a module imports; without `for_types` only what it imports when it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {name for node in _running(tree, for_types) for name in _names(node)}


def public_names(path: Path) -> set[str]:
    """What a module defines itself under a name without an underscore."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {name for node in body for name in _defined(node) if not name.startswith("_")}


def _running(node: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not for_types and isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _running(child, for_types)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
