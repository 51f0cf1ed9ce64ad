"""Azure's services of data as an app reaches them by HTTP: a token for the service, and the role that the call needs.

Behind the doors are our fakes, which ask nobody who they are but want to see the token that the tests' own clients
have. What each call needs is from the services' documents on roles, as far as they say. Of Cosmos DB they do not say
what a batch needs (here: the action of each of its operations), nor a query's plan (as the query), nor what a client
asks of the account first (the right to read metadata of anything in it: those who have it on a container get so far,
github.com/Azure/azure-cosmos-dotnet-v3/issues/3638).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tests.azure import blob_fake, eventgrid_fake
from tests.azure.blob_fake import BlobFake
from tests.azure.cosmos_fake import server as cosmos_fake
from tests.azure.cosmos_fake.server import CosmosFake
from tests.azure.cosmos_fake.store import ACTIONS
from tests.azure.eventgrid_fake import EventGridFake
from tests.azure.serving import Request, Serving
from tests.e2e.azure.world.access import (
    PUBLISH,
    QUERY,
    READ_ITEM,
    READ_METADATA,
    SEND,
    WRITE_BLOB,
    Access,
)
from tests.e2e.azure.world.identities import JSON, Caller, Identities
from tests.e2e.azure.world.service_bus import ServiceBus, sent
from tests.e2e.world.http import Asked, Reply
from tests.e2e.world.records import Record, Records

Needs = Iterator[tuple[str, str]]
"""Actions, and the identifier of what each is needed on."""
_DATA = READ_ITEM.removesuffix("items/read")


@dataclass(frozen=True)
class Doors:
    records: Records
    access: Access
    identities: Identities

    def entrances(
        self,
        cosmos: Mapping[str, CosmosFake],
        blobs: Mapping[str, BlobFake],
        bus: ServiceBus,
        topics: Mapping[str, EventGridFake],
    ) -> Mapping[str, Callable[[Asked], Reply]]:
        """By host; the fakes are by the identifier of the account, the container or the topic."""
        return {
            **{_host(each["documentEndpoint"]): self._cosmos(each, cosmos[each.id]) for each in self._accounts()},
            **{
                _host(each["endpoint"]): self._event_grid(each, topics[each.id])
                for each in self.records.of("eventgrid.Topic")
            },
            **{
                f"{each['accountName']}.blob.core.windows.net": self._blobs(each["accountName"], blobs)
                for each in self.records.of("storage.StorageAccount")
            },
            **{
                f"{each['namespaceName']}.servicebus.windows.net": self._service_bus(each, bus)
                for each in self.records.of("servicebus.Namespace")
            },
        }

    def _accounts(self) -> Iterator[Record]:
        return self.records.of("cosmosdb.DatabaseAccount")

    def _cosmos(self, account: Record, fake: CosmosFake) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            caller = self.identities.whose(asked.header("Authorization").rpartition("sig=")[2])
            if caller is None or caller.audience.rstrip("/") != f"https://{_host(account['documentEndpoint'])}":
                return _refused(401, "Unauthorized", "the token is not for this account")
            request = _request(asked, cosmos_fake.SIGNED)
            if request.segments == [""]:
                return self._account_told(caller, account) or _passed(fake, request)
            return self._allowed(caller, _of_cosmos(account, request)) or _passed(fake, request)

        return answer

    def _account_told(self, caller: Caller, account: Record) -> Reply | None:
        """None where it may be told what is where."""
        if self.access.allows_within(caller.principal, READ_METADATA, account=account.id):
            return None
        return _refused(403, "Forbidden", f"{caller.principal} lacks {READ_METADATA} on [/]")

    def _event_grid(self, topic: Record, fake: EventGridFake) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            caller = self._caller(asked, "https://eventgrid.azure.net")
            if caller is None:
                return _refused(401, "Unauthorized", "the token is not for Event Grid")
            needs = iter([(PUBLISH, topic.id)])
            return self._allowed(caller, needs) or _passed(fake, _request(asked, eventgrid_fake.SIGNED))

        return answer

    def _blobs(self, account: str, fakes: Mapping[str, BlobFake]) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            caller = self._caller(asked, "https://storage.azure.com")
            if caller is None:
                return _refused(401, "InvalidAuthenticationInfo", "the token is not for storage")
            name = asked.path.strip("/").partition("/")[0]
            for container in self.records.of("storage.BlobContainer"):
                if (container["accountName"], container["containerName"]) == (account, name):
                    refused = self._allowed(caller, iter([(WRITE_BLOB, container.id)]))
                    return refused or _passed(fakes[container.id], _request(asked, blob_fake.SIGNED))
            return _refused(404, "ContainerNotFound", f"there is no container {name}")

        return answer

    def _service_bus(self, namespace: Record, bus: ServiceBus) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            caller = self._caller(asked, "https://servicebus.azure.net")
            if caller is None:
                return _refused(401, "Unauthorized", "the token is not for Service Bus")
            name, _, rest = urlsplit(asked.path).path.strip("/").partition("/")
            entity = bus.entity(namespace["namespaceName"], name)
            if entity is None or (asked.method, rest) != ("POST", "messages"):
                return _refused(404, "NotFound", f"there is no entity {name}")
            return self._allowed(caller, iter([(SEND, entity)])) or sent(bus, entity, asked)

        return answer

    def _caller(self, asked: Asked, audience: str) -> Caller | None:
        caller = self.identities.caller(asked)
        return caller if caller and caller.audience.rstrip("/") == audience else None

    def _allowed(self, caller: Caller, needs: Needs) -> Reply | None:
        """None where it may do all of it."""
        for action, on in needs:
            if not self.access.allows(caller.principal, action, on=on):
                return _refused(403, "Forbidden", f"{caller.principal} lacks {action} on {on}")
        return None


def _of_cosmos(account: Record, request: Request) -> Needs:
    match request.segments:
        case ["dbs", database, "colls", container, *rest]:
            scope = f"{account.id}/dbs/{database}/colls/{container}"
            yield from ((action, scope) for action in _of_container(rest, request))
        case other:
            raise NotImplementedError(f"what Cosmos DB asks for {other} is not known here")


def _of_container(rest: list[str], request: Request) -> Iterator[str]:
    if rest[:1] != ["docs"]:
        yield READ_METADATA
    elif request.method == "GET":
        yield READ_ITEM
    elif request.headers.get("x-ms-cosmos-is-batch-request") == "True":
        yield from sorted({f"{_DATA}{ACTIONS[each['operationType']]}" for each in json.loads(request.body)})
    else:
        yield QUERY


def _request(asked: Asked, signed: str) -> Request:
    """As the fake of the service takes it, which knows another token."""
    parts = urlsplit(asked.path)
    headers = {name.lower(): value for name, value in asked.headers}
    return Request(
        method=asked.method,
        path=parts.path,
        query=parse_qs(parts.query),
        headers={**headers, "authorization": signed},
        body=asked.body,
    )


def _passed(fake: Serving, request: Request) -> Reply:
    answer = fake.answer_to(request)
    assert answer is not None, "a fake hangs up only if a test asks it to"
    headers = {"Content-Type": "application/json", **answer.headers}
    return Reply(status=answer.status, headers=tuple(headers.items()), body=answer.body)


def _refused(status: int, code: str, message: str) -> Reply:
    return Reply(status=status, headers=JSON, body=json.dumps({"code": code, "message": message}).encode())


def _host(url: str) -> str:
    return str(urlsplit(url).hostname)
