"""A task hub of Durable Functions in one process: Microsoft's replay executor, our histories, and a clock of our own.

Runs in .engines/durable and speaks JSON lines: it is told which source the orchestrators are in, then one run after
another. It asks for activities to be performed, is told how those end that have ended, and says how the run did.

What happens is what may happen on Azure: every episode plays the whole history to a new generator; several things may
arrive in one episode, also a late activity and a timer that was cancelled; and an instance whose orchestrator has
returned ends no sooner than its last activity.
"""

from __future__ import annotations

import heapq
import importlib.abc
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import Any, TypeAlias

from azure.durable_functions import Orchestrator  # type: ignore[import-untyped]
from azure.durable_functions.models.actions.ActionType import ActionType  # type: ignore[import-untyped]
from azure.durable_functions.models.history import HistoryEventType as Happened  # type: ignore[import-untyped]

Json: TypeAlias = dict[str, Any]
Replay: TypeAlias = Callable[[str], str]
"""Plays the history in a context, which is JSON, to an orchestrator, and gives its state, which is JSON too."""
Answers: TypeAlias = dict[str, Json]
"""By the number of the activity: how many `seconds` it takes from now, and what it has `completed` or `failed` with."""
Ask: TypeAlias = Callable[[int, str], Answers]
"""Performs an activity of this number and input, and answers all that have ended by now."""

ACTIVITY = "perform_task"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ERROR_MARK = "\n\n$OutOfProcData$:"
MAX_EPISODES = 5000
MAX_INSTANCE_ID = 100
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class NonDeterminismError(Exception):
    """Played the same history, an orchestrator asks for something else."""


@dataclass
class Instance:
    """What is kept of an orchestration: `actions` is what it has asked for so far, `open` which of it has not ended."""

    id: str
    orchestrator: str
    input: str
    parent: tuple[Instance, int] | None
    now: datetime
    history: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    has_ended: bool = False


