"""The event flow as a drawing: where each node and each line of the deployed graph goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from console.layers import Pair, columns, ordered, split_returns, spread
from console.ports import Edge, Flow, Kind, Node

WIDTH, HEIGHT = 154.0, 48.0
COLUMN, ROW = 184.0, 68.0
MARGIN = 12.0
TRUNK = 30.0
"""How far below the lowest node the lines that lead back run."""
LETTERS = 16


@dataclass(frozen=True, kw_only=True)
class Box:
    """A node at its place; `x` and `y` are its top left corner, `caption` what comes to it; both texts fit in."""

    node: Node
    x: float
    y: float
    name: str
    caption: str

    @property
    def icon(self) -> str:
        return self.node.kind.name.lower()


@dataclass(frozen=True, kw_only=True)
class Wire:
    """`path` is SVG's; a wire that leads back is drawn below everything."""

    edge: Edge
    path: str
    is_return: bool


@dataclass(frozen=True, kw_only=True)
class Diagram:
    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


@lru_cache(maxsize=8)
def draw(flow: Flow) -> Diagram:
    """The same flow is always drawn in the same way."""
    return _Drawing(flow).diagram


class _Drawing:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._ids = [node.id for node in flow.nodes]
        pairs = list(dict.fromkeys((edge.source, edge.target) for edge in flow.edges))
        self._onward, returns = split_returns(self._ids, pairs)
        self._returns = set(returns)
        queues = [node.id for node in flow.nodes if node.kind is Kind.QUEUE]
        self._column = columns(self._ids, self._onward, queues)

    @property
    def diagram(self) -> Diagram:
        top = min(self._height.values(), default=0.0)
        self._top = MARGIN - top
        boxes = tuple(self._box(node) for node in self._flow.nodes)
        lowest = max((box.y + HEIGHT for box in boxes), default=0.0)
        return Diagram(
            width=2 * MARGIN + COLUMN * max(self._column.values(), default=0) + WIDTH,
            height=lowest + MARGIN + (TRUNK if self._returns else 0),
            boxes=boxes,
            wires=tuple(self._wire(edge, lowest + TRUNK - MARGIN / 2) for edge in self._flow.edges),
        )

    @cached_property
    def _chains(self) -> Mapping[Pair, Sequence[str]]:
        """For each line the places it goes through: one in each column, so that it runs between the nodes there."""
        return {
            (source, target): [
                source,
                *(f"{source}>{target}@{at}" for at in range(self._column[source] + 1, self._column[target])),
                target,
            ]
            for source, target in self._onward
        }

    @cached_property
    def _height(self) -> dict[str, float]:
        column = dict(self._column)
        for (source, _), chain in self._chains.items():
            column.update({place: self._column[source] + step for step, place in enumerate(chain)})
        links = [link for chain in self._chains.values() for link in pairwise(chain)]
        return spread(ordered(list(column), column, links), links, ROW)

    def _box(self, node: Node) -> Box:
        labels = list(dict.fromkeys(edge.label for edge in self._flow.edges if edge.target == node.id and edge.label))
        caption = ", ".join(labels) if node.kind is Kind.QUEUE else node.kind.value
        return Box(
            node=node,
            x=MARGIN + COLUMN * self._column[node.id],
            y=round(self._height[node.id] + self._top, 1),
            name=_shortened(node.name),
            caption=_shortened(caption),
        )

    def _wire(self, edge: Edge, trunk: float) -> Wire:
        pair = (edge.source, edge.target)
        is_return = pair in self._returns
        path = self._back(*pair, trunk) if is_return else self._along(self._chains[pair])
        return Wire(edge=edge, path=path, is_return=is_return)

    def _along(self, chain: Sequence[str]) -> str:
        first, last = self._column[chain[0]], self._column[chain[-1]]
        x, y = MARGIN + COLUMN * first + WIDTH, self._middle(chain[0])
        path = [f"M{x:g} {y:g}"]
        for step, place in enumerate(chain[1:], first + 1):
            left, height = MARGIN + COLUMN * step, self._middle(place)
            half = (left - x) / 2
            path.append(f"C{x + half:g} {y:g} {left - half:g} {height:g} {left:g} {height:g}")
            x, y = left, height
            if step < last:  # straight on, past the nodes of this column
                x = left + WIDTH
                path.append(f"H{x:g}")
        return "".join(path)

    def _back(self, source: str, target: str, trunk: float) -> str:
        """Out to the right, down, along below everything, and up into the node from below."""
        x, y = MARGIN + COLUMN * self._column[source] + WIDTH, self._middle(source)
        to = MARGIN + COLUMN * self._column[target] + WIDTH / 2
        end = self._height[target] + self._top + HEIGHT
        gutter = x + (COLUMN - WIDTH) / 4
        return (
            f"M{x:g} {y:g}H{gutter - 6:g}Q{gutter:g} {y:g} {gutter:g} {y + 6:g}V{trunk - 8:g}"
            f"Q{gutter:g} {trunk:g} {gutter - 8:g} {trunk:g}H{to + 8:g}Q{to:g} {trunk:g} {to:g} {trunk - 8:g}V{end:g}"
        )

    def _middle(self, place: str) -> float:
        return round(self._height[place] + self._top + HEIGHT / 2, 1)


def _shortened(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
