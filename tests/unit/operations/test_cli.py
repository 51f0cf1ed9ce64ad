"""What the command understands, what it asks, and what it says of a mistake: one line, and 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.stackfile import StackFile, StackFileError
from functions.domain.order import OrderStatus
from operations import cli
from operations.__main__ import main
from operations.errors import OperationsError
from operations.targets import reach
from tests.unit.operations.fakes import RUN, System, letter

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    reached = System()
    monkeypatch.setattr(cli, "reach", reached.reached)
    return reached


def refusal(capsys: Printed, *arguments: str) -> str:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("operations: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_the_newest_orders_of_the_local_stack_are_asked_for_unless_told_otherwise(
    system: System, capsys: Printed
) -> None:
    order = system.place()
    assert main(["orders"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{order.order_id}\tacme\tPLACED\t3998\tEUR\t2026-")
    assert main(["--stack", "dev", "orders", "--status", "paid", "--limit", "7"]) == 0
    assert system.asked == ["local", (20, None), "dev", (7, OrderStatus.PAID)]


def test_an_order_is_shown_with_its_timeline_and_its_saga(system: System, capsys: Printed) -> None:
    order = system.place()
    assert main(["order", order.order_id]) == 0
    assert "attempts" not in capsys.readouterr().out
    system.run = RUN
    assert main(["order", order.order_id]) == 0
    told = capsys.readouterr().out.split("\n\n")
    assert [part.partition("\t")[0] for part in told] == ["order", "version", "status", "step"]
    assert main(["order", order.order_id, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["order"]["order_id"], len(document["timeline"])) == (order.order_id, 1)
    assert document["saga"]["uncompensated"] == ["process-payment", "restock"]


def test_dead_letters_are_those_of_every_queue_or_of_one(system: System, capsys: Printed) -> None:
    system.letters = [letter("a"), letter("b", queue="inventory")]
    assert main(["dead-letters"]) == 0
    assert [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["fulfilment", "a"],
        ["inventory", "b"],
    ]
    assert main(["dead-letters", "--queue", "inventory", "--json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == ["b"]


def test_of_more_than_can_be_shown_it_is_said_how_many_there_are(system: System, capsys: Printed) -> None:
    system.letters = [letter(f"m{number}") for number in range(101)]
    assert main(["dead-letters"]) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 101
    assert printed.err == "operations: of each queue the first 100: fulfilment has 101\n"
    assert main(["redrive", "--queue", "fulfilment", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("101 would be sent back to fulfilment\n")
    assert "not among the first 100 of 101" in refusal(
        capsys, "redrive", "--queue", "fulfilment", "--id", "m100", "--dry-run"
    )


def test_a_redrive_says_how_many_were_sent_back_and_then_that_nothing_is_dead(system: System, capsys: Printed) -> None:
    system.letters = [letter("a"), letter("b"), letter("c")]
    assert main(["redrive", "--queue", "fulfilment", "--id", "b"]) == 0
    assert main(["redrive", "--queue", "fulfilment", "--id", "b"]) == 0
    assert main(["redrive", "--queue", "fulfilment"]) == 0
    assert main(["redrive", "--queue", "fulfilment"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 sent back to fulfilment",
        "b is not dead in fulfilment",
        "2 sent back to fulfilment",
        "nothing is dead in fulfilment",
    ]


def test_a_dry_run_shows_what_would_be_sent_back_and_sends_nothing(system: System, capsys: Printed) -> None:
    system.letters = [letter("a"), letter("b")]
    assert main(["redrive", "--queue", "fulfilment", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 would be sent back to fulfilment"
    assert main(["redrive", "--queue", "fulfilment", "--id", "b", "--dry-run", "--json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == ["b"]
    assert main(["redrive", "--queue", "fulfilment", "--id", "", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == " is not dead in fulfilment"
    assert main(["redrive", "--queue", "inventory", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing is dead in inventory"
    assert len(system.letters) == 2


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing command"),
        (["order"], "Missing argument 'ID'"),
        (["order", "nope\x1b[2J"], r"there is no order nope\x1b[2J"),
        (["orders", "--status", "LOST"], "'LOST' is not one of 'placed', 'reserved'"),
        (["orders", "--limit", "0"], "'--limit'"),
        (["orders", "--limit", "101"], "'--limit'"),
        (["orders", "--colour"], "No such option"),
        (["redrive"], "Missing option '--queue'"),
        (["redrive", "--queue", "nope"], "there is no queue 'nope'; there are fulfilment, inventory"),
        (["dead-letters", "--queue", "nope"], "there is no queue 'nope'; there are fulfilment, inventory"),
        (["dead-letters", "--queue", ""], "there is no queue ''; there are fulfilment, inventory"),
        (["--stack", "nope", "orders"], "there is no Pulumi.nope.yaml; STACK is one of dev, local, prod"),
        (["--home", "nowhere", "orders"], "there is no local system in nowhere"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_is_allowed(capsys: Printed, arguments: list[str], said: str) -> None:
    assert said in refusal(capsys, *arguments)


@pytest.mark.parametrize("target", ["aws", "gcp", "azure"])
def test_a_target_without_a_way_in_is_refused_with_those_that_have_one(target: str) -> None:
    stack = StackFile.read(f"config:\n  orderly:target: {target}\n", "prod")
    with pytest.raises(OperationsError, match=f"prod is on {target}.* those on local; docs/{target}.md says"):
        reach(stack)


@pytest.mark.parametrize("written", ["{}", "config:\n  orderly:target: mars\n", "config:\n  orderly:target: [aws]\n"])
def test_what_is_no_target_is_refused_with_those_that_are(written: str) -> None:
    with pytest.raises(OperationsError, match="allowed is aws, gcp, azure, local: set orderly:target"):
        reach(StackFile.read(written, "odd"))


@pytest.mark.parametrize("block", ["/somewhere", "[]", "7", "false", "''"])
def test_a_block_that_is_none_is_refused(block: str) -> None:
    written = f"config:\n  orderly:target: local\n  orderly:local: {block}\n"
    with (
        pytest.raises(OperationsError, match=r"^Pulumi\.odd\.yaml has .* as orderly:local; allowed is a block"),
        reach(StackFile.read(written, "odd")),
    ):
        pass


@pytest.mark.parametrize("reason", ["Permission denied", "File name too long"])
def test_a_folder_that_cannot_be_looked_at_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed, reason: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, reason)

    monkeypatch.setattr(Path, "stat", refuse)
    assert f"nowhere/orders.sqlite cannot be looked at ({reason}): check its" in refusal(
        capsys, "--home", "nowhere", "orders"
    )


def test_a_stack_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.odd.yaml").mkdir()
    with pytest.raises(
        StackFileError, match=r"^Pulumi\.odd\.yaml cannot be read \(Is a directory\): check its rights$"
    ):
        StackFile.of("odd", tmp_path)


@pytest.mark.parametrize("folder", ["7", "[a]"])
def test_a_folder_that_is_none_is_refused(folder: str) -> None:
    written = f"config:\n  orderly:target: local\n  orderly:local:\n    folder: {folder}\n"
    with (
        pytest.raises(OperationsError, match=r"as orderly:local\.folder; allowed is the path of a folder"),
        reach(StackFile.read(written, "odd")),
    ):
        pass


def test_a_local_system_is_looked_for_where_its_stack_file_says(tmp_path: Path) -> None:
    default = Path(".orderly/odd")
    for block, folder in (
        (f"\n    folder: {tmp_path}", tmp_path),
        (f" '{json.dumps({'folder': str(tmp_path)})}'", tmp_path),
        (" {}", default),
        ("", default),
    ):
        stack = StackFile.read(f"config:\n  orderly:target: local\n  orderly:local:{block}\n", "odd")
        with pytest.raises(OperationsError, match=f"in .*{folder}: make up STACK=odd"), reach(stack):
            pass
