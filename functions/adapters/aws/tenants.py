"""A tenant's orders are reached with the tenant's own credentials, so that a mistake in the code meets a closed door.

The role's policy lets a session reach only what lies under the tenant that the session is tagged with. One client and
its connections serve all tenants: what a call is signed with is decided when it is signed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.session import Session

from functions.adapters.aws.clients import AwsClient, AwsUnavailableError, error_code

DURATION = timedelta(hours=1)
"""The longest that a role may have that was assumed by another role's session."""
RENEW_BEFORE = timedelta(minutes=5)
MAX_TENANTS = 256
TAG = "tenant"

_signing: ContextVar[ReadOnlyCredentials | None] = ContextVar("_signing", default=None)
"""What the calls of this context are signed with; None: the function's own."""


class TenantAccessError(AwsUnavailableError):
    """No credentials could be had for the tenant."""

    code = "tenant-access"


@dataclass(frozen=True)
class _Held:
    credentials: ReadOnlyCredentials
    until: datetime


@dataclass(frozen=True)
class TenantSessions:
    """The credentials of the tenants seen last, each renewed RENEW_BEFORE its end; at most MAX_TENANTS are held."""

    sts: AwsClient
    role: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _held: OrderedDict[str, _Held] = field(default_factory=OrderedDict, init=False, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @contextmanager
    def signed_for(self, tenant: str) -> Iterator[None]:
        """All calls made inside are signed for this tenant, whatever they ask for; raises TenantAccessError."""
        token = _signing.set(self._asked_as_the_function(tenant))
        try:
            yield
        finally:
            _signing.reset(token)

    def _asked_as_the_function(self, tenant: str) -> ReadOnlyCredentials:
        """No tenant may become another."""
        token = _signing.set(None)
        try:
            return self._credentials(tenant)
        finally:
            _signing.reset(token)

    def _credentials(self, tenant: str) -> ReadOnlyCredentials:
        with self._lock:
            held = self._held.get(tenant)
            if held is None or self.now() >= held.until:
                held = self._held[tenant] = self._assume(tenant)
            self._held.move_to_end(tenant)
            while len(self._held) > MAX_TENANTS:
                self._held.popitem(last=False)
        return held.credentials

    def _assume(self, tenant: str) -> _Held:
        try:
            answer = self.sts.assume_role(
                RoleArn=self.role,
                RoleSessionName=tenant.ljust(2, "_"),  # at least two characters; a tenant may have one
                Tags=[{"Key": TAG, "Value": tenant}],
                DurationSeconds=int(DURATION.total_seconds()),
            )
        except ClientError as error:
            raise TenantAccessError(f"no access for tenant {tenant}: {error_code(error)}") from error
        except BotoCoreError as error:
            raise TenantAccessError(f"no access for tenant {tenant}: {type(error).__name__}") from error
        given = answer["Credentials"]
        return _Held(
            ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]),
            given["Expiration"] - RENEW_BEFORE,
        )


class SigningCredentials(Credentials):
    """Answers with the tenant's credentials inside `signed_for`, and with the function's own outside of it.

    That widens nothing: on its own, a function may do what it was granted.
    """

    def __init__(self, own: Credentials) -> None:
        super().__init__(own.access_key, own.secret_key, own.token, method="assume-role")
        self._own = own

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _signing.get() or self._own.get_frozen_credentials()


@dataclass(frozen=True)
class _Provider:
    """What botocore asks for a session's credentials."""

    credentials: Credentials

    def load_credentials(self) -> Credentials:
        return self.credentials


def sign_for_tenants(session: Session) -> None:
    """The clients that it makes sign as SigningCredentials says; it has to have made none. Else it is of no more use.

    A session of its own for tenants would read the SDK's files once more, on a caller's time.
    """
    own: Any = session.get_component("credential_provider").load_credentials()
    if own is None:
        raise NoCredentialsError
    session.register_component("credential_provider", _Provider(SigningCredentials(own)))
    if not isinstance(session.get_credentials(), SigningCredentials):
        raise RuntimeError("this session has made a client already, which would go on signing as the function itself")
