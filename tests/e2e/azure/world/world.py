"""All of it together: started from the records of a deployment, and reached by the addresses that they have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from functions.environment import Variable
from tests.azure.blob_fake import BlobFake
from tests.azure.eventgrid_fake import EventGridFake
from tests.e2e.azure.world import logic_app
from tests.e2e.azure.world.access import Access
from tests.e2e.azure.world.api_management import gateways
from tests.e2e.azure.world.apps import App, running
from tests.e2e.azure.world.change_feed import Feed, following
from tests.e2e.azure.world.cosmos import Account, accounts
from tests.e2e.azure.world.doors import Doors
from tests.e2e.azure.world.durable import Durable, durable
from tests.e2e.azure.world.event_grid import EventGrid
from tests.e2e.azure.world.identities import Identities
from tests.e2e.azure.world.logic_app import LogicApp
from tests.e2e.azure.world.queue_triggers import Try, listening
from tests.e2e.azure.world.service_bus import ServiceBus
from tests.e2e.azure.world.sites import Sites
from tests.e2e.world.http import Asked, Listener, Reply
from tests.e2e.world.internet import Internet
from tests.e2e.world.records import Record, Records

SCALE = 0.01
"""Of every wait before something is done again: ten seconds become a tenth of one."""
PACE = 0.25
"""Of every wait in a run: a client has the time to cancel an order that waits."""

Entrances = dict[str, Callable[[Asked], Reply]]
"""What is found at each name of Azure's."""


@dataclass(frozen=True, kw_only=True)
class World:
    records: Records
    access: Access
    identities: Identities
    apps: Mapping[str, App]
    """By handler."""
    sites: Sites
    cosmos: Mapping[str, Account]
    bus: ServiceBus
    event_grid: EventGrid
    blobs: Mapping[str, BlobFake]
    """By the container's identifier."""
    durable: Mapping[str, Durable]
    feeds: list[Feed]
    tries: list[Try]
    """Of delivering messages to the apps."""
    logic_apps: list[LogicApp]
    entrances: Entrances
    _listeners: dict[str, Listener] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def reachable(self, url: str) -> str:
        """An address of the world, where it answers whoever is outside: Azure's own names lead to Azure."""
        host = str(urlsplit(url).hostname)
        if host not in self._listeners:
            self._listeners[host] = self._open.enter_context(Listener(self.entrances[host]))
        return self._listeners[host].url

    def is_idle(self) -> bool:
        """Nothing is being called, delivered or run at this moment; a message may be on its way all the same."""
        return not (
            self.sites.under_way
            or self.event_grid.waiting
            or any(not self.bus.is_idle(queue.id) for queue in self.records.of("servicebus.Queue") if _is_read(queue))
            or any(not feed.is_idle for feed in self.feeds)
            or any(app.under_way for app in self.logic_apps)
            or any(run.ended is None for each in self.durable.values() for run in each.runs)
        )


def hosts(records: Records) -> Iterator[str]:
    """Every name of Azure's under which something of the deployment is found."""
    for kind, address in (
        ("web.WebApp", "defaultHostName"),
        ("cosmosdb.DatabaseAccount", "documentEndpoint"),
        ("eventgrid.Topic", "endpoint"),
        ("apimanagement.ApiManagementService", "gatewayUrl"),
    ):
        for record in records.of(kind):
            yield urlsplit(record[address]).hostname or str(record[address])
    for record in records.of("storage.StorageAccount"):
        yield f"{record['accountName']}.blob.core.windows.net"
    for record in records.of("servicebus.Namespace"):
        yield f"{record['namespaceName']}.servicebus.windows.net"


@contextmanager
def playing(
    records: Records,
    code: Mapping[str, str],
    folder: Path,
    internet: Internet,
    fetch: Callable[[str], bytes],
    post: logic_app.Post,
) -> Iterator[World]:
    """What keeps data first, then the apps, and what calls them last; it ends the other way round.

    `code` has the digest of each app's package; `fetch` and `post` reach the internet outside of Azure.
    """
    access, identities, entrances = Access(records), Identities(records), Entrances()
    bus = ServiceBus(records, SCALE)
    blobs = {each.id: BlobFake(each["containerName"]) for each in records.of("storage.BlobContainer")}
    event_grid = EventGrid(records, access, bus, blobs, SCALE)
    topics = {each.id: EventGridFake(event_grid.taking(each)) for each in records.of("eventgrid.Topic")}
    cosmos = accounts(records)
    entrances |= Doors(records, access, identities).entrances(cosmos, blobs, bus, topics)
    with ExitStack() as opened:
        opened.enter_context(closing(event_grid))
        azure = opened.enter_context(Listener(partial(_answer, entrances), internet.tls))
        tokens = opened.enter_context(Listener(identities.answer))
        names = json.dumps({**internet.ports, **dict.fromkeys(hosts(records), azure.port)})

        def led(app: Record) -> Mapping[str, str]:
            led_there = {"LOOPBACK_NAMES": names, **internet.variables(), **identities.variables(app, tokens.url)}
            return {**led_there, **_shorter_waits(app)}

        apps = opened.enter_context(running(records, access, code, folder, led))
        sites = Sites(records, identities, apps)
        entrances |= {app.hostname: partial(sites.answer, app) for app in apps.values()}

        def call(host: str, asked: Asked) -> Reply:
            return entrances[host](asked)

        entrances |= {each.host: each.answer for each in gateways(records, identities, fetch, call)}
        playing_runs = dict[str, Durable]()
        for app in apps.values():
            if list(app.triggers("orchestrationTrigger")):
                playing_runs[app.handler], sites.clients[app.handler] = opened.enter_context(
                    durable(app, records, access, PACE)
                )
        world = World(
            records=records,
            access=access,
            identities=identities,
            apps=apps,
            sites=sites,
            cosmos=cosmos,
            bus=bus,
            event_grid=event_grid,
            blobs=blobs,
            durable=playing_runs,
            logic_apps=opened.enter_context(logic_app.listening(records, access, bus, post, SCALE)),
            tries=opened.enter_context(listening(list(apps.values()), records, access, bus)),
            feeds=opened.enter_context(following(list(apps.values()), records, access, cosmos, SCALE)),
            entrances=entrances,
        )
        opened.push(world._open)
        yield world


def _shorter_waits(app: Record) -> Mapping[str, str]:
    """The two settings that are not as they were recorded: they are waits, and those of a world are shorter."""
    told = {each["name"]: each["value"] for each in app["siteConfig"]["appSettings"]}
    waits = (Variable.HELD_SECONDS, Variable.LEASE_SECONDS)
    return {name: str(float(told[name]) * SCALE) for name in waits if name in told}


def _answer(entrances: Entrances, asked: Asked) -> Reply:
    host = asked.header("Host").partition(":")[0]
    return entrances[host](asked) if host in entrances else Reply(status=404)


def _is_read(queue: Record) -> bool:
    """Dead letters wait for a person."""
    return bool(queue.get("forwardDeadLetteredMessagesTo"))
