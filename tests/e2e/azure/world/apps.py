"""Function apps as processes: the package that was posted, in Microsoft's worker, with the settings that were recorded.

Its root module is another, which leads names to this machine; where there is no Python 3.13 it is built anew.

An app does not start without its code, without the right to its own storage, or with a secret that cannot be had: as
on Azure, where the first shows as an app without functions and the others as one that never comes up. What it leaves
out: instances that start and end, so an app is one process which takes as many calls at once as all instances would;
the timeout of calls, and what an instance may use of CPU and memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.azure.unpacked import unpack_for_world
from tests.azure.worker import Worker
from tests.e2e.azure.world.access import READ_BLOB, READ_SECRET, WRITE_BLOB, Access
from tests.e2e.azure.world.identities import UnknownIdentityError, assigned_to, principal_of
from tests.e2e.world.records import Record, Records

AT_ONCE = 4
"""How many are started at the same time."""
REFERENCE = re.compile(r"@Microsoft\.KeyVault\(VaultName=(?P<vault>[^;)]+);SecretName=(?P<secret>[^;)]+)\)")
OVERRIDE = "AzureFunctionsJobHost__"
STORAGE = "AzureWebJobsStorage"


class HostError(Exception):
    """The Functions host of this app would not start."""


@dataclass(frozen=True, kw_only=True)
class App:
    """`settings` are as the process has them, secrets resolved; `host` is its host.json with what they override."""

    record: Record
    settings: Mapping[str, str]
    host: Mapping[str, Any]
    worker: Worker
    principal: str

    @property
    def handler(self) -> str:
        return self.settings["ORDERLY_HANDLER"]

    @property
    def hostname(self) -> str:
        return str(self.record["defaultHostName"])

    def triggers(self, kind: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Each function that is called so, with the binding that says by what; settings stand where `%NAME%` was."""
        for function in self.worker.functions:
            for binding in function["bindings"]:
                if binding["type"] == kind:
                    yield function, {name: self._filled(value) for name, value in binding.items()}

    def at_once(self, of_each: int) -> int:
        """Of all instances together."""
        scale = self.record["functionAppConfig"]["scaleAndConcurrency"]
        return of_each * int(scale["maximumInstanceCount"])

    def connected_as(self, connection: str, records: Records) -> str:
        """The principal as whom a trigger comes to what it listens to. HostError where the settings name none."""
        if self.settings.get(f"{connection}__credential") != "managedidentity":
            raise HostError(f"{self.handler}: {connection} has no key and no identity")
        client = self.settings.get(f"{connection}__clientId")
        for identity in records.of("managedidentity.UserAssignedIdentity"):
            if identity["clientId"] == client and identity.id in assigned_to(self.record):
                return str(identity["principalId"])
        raise HostError(f"{self.handler}: {client} is the client id of none of its identities")

    def _filled(self, value: Any) -> Any:  # noqa: ANN401 JSON
        if isinstance(value, str) and (found := re.fullmatch(r"%([^%]+)%", value)):
            if found[1] not in self.settings:
                raise HostError(f"{self.handler}: there is no setting {found[1]}")
            return self.settings[found[1]]
        return value


