"""The commands: each asks a port and says what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from components.stackfile import StackFile, StackFileError
from functions.domain.order import OrderStatus
from operations import documents, tables
from operations.errors import OperationsError
from operations.ports import MAX_AT_ONCE, DeadLetter, Operations
from operations.showing import Answer
from operations.targets import reach, reach_folder
from operations.trial import trial

DEFAULT_STACK = "local"
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, for scripts.")]
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="See the orders, queues and dead letters of a running system, and send dead letters back.",
)


@app.callback()
def choose(
    context: typer.Context,
    stack: Annotated[str, typer.Option(help="Whose system it is: Pulumi.STACK.yaml says where.")] = DEFAULT_STACK,
    home: Annotated[Path | None, typer.Option(help="A local system's folder, if it has no stack file.")] = None,
) -> None:
    context.obj = (stack, home)


@app.command()
def orders(
    context: typer.Context,
    status: Annotated[OrderStatus | None, typer.Option(help="Only orders that are so.", case_sensitive=False)] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=MAX_AT_ONCE)] = 20,
    as_json: AsJson = False,
) -> Answer:
    """The newest orders of every tenant."""
    with _system(context) as operations:
        found = operations.orders.newest(limit, status=status)
    return Answer(
        document=[documents.of_order(order) for order in found], tables=(tables.of_orders(found),), as_json=as_json
    )


@app.command()
def order(
    context: typer.Context, order_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False
) -> Answer:
    """One order: what happened to it, and what its saga did."""
    with _system(context) as operations:
        found = operations.orders.find(order_id)
        if found is None:
            raise OperationsError(f"there is no order {order_id:.100}: the command orders lists the newest")
        events, run = operations.orders.timeline(found), operations.saga_runs.find(order_id)
    saga = (tables.of_run(run), tables.of_attempts(run.attempts)) if run else ()
    return Answer(
        document={"order": documents.of_order(found), "timeline": events, "saga": run},
        tables=(tables.of_orders([found]), tables.of_events(events), *saga),
        as_json=as_json,
    )


@app.command()
def queues(context: typer.Context, as_json: AsJson = False) -> Answer:
    """How full each queue is, how old its oldest message, and how many died in it."""
    with _system(context) as operations:
        states = operations.queues.states()
    return Answer(document=states, tables=(tables.of_queues(states),), as_json=as_json)


@app.command()
def dead_letters(
    context: typer.Context,
    queue: Annotated[str | None, typer.Option(help="Only those of one queue.")] = None,
    as_json: AsJson = False,
) -> Answer:
    """Messages that no consumer could handle, with the reason; in each queue the first died first."""
    with _system(context) as operations:
        counts = {state.queue: state.dead_letters for state in operations.queues.states()}
        chosen = [queue] if queue is not None else [name for name, dead in counts.items() if dead]
        found = {name: operations.dead_letters.of(name, MAX_AT_ONCE) for name in chosen}
    more = [f"{name} has {counts[name]}" for name, letters in found.items() if counts[name] > len(letters)]
    return _of_letters(
        [letter for letters in found.values() for letter in letters],
        remark=f"of each queue the first {MAX_AT_ONCE}: {', '.join(more)}" if more else "",
        as_json=as_json,
    )


@app.command()
def redrive(
    context: typer.Context,
    queue: Annotated[str, typer.Option(help="Where they died.")],
    message_id: Annotated[str | None, typer.Option("--id", help="One message only.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent back.")] = False,
    as_json: AsJson = False,
) -> Answer:
    """Send dead letters back to the queue that they died in, each once."""
    with _system(context) as operations:
        if dry_run:
            return _foreseen(operations, queue, message_id, as_json=as_json)
        sent = operations.dead_letters.redrive(queue, message_id=message_id)
    return Answer(document={"queue": queue, "sent_back": sent}, line=_said(sent, queue, message_id), as_json=as_json)


def _foreseen(operations: Operations, queue: str, message_id: str | None, *, as_json: bool) -> Answer:
    letters = operations.dead_letters.of(queue, MAX_AT_ONCE)
    state = next(state for state in operations.queues.states() if state.queue == queue)
    would = trial(state, letters, message_id)
    is_hidden = state.dead_letters > len(letters)
    among = f"the first {MAX_AT_ONCE} of {state.dead_letters}"
    if message_id is not None and not would.count and is_hidden:
        raise OperationsError(
            f"{message_id:.100} is not among {among} that died in {queue}, and no more can be looked at: without "
            "--dry-run it is sent back if it is there"
        )
    return _of_letters(
        would.listed,
        line=f"{would.count} would be sent back to {queue}" if would.count else _said(0, queue, message_id),
        remark=among if is_hidden and message_id is None else "",
        as_json=as_json,
    )


def _of_letters(letters: Sequence[DeadLetter], *, line: str = "", remark: str = "", as_json: bool) -> Answer:
    return Answer(
        document=[documents.of_dead_letter(letter) for letter in letters],
        tables=(tables.of_dead_letters(letters),),
        line=line,
        remark=remark,
        as_json=as_json,
    )


def _said(sent: int, queue: str, message_id: str | None) -> str:
    if sent:
        return f"{sent} sent back to {queue}"
    return f"{message_id:.100} is not dead in {queue}" if message_id is not None else f"nothing is dead in {queue}"


def _system(context: typer.Context) -> AbstractContextManager[Operations]:
    stack, home = context.obj
    if home is not None:
        return reach_folder(home)
    try:
        return reach(StackFile.of(stack))
    except StackFileError as error:
        raise OperationsError(str(error)) from None
