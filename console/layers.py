"""Puts a graph's nodes in columns from left to right, and in an order within each that crosses few edges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import mean
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]
SWEEPS = 6


def split_returns(nodes: Sequence[str], edges: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The edges that go onward, and those that lead back to where something came from."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        after[source].append(target)
    returns: set[Pair] = set()
    done: set[str] = set()

    def visit(node: str, path: tuple[str, ...]) -> None:
        for target in after[node]:
            if target == node or target in path:
                returns.add((node, target))
            elif target not in done:
                visit(target, (*path, node))
        done.add(node)

    entered = {target for targets in after.values() for target in targets}
    for node in sorted(nodes, key=lambda each: each in entered):  # from the sources first
        if node not in done:
            visit(node, ())
    onward = [(s, t) for s in nodes for t in after[s] if (s, t) not in returns]
    return onward, sorted(returns)


def columns(nodes: Sequence[str], onward: Sequence[Pair], level: Collection[str]) -> dict[str, int]:
    """The column of each node: right of all it comes from; those of `level` share one where none comes from another."""
    found = _deepest(nodes, onward, dict.fromkeys(nodes, 0))
    least = max((found[node] for node in level), default=0)
    wanted = _deepest(nodes, onward, {node: least if node in level else 0 for node in nodes})
    is_level = len({wanted[node] for node in level}) <= 1
    return _close_to_targets(nodes, onward, wanted if is_level else found)


def _deepest(nodes: Sequence[str], onward: Sequence[Pair], at_least: Mapping[str, int]) -> dict[str, int]:
    depth = dict(at_least)
    for _ in nodes:
        for source, target in onward:
            depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _close_to_targets(nodes: Sequence[str], onward: Sequence[Pair], depth: dict[str, int]) -> dict[str, int]:
    """What nothing leads to stands next to what it leads to."""
    entered = {target for _, target in onward}
    for node in nodes:
        targets = [depth[target] for source, target in onward if source == node]
        if node not in entered and targets:
            depth[node] = min(targets) - 1
    return depth


def ordered(nodes: Sequence[str], column: Mapping[str, int], onward: Sequence[Pair]) -> list[list[str]]:
    """Each column from top to bottom: sweeps that put a node at the mean place of its neighbours."""
    rows = [
        [node for node in nodes if column[node] == number] for number in range(max(column.values(), default=-1) + 1)
    ]
    place = {node: float(index) for row in rows for index, node in enumerate(row)}
    for sweep in range(SWEEPS):
        to_the_right = sweep % 2 == 0
        for row in rows if to_the_right else reversed(rows):
            near = {node: _neighbours(node, onward, before=to_the_right) for node in row}
            row.sort(key=lambda node: mean([place[each] for each in near[node]] or [place[node]]))
            place.update({node: float(index) - len(row) / 2 for index, node in enumerate(row)})
    return rows


def spread(rows: Sequence[Sequence[str]], onward: Sequence[Pair], gap: float) -> dict[str, float]:
    """The height of each node: near its neighbours', `gap` from the next in its column."""
    height = {node: gap * (index - (len(row) - 1) / 2) for row in rows for index, node in enumerate(row)}
    for sweep in range(SWEEPS):
        to_the_right = sweep % 2 == 0
        for row in rows if to_the_right else reversed(rows):
            wished = [
                mean([height[each] for each in _neighbours(node, onward, before=to_the_right)] or [height[node]])
                for node in row
            ]
            height.update(zip(row, _apart(wished, gap), strict=True))
    return height


def _apart(wished: Sequence[float], gap: float) -> list[float]:
    """As near to what is wished as `gap` allows, in the same order: what pushes down is shared with what is above."""
    down: list[float] = []
    for wish in wished:
        down.append(max(wish, down[-1] + gap) if down else wish)
    up: list[float] = []
    for wish in reversed(wished):
        up.append(min(wish, up[-1] - gap) if up else wish)
    return [(low + high) / 2 for low, high in zip(down, reversed(up), strict=True)]


def _neighbours(node: str, onward: Sequence[Pair], *, before: bool) -> list[str]:
    if before:
        return [source for source, target in onward if target == node]
    return [target for source, target in onward if source == node]