@dataclass
class TaskHub:
    """Of one run. `random` decides how long messages take and which of them arrive together.

    `wait_until` is told how many seconds of the run's own time have passed before anything happens then.
    """

    orchestrators: Mapping[str, Replay]
    ask: Ask
    random: Random
    wait_until: Callable[[float], object] = lambda seconds: None
    instances: dict[str, Instance] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    episodes: int = 0
    _activities: list[tuple[Instance, int]] = field(default_factory=list)
    _messages: list[tuple[datetime, int, Instance, Json]] = field(default_factory=list)
    _sent: int = 0

    def run(self, orchestrator: str, instance_id: str, given: object) -> Json:
        """The end of the instance: `status`, and `output` or `error`; and how much a back end was `asked` for it."""
        root = self._start(orchestrator, instance_id, json.dumps(given), None, EPOCH)
        ended: Json = {"status": "Running"}
        try:
            for _ in range(MAX_EPISODES):
                if root.has_ended or not self._messages:
                    break
                instance, events = self._next()
                state = {} if instance.has_ended else self._episode(instance, events)
                ended = state if instance is root else ended
        except NonDeterminismError as error:
            ended = {"status": "Failed", "error": str(error)}
        asked = {"episodes": self.episodes, "activities": len(self._activities), "messages": self._sent}
        return {**ended, "waits": self.waits, "violations": self.violations, "asked": asked}

    def _start(
        self, orchestrator: str, instance_id: str, given: str, parent: tuple[Instance, int] | None, at: datetime
    ) -> Instance:
        if instance_id in self.instances:
            self.violations.append(f"instance {instance_id} was started twice")
        if len(instance_id) > MAX_INSTANCE_ID or set(instance_id) & set("/\\#?"):
            self.violations.append(f"{instance_id} can be no instance's id")
        instance = self.instances[instance_id] = Instance(instance_id, orchestrator, given, parent, at)
        started: Json = {"Name": orchestrator, "Input": given, "Version": None, "OrchestrationInstance": {}}
        self._send(instance, at, Happened.EXECUTION_STARTED, **started)
        return instance

    def _send(self, instance: Instance, at: datetime, kind: Happened, **facts: object) -> None:
        heapq.heappush(self._messages, (at, self._sent, instance, _event(kind, at, **facts)))
        self._sent += 1

    def _next(self) -> tuple[Instance, list[Json]]:
        """The instance to which something happens next, and what arrives there with it."""
        first, _, instance, _ = self._messages[0]
        self.wait_until((first - EPOCH).total_seconds())
        until = first + timedelta(seconds=self.random.choice((0, 0.3)))
        arrived = [message for message in self._messages if message[2] is instance and message[0] <= until]
        self._messages = [message for message in self._messages if message not in arrived]
        heapq.heapify(self._messages)
        arrived.sort(key=lambda message: message[:2])
        instance.now = max(instance.now, arrived[-1][0])
        return instance, [message[3] for message in arrived]

    def _episode(self, instance: Instance, events: list[Json]) -> Json:
        """Play the history to the orchestrator anew, then do what it asks for now and did not ask for before."""
        self.episodes += 1
        instance.open -= {event[name] for event in events for name in ("TimerId", "TaskScheduledId") if name in event}
        old = [{**event, "IsPlayed": True} for event in instance.history]
        new = [_event(Happened.ORCHESTRATOR_STARTED, instance.now), *events]
        instance.history += new
        state = self._replay(instance, [*old, *({**event, "IsPlayed": False} for event in new)])
        actions = list(_flat(state["actions"]))
        self._compare(instance, actions)
        for number in range(len(instance.actions), len(actions)):
            self._do(instance, number, actions[number])
        instance.actions = actions
        instance.history.append(_event(Happened.ORCHESTRATOR_COMPLETED, instance.now))
        return self._end(instance, state) if self._can_end(instance, state) else {"status": "Running"}

    def _can_end(self, instance: Instance, state: Json) -> bool:
        """It has returned, and nothing that it asked for is under way but what it has cancelled."""
        if not state["isDone"] and "error" not in state:
            return False
        open_ = [instance.actions[number] for number in instance.open if not instance.actions[number].get("isCanceled")]
        if any("fireAt" in action for action in open_):
            self.violations.append(f"{instance.id} leaves a timer open, and so runs until it fires")
        return not open_

    def _replay(self, instance: Instance, history: list[Json]) -> Json:
        body = {
            "history": history,
            "input": instance.input,
            "instanceId": instance.id,
            "parentInstanceId": instance.parent[0].id if instance.parent else None,
            "isReplaying": len(history) > 2,
            "upperSchemaVersion": 2,
            "upperSchemaVersionNew": 4,
            "maximumShortTimerDuration": "6.00:00:00",
            "longRunningTimerIntervalDuration": "3.00:00:00",
        }
        try:
            state: Json = json.loads(self.orchestrators[instance.orchestrator](json.dumps(body)))
        except Exception as error:  # noqa: BLE001 -- the executor says with one that the orchestrator raised
            _, _, state_text = str(error).rpartition(ERROR_MARK)
            state = json.loads(state_text)
        return state

    def _compare(self, instance: Instance, actions: list[Json]) -> None:
        """An orchestrator that asks for something else than before is stopped, as it is on Azure."""
        for number, before in enumerate(map(_asked, instance.actions)):
            now = _asked(actions[number]) if number < len(actions) else "not asked for"
            if before != now:
                raise NonDeterminismError(f"{instance.id} is not deterministic: action {number} was {before}, is {now}")

    def _do(self, instance: Instance, number: int, action: Json) -> None:
        kind = ActionType(action["actionType"])
        instance.open.add(number)
        if kind is ActionType.CALL_ACTIVITY:
            self._perform(instance, number, action)
        elif kind is ActionType.CREATE_TIMER:
            self._set_timer(instance, number, action)
        elif kind is ActionType.CALL_SUB_ORCHESTRATOR:
            self._note(instance, Happened.SUB_ORCHESTRATION_INSTANCE_CREATED, number, action)
            at = instance.now + self._latency()
            self._start(action["functionName"], action["instanceId"], action["input"], (instance, number), at)
        else:
            self.violations.append(f"{instance.id} asks for {kind.name}, which a saga does not need")

    def _perform(self, instance: Instance, number: int, action: Json) -> None:
        self._note(instance, Happened.TASK_SCHEDULED, number, action)
        if action["functionName"] != ACTIVITY:
            self.violations.append(f"there is no activity {action['functionName']}")
        self._activities.append((instance, number))
        for activity, answer in self.ask(len(self._activities) - 1, action["input"]).items():
            caller, scheduled = self._activities[int(activity)]
            at = instance.now + timedelta(seconds=answer["seconds"])
            if "failed" in answer:
                facts = {"Reason": answer["failed"], "Details": None}
                self._send(caller, at, Happened.TASK_FAILED, TaskScheduledId=scheduled, **facts)
            else:
                result = json.dumps(answer["completed"])
                self._send(caller, at, Happened.TASK_COMPLETED, TaskScheduledId=scheduled, Result=result)

    def _set_timer(self, instance: Instance, number: int, action: Json) -> None:
        at = datetime.strptime(action["fireAt"], TIME).replace(tzinfo=UTC)
        instance.history.append(_event(Happened.TIMER_CREATED, instance.now, EventId=number, FireAt=action["fireAt"]))
        self._send(instance, at, Happened.TIMER_FIRED, TimerId=number, FireAt=action["fireAt"])
        if not action["isInRace"]:
            self.waits.append((at - instance.now).total_seconds())

    def _note(self, instance: Instance, kind: Happened, number: int, action: Json) -> None:
        facts = {"EventId": number, "Name": action["functionName"], "Input": action["input"]}
        instance.history.append(_event(kind, instance.now, **facts))

    def _end(self, instance: Instance, state: Json) -> Json:
        instance.has_ended = True
        has_failed = "error" in state
        if instance.parent:
            parent, number = instance.parent
            at = instance.now + self._latency()
            if has_failed:
                facts = {"Reason": state["error"], "Details": None}
                self._send(parent, at, Happened.SUB_ORCHESTRATION_INSTANCE_FAILED, TaskScheduledId=number, **facts)
            else:
                facts = {"Result": json.dumps(state.get("output"))}
                self._send(parent, at, Happened.SUB_ORCHESTRATION_INSTANCE_COMPLETED, TaskScheduledId=number, **facts)
        if has_failed:
            return {"status": "Failed", "error": state["error"]}
        return {"status": "Completed", "output": state.get("output")}

    def _latency(self) -> timedelta:
        return timedelta(seconds=self.random.uniform(0, 0.5))


