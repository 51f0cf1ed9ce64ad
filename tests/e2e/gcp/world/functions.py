"""Cloud Run functions as processes: the source that was uploaded, under functions-framework, as each was declared.

What it leaves out: the build, so the processes have the libraries of the tests; and what an instance may use of CPU and
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.gcp.world.access import READ_SECRET, Access
from tests.e2e.world.records import Record, Records, last_part
from tests.gcp.functions_framework import RunningFunction
from tests.gcp.unpacked import unpack

AT_ONCE = 4
"""How many are started at the same time."""


class RevisionError(Exception):
    """Cloud Run would not start this revision."""


@contextmanager
def running(
    records: Records, access: Access, folder: Path, addresses: Callable[[Record], Mapping[str, str]]
) -> Iterator[Mapping[str, RunningFunction]]:
    """Every function that was recorded, by its entry point; `addresses` gives the variables that lead it to the world.

    RevisionError for a secret that is not there, or that its account may not read.
    """
    sources = _Sources(records, folder)
    made = [
        RunningFunction(
            function["buildConfig"]["entryPoint"],
            sources.of(function),
            {**variables(function, records, access), **addresses(function)},
        )
        for function in records.of("cloudfunctionsv2.Function")
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        starts = [pool.submit(function.__enter__) for function in made]
        wait(starts)
        try:
            yield {start.result().target: start.result() for start in starts}
        finally:
            for start in starts:
                if not start.exception():
                    pool.submit(start.result().__exit__, None, None, None)


def variables(function: Record, records: Records, access: Access) -> Mapping[str, str]:
    """Those that were declared, with the values of mounted secrets, and what Cloud Run itself adds."""
    config = function["serviceConfig"]
    secrets = {
        each["key"]: _secret(each["secret"], each["version"], config["serviceAccountEmail"], records, access)
        for each in config.get("secretEnvironmentVariables", ())
    }
    return {**config["environmentVariables"], **secrets, "K_SERVICE": last_part(config["service"])}


def _secret(name: str, version: str, account: str, records: Records, access: Access) -> str:
    secret = records.one("secretmanager.Secret", secretId=name)
    if not access.allows(account, READ_SECRET, on=name):
        raise RevisionError(f"{account} may not read the secret {name}")
    try:
        return str(records.one("secretmanager.SecretVersion", secret=secret.id, version=version)["secretData"])
    except LookupError as error:
        raise RevisionError(f"the secret {name} has no version {version}") from error


class _Sources:
    """What was uploaded, each unpacked once."""

    def __init__(self, records: Records, folder: Path) -> None:
        self._records, self._folder = records, folder

    def of(self, function: Record) -> Path:
        stored = function["buildConfig"]["source"]["storageSource"]
        uploaded = self._records.one("storage.BucketObject", bucket=stored["bucket"], name=stored["object"])
        folder = self._folder / str(uploaded["source"])
        return folder if folder.exists() else unpack(folder, self._records.uploaded(uploaded["source"]))
