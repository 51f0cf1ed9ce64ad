"""Whose a home is: one stack's, written down in the home before anything else, so that no other stack takes it over."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

import msgspec

from local_provider import files, log
from local_provider.errors import LocalError
from local_runtime import issuer
from local_runtime.home import Home

FILE = "owner.json"
DRAFT = ".owner.json."
OURS = (
    *("orders.sqlite*", "declarations/*/*.json", "secrets/*", "buckets/*", "followed.json", "run-time.*"),
    *(f"issuer/{name}" for name in (issuer.PRIVATE_KEY, issuer.PUBLIC_KEYS, issuer.NAMES)),
    f"{log.FOLDER}/{log.NAME}*",
)
"""All that the provider and the run time ever write into a home."""


class Owner(msgspec.Struct, frozen=True):
    """A stack. The engine tells a provider its name and project, but not where its state is kept.

    So `state` is a digest of PULUMI_BACKEND_URL, which sets stacks of one name apart if it is set for both; it is
    empty for who logged in with `pulumi login` instead.
    """

    project: str
    stack: str
    state: str = ""

    @classmethod
    def of(cls, urn: str) -> Owner:
        """Who a resource belongs to: `urn:pulumi:STACK::PROJECT::TYPE::NAME`."""
        stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
        return cls(project, stack, _state(os.environ.get("PULUMI_BACKEND_URL", "")))

    def is_same(self, other: Owner) -> bool:
        named = (self.project, self.stack) == (other.project, other.stack)
        return named and (self.state == other.state or not (self.state and other.state))


class Owners:
    """Claims the homes of one engine run, whose resources come and go side by side."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at_work: Counter[Path] = Counter()

    def objection(self, home: Home, owner: Owner, *, is_recorded: bool) -> str | None:
        """Why the stack may not use the home, if so; `is_recorded` when its state says that it does already."""
        # Listed before the owner is read: whatever it lists was there before an owner who comes in between.
        content = [] if is_recorded else _content(home)
        found = _read(home)
        if isinstance(found, Owner):
            return None if found.is_same(owner) else _refusal(home, owner, f"belongs to {_named(found, owner)}")
        if found is not None:
            return _refusal(home, owner, f"has an {FILE} that cannot be read")
        if content:
            return _refusal(home, owner, f"has something in it ({content[0]}) and no owner")
        return None

    @contextmanager
    def at_work(self, home: Home, owner: Owner, *, claims: bool, is_recorded: bool) -> Iterator[None]:
        """Hold the home meanwhile, for itself if it `claims`; whoever is last gives up a home with nothing of ours."""
        with self._lock:
            if objection := self.objection(home, owner, is_recorded=is_recorded):
                raise LocalError(objection)
            if claims:
                self._claim(home, owner)
            self._at_work[home.root] += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[home.root] -= 1
                if not self._at_work[home.root] and not any(any(home.root.glob(pattern)) for pattern in OURS):
                    files.remove(home.root / FILE, home=home.root)

    def _claim(self, home: Home, owner: Owner) -> None:
        """Two stacks may claim at once, also since this one has looked; so it looks again at whose the home is now."""
        if _read(home) is None:
            _link(home, owner)
        if objection := self.objection(home, owner, is_recorded=True):
            raise LocalError(objection)


def _link(home: Home, owner: Owner) -> None:
    """Write the owner down, whole or, when another was there first, not at all."""
    draft = home.root / f"{DRAFT}{secrets.token_hex(8)}"
    files.write(draft, msgspec.json.format(msgspec.json.encode(owner), indent=2))
    try:
        with suppress(FileExistsError):
            (home.root / FILE).hardlink_to(draft)
    finally:
        draft.unlink()


def _read(home: Home) -> Owner | str | None:
    """The owner, None if there is none, or why it cannot be told."""
    try:
        return msgspec.json.decode((home.root / FILE).read_bytes(), type=Owner)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.MsgspecError) as error:
        return str(error)


def _content(home: Home) -> list[str]:
    """Whatever cannot be listed is told better by who has to write there."""
    try:
        return sorted(path.name for path in home.root.iterdir() if not path.name.startswith((DRAFT, FILE)))
    except OSError:
        return []


def _refusal(home: Home, owner: Owner, finding: str) -> str:
    record = msgspec.json.encode(owner).decode()
    return (
        f"the folder {home.root} {finding}: choose another one with `pulumi config set --path orderly:local.folder "
        f"FOLDER`, or, if it is this stack's own, write {record} into {home.root / FILE}"
    )


def _named(found: Owner, owner: Owner) -> str:
    stack = f"the stack {found.stack} of the project {found.project}"
    same = (found.project, found.stack) == (owner.project, owner.stack)
    return f"{stack}, whose state is kept elsewhere" if same else stack


def _state(url: str) -> str:
    """Only a digest: such an address may hold a password. A folder counts as itself, however it is written."""
    if not url:
        return ""
    if url.startswith("file://"):
        parts = urlsplit(url)
        url = str(Path(unquote(parts.netloc + parts.path)).expanduser().resolve())
    return hashlib.sha256(url.encode()).hexdigest()[:16]