def _event(kind: Happened, at: datetime, **facts: object) -> Json:
    return {"EventType": int(kind), "EventId": -1, "Timestamp": at.strftime(TIME), **facts}


def _flat(episodes: list[list[Json]]) -> Iterator[Json]:
    """Each atomic action, in the order in which the extension numbers them."""
    for action in (action for actions in episodes for action in actions):
        if "compoundActions" in action:
            is_race = action["actionType"] == ActionType.WHEN_ANY
            yield from ({**inner, "isInRace": is_race} for inner in action["compoundActions"])
        else:
            yield {**action, "isInRace": False}


def _asked(action: Json) -> Json:
    """Whether a timer was cancelled meanwhile is no difference."""
    return {name: value for name, value in action.items() if name != "isCanceled"}


class _Source(importlib.abc.InspectLoader):
    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, fullname: str) -> str:
        return self._text


def load(text: str) -> dict[str, Replay]:
    """The orchestrators of a source, by name."""
    loader = _Source(text)
    module = sys.modules["orchestrators"] = ModuleType("orchestrators")
    loader.exec_module(module)
    return {name: Orchestrator.create(getattr(module, name)) for name in ("saga_v1", "saga_branch_v1")}


def say(message: Json) -> None:
    print(json.dumps(message), flush=True)


def ask(number: int, call: str) -> Answers:
    say({"perform": call, "number": number})
    answers: Answers = json.loads(sys.stdin.readline())
    return answers


def remember_parsed_times() -> None:
    """The executor reads every time of a history anew in every episode, which is three quarters of what a run takes."""
    module: Any = sys.modules["azure.durable_functions.models.history.HistoryEvent"]
    module.dt_parse = lru_cache(maxsize=10_000)(module.dt_parse)


def main() -> None:
    warnings.simplefilter("ignore")  # the SDK advises classes of our own for what is plain JSON here
    remember_parsed_times()
    orchestrators: dict[str, Replay] = {}
    for line in sys.stdin:
        told = json.loads(line)
        if "source" in told:
            orchestrators = load(told["source"])
        else:
            hub = TaskHub(orchestrators, ask, Random(told["seed"]))  # noqa: S311 -- a simulation, not a secret
            say({"ended": hub.run("saga_v1", told["given"]["run_id"], told["given"])})


if __name__ == "__main__":
    main()
