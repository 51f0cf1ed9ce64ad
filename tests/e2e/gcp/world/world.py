"""All of it together: started from the records of a deployment, and reached by the addresses that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.gcp.world import needs
from tests.e2e.gcp.world.access import Access
from tests.e2e.gcp.world.api_gateway import gateways
from tests.e2e.gcp.world.cloud_run import CloudRun, Origin
from tests.e2e.gcp.world.doors import Doors
from tests.e2e.gcp.world.eventarc import Trigger, triggering
from tests.e2e.gcp.world.functions import running
from tests.e2e.gcp.world.identity import Identities
from tests.e2e.gcp.world.load_balancer import load_balancers
from tests.e2e.gcp.world.pubsub import pushing
from tests.e2e.gcp.world.workflows import Execution, Workflows
from tests.e2e.world.http import Asked, Listener, Reply
from tests.e2e.world.internet import Internet
from tests.e2e.world.records import Record, Records
from tests.gcp.firestore_fake import FirestoreFake
from tests.gcp.functions_framework import RunningFunction
from tests.gcp.pubsub.bridge import PushBridge
from tests.gcp.pubsub.server import Pstest
from tests.gcp.storage_fake import StorageFake

SCALE = 0.01
"""Of every wait before something is delivered again: ten seconds become a tenth of one."""
PACE = 0.25
"""Of every wait in a workflow: a client has the time to cancel an order that waits."""


@dataclass(frozen=True, kw_only=True)
class World:
    records: Records
    access: Access
    cloud_run: CloudRun
    functions: Mapping[str, RunningFunction]
    """By entry point."""
    firestore: FirestoreFake
    pubsub: Pstest
    bridge: PushBridge
    storage: StorageFake
    workflows: Workflows
    triggers: list[Trigger]
    entrances: Mapping[str, Callable[[Asked], Reply]]
    """What is found at a name of the internet."""
    _listeners: dict[str, Listener] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def executions(self) -> list[Execution]:
        return self.workflows.executions

    def reachable(self, url: str) -> str:
        """An address of the world, where it answers whoever is outside: Google's own names lead to Google."""
        host = str(urlsplit(url).hostname)
        if host not in self._listeners:
            self._listeners[host] = self._open.enter_context(Listener(self.entrances[host]))
        return self._listeners[host].url

    def is_idle(self) -> bool:
        """Nothing is being called, delivered or executed at this moment; a message may be on its way all the same."""
        return not (
            self.cloud_run.under_way
            or any(trigger.waiting for trigger in self.triggers)
            or any(self.bridge.under_way.values())
            or any(execution.ended is None for execution in self.executions)
        )


@contextmanager
def playing(records: Records, folder: Path, internet: Internet, fetch: Callable[[str], bytes]) -> Iterator[World]:
    """The functions first, for nothing else can call before they are there; it ends the other way round.

    `fetch` gets a document of the internet.
    """
    access = Access(records)
    cloud_run = CloudRun(access, Identities(records))
    with ExitStack() as opened:
        firestore, pubsub = opened.enter_context(FirestoreFake()), opened.enter_context(Pstest())
        storage = opened.enter_context(StorageFake())
        workflows = opened.enter_context(Workflows(records, cloud_run, PACE))
        behind = {
            needs.FIRESTORE: firestore.address,
            needs.PUBLISHER: pubsub.address,
            needs.EXECUTIONS: workflows.address,
        }
        doors = opened.enter_context(Doors(records, access, behind, storage.port))

        def led(function: Record) -> Mapping[str, str]:
            account = function["serviceConfig"]["serviceAccountEmail"]
            return {**doors.variables(account, internet.ports), **internet.variables()}

        functions = opened.enter_context(running(records, access, folder, led))
        for record in records.of("cloudfunctionsv2.Function"):
            cloud_run.serve(record, functions[record["buildConfig"]["entryPoint"]].port)
        bridge = opened.enter_context(pushing(records, access, pubsub, cloud_run, SCALE))
        triggers = opened.enter_context(triggering(records, access, firestore, cloud_run, SCALE))
        world = World(
            records=records,
            access=access,
            cloud_run=cloud_run,
            functions=functions,
            firestore=firestore,
            pubsub=pubsub,
            bridge=bridge,
            storage=storage,
            workflows=workflows,
            triggers=triggers,
            entrances=_entrances(records, cloud_run, fetch),
        )
        opened.push(world._open)
        yield world


def _entrances(
    records: Records, cloud_run: CloudRun, fetch: Callable[[str], bytes]
) -> Mapping[str, Callable[[Asked], Reply]]:
    def straight_to(host: str) -> Callable[[Asked], Reply]:
        return lambda asked: cloud_run.answer(host, asked, Origin.INTERNET)

    return {
        **{host: straight_to(host) for host in cloud_run.services},
        **{each.host: each.answer for each in gateways(records, cloud_run, fetch)},
        **{each.host: each.answer for each in load_balancers(records, cloud_run)},
    }
