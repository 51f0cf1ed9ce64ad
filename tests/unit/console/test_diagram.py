"""The drawn event flow."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from console.diagram import COLUMN, HEIGHT, WIDTH, Box, Diagram, draw
from console.layers import columns, split_returns
from console.ports import Edge, Flow, Kind, Node
from tests.unit.console.memory import FLOW


def flow(*edges: str, queues: tuple[str, ...] = ()) -> Flow:
    """`a b` is an edge from a to b."""
    pairs = [tuple(edge.split()) for edge in edges]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    kinds = {name: Kind.QUEUE if name in queues else Kind.FUNCTION for name in names}
    return Flow(
        nodes=tuple(Node(id=name, kind=kind, name=name) for name, kind in kinds.items()),
        edges=tuple(Edge(source=source, target=target, label="") for source, target in pairs),
    )


def column(diagram: Diagram) -> dict[str, int]:
    return {box.node.id: round((box.x - 12) / COLUMN) for box in diagram.boxes}


def test_what_comes_from_a_node_stands_right_of_it() -> None:
    assert column(draw(flow("a b", "b c", "a c", "c d"))) == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_what_leads_back_is_drawn_below_and_moves_nothing() -> None:
    diagram = draw(FLOW)
    (back,) = [wire for wire in diagram.wires if wire.is_return]
    assert (back.edge.source, back.edge.target) == ("function/fulfil", "database/orders")
    assert column(diagram)["database/orders"] == 1
    assert diagram.height > max(box.y + HEIGHT for box in diagram.boxes) + 12


def test_queues_stand_in_one_column_unless_one_feeds_another() -> None:
    fan = flow("bus topic", "bus q1", "topic q2", "q1 f1", "q2 f2", queues=("q1", "q2"))
    assert column(draw(fan))["q1"] == column(draw(fan))["q2"] == 2
    chain = flow("q1 f1", "f1 q2", "q2 f2", queues=("q1", "q2"))
    assert column(draw(chain)) == {"q1": 0, "f1": 1, "q2": 2, "f2": 3}


def test_a_source_stands_next_to_what_it_leads_to() -> None:
    assert column(draw(flow("a b", "b c", "schedule c")))["schedule"] == 1


def test_a_node_that_feeds_itself_is_drawn() -> None:
    assert split_returns(["a"], [("a", "a")]) == ([], [("a", "a")])
    assert len(draw(flow("a a")).wires) == 1


def test_nothing_at_all_is_an_empty_drawing() -> None:
    assert draw(Flow(nodes=(), edges=())).boxes == ()


def test_a_queue_says_what_comes_to_it_and_long_texts_are_cut() -> None:
    boxes = {box.node.id: box for box in draw(FLOW).boxes}
    assert boxes["queue/fulfilment"].caption == "order.placed"
    long = Flow(nodes=(Node(id="x", kind=Kind.TOPIC, name="a" * 40),), edges=())
    assert draw(long).boxes[0].name == "a" * 15 + "…"


def apart(one: Box, other: Box) -> bool:
    return abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT


names = st.sampled_from("abcdefgh")
graphs = st.lists(st.tuples(names, names), min_size=1, max_size=24).map(
    lambda pairs: flow(*(f"{source} {target}" for source, target in pairs), queues=("c", "d"))
)


@settings(deadline=None)
@given(graphs)
def test_no_two_nodes_overlap_and_all_is_inside(drawn: Flow) -> None:
    diagram = draw(drawn)
    assert all(apart(one, other) for one, other in combinations(diagram.boxes, 2))
    assert all(0 <= box.x <= diagram.width - WIDTH and 0 <= box.y <= diagram.height - HEIGHT for box in diagram.boxes)


@settings(deadline=None)
@given(graphs)
def test_every_line_goes_to_the_right_or_is_drawn_as_a_return(drawn: Flow) -> None:
    diagram = draw(drawn)
    place = column(diagram)
    for wire in diagram.wires:
        assert wire.is_return or place[wire.edge.source] < place[wire.edge.target]


@settings(deadline=None)
@given(graphs)
def test_the_same_flow_is_drawn_in_the_same_way(drawn: Flow) -> None:
    again = Flow(nodes=tuple(drawn.nodes), edges=tuple(drawn.edges))
    assert draw.__wrapped__(drawn) == draw.__wrapped__(again)


def test_the_columns_of_a_graph_without_edges_are_one() -> None:
    assert columns(["a", "b"], [], []) == {"a": 0, "b": 0}