@contextmanager
def running(
    records: Records,
    access: Access,
    code: Mapping[str, str],
    folder: Path,
    led: Callable[[Record], Mapping[str, str]],
) -> Iterator[Mapping[str, App]]:
    """Every app that was recorded, by handler; `code` has the digest of what was posted to each, by its name,
    and `led` gives the variables that lead it to the world.
    """
    packages = _Packages(records, code, folder)
    begun = [_begun(record, records, access, packages, led) for record in records.of("web.WebApp")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        starts = [pool.submit(app.worker.__enter__) for app in begun]
        wait(starts)
        try:
            for start in starts:
                start.result()
            yield {app.handler: app for app in begun}
        finally:
            for app, start in zip(begun, starts, strict=True):
                if not start.exception():
                    pool.submit(app.worker.__exit__, None, None, None)


def _begun(
    record: Record,
    records: Records,
    access: Access,
    packages: _Packages,
    led: Callable[[Record], Mapping[str, str]],
) -> App:
    settings = resolved(record, records, access)
    check_storage(record, settings, records, access)
    folder = packages.of(record)
    host = _host(json.loads((folder / "host.json").read_bytes()), settings)
    if "extensionBundle" not in host:
        raise HostError(f"{record['name']}: without a bundle of extensions the host knows no trigger")
    worker = Worker(folder, {**settings, "WEBSITE_SITE_NAME": record["name"], **led(record)})
    (identity,) = assigned_to(record)
    return App(
        record=record,
        settings=settings,
        host=host,
        worker=worker,
        principal=principal_of(records, record, identity),
    )


def resolved(record: Record, records: Records, access: Access) -> Mapping[str, str]:
    """What could not be had out of a vault stays the reference that it was."""
    return {
        each["name"]: _resolved(each["value"], record, records, access) for each in record["siteConfig"]["appSettings"]
    }


def _resolved(value: str, record: Record, records: Records, access: Access) -> str:
    found = REFERENCE.fullmatch(value)
    if found is None:
        return value
    try:
        principal = principal_of(records, record, record.get("keyVaultReferenceIdentity", ""))
        secret = records.one("keyvault.Secret", vaultName=found["vault"], secretName=found["secret"])
    except LookupError:
        return value
    return str(secret["properties"]["value"]) if access.allows(principal, READ_SECRET, on=secret.id) else value


def check_storage(record: Record, settings: Mapping[str, str], records: Records, access: Access) -> None:
    """HostError unless the host may write to its own account and read the package from where it is deployed."""
    account = records.one("storage.StorageAccount", accountName=settings.get(f"{STORAGE}__accountName", ""))
    deployed = record["functionAppConfig"]["deployment"]["storage"]
    try:
        host = _identity_of(settings.get(f"{STORAGE}__clientId"), record, records)
        reader = principal_of(records, record, deployed["authentication"]["userAssignedIdentityResourceId"])
    except UnknownIdentityError as error:
        raise HostError(str(error)) from error
    container = _container_at(deployed["value"], records)
    for principal, action, on in ((host, WRITE_BLOB, account.id), (reader, READ_BLOB, container.id)):
        if not access.allows(principal, action, on=on):
            raise HostError(f"{record['name']}: {principal} lacks {action} on {on}")


def _identity_of(client: str | None, record: Record, records: Records) -> str:
    for identity in records.of("managedidentity.UserAssignedIdentity"):
        if identity["clientId"] == client:
            return principal_of(records, record, identity.id)
    raise UnknownIdentityError(f"there is no identity of the client id {client}")


def _container_at(url: str, records: Records) -> Record:
    account, _, rest = url.removeprefix("https://").partition(".")
    return records.one("storage.BlobContainer", accountName=account, containerName=rest.partition("/")[2])


def _host(written: Mapping[str, Any], settings: Mapping[str, str]) -> Mapping[str, Any]:
    host: dict[str, Any] = json.loads(json.dumps(written))
    for name, value in settings.items():
        if name.startswith(OVERRIDE):
            *path, last = name.removeprefix(OVERRIDE).split("__")
            part = host
            for each in path:
                part = part.setdefault(each, {})
            part[last] = value
    return host


class _Packages:
    """What was posted, each unpacked once."""

    def __init__(self, records: Records, code: Mapping[str, str], folder: Path) -> None:
        self._records, self._code, self._folder = records, code, folder

    def of(self, app: Record) -> Path:
        digest = self._code.get(app["name"])
        if digest is None:
            raise HostError(f"{app['name']} has no code")
        folder = self._folder / digest
        return folder if folder.exists() else unpack_for_world(folder, self._records.uploaded(digest))
