"""A program in this process ends with the engine, though the SDK would have it wait for ever."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from portal.program import InlineProgram


def test_a_program_that_waits_for_an_engine_that_has_gone_can_be_ended() -> None:
    waiting = threading.Event()
    program = InlineProgram(lambda: None)

    async def run_in_stack() -> None:
        program()
        waiting.set()
        await asyncio.get_running_loop().create_future()

    def serve() -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(run_in_stack())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert waiting.wait(30)
    program.end()
    thread.join(30)
    assert not thread.is_alive()
    program.end()


def test_a_program_that_never_ran_has_nothing_to_end() -> None:
    InlineProgram(lambda: None).end()
