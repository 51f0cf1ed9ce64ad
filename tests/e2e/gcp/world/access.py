"""IAM: what an account may do by the members that were recorded, on a resource or on its project.

It knows the permissions that the world asks for, of each role that the system is granted. What it leaves out: folders
and organisations, denial policies, the delay until a grant is seen, and conditions on anything but a resource's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.world.records import Record, Records, last_part
from tests.gcp.landscape import SUBJECTS

EVERYBODY = "allUsers"
INVOKE = "run.routes.invoke"
PUBLISH, CONSUME = "pubsub.topics.publish", "pubsub.subscriptions.consume"
START = "workflows.executions.create"
RECEIVE = "eventarc.events.receiveEvent"
READ_SECRET = "secretmanager.versions.access"  # noqa: S105 a permission
CREATE_OBJECT = "storage.objects.create"
ROLES: Mapping[str, frozenset[str]] = {
    "roles/run.invoker": frozenset({INVOKE}),
    "roles/pubsub.publisher": frozenset({PUBLISH}),
    "roles/pubsub.subscriber": frozenset({CONSUME}),
    "roles/eventarc.eventReceiver": frozenset({RECEIVE}),
    "roles/secretmanager.secretAccessor": frozenset({READ_SECRET}),
    "roles/storage.objectCreator": frozenset({CREATE_OBJECT}),
    "roles/storage.objectViewer": frozenset({"storage.objects.get", "storage.objects.list"}),
    **dict.fromkeys(
        ("roles/logging.logWriter", "roles/eventarc.serviceAgent", "roles/workflows.serviceAgent"), frozenset()
    ),
}
"""Each of Google's own roles that the system grants, with what of it the world asks for."""
SCOPES: Mapping[str, str] = {
    "cloudrunv2.ServiceIamMember": "run.",
    "pubsub.TopicIAMMember": "pubsub.topics.",
    "pubsub.SubscriptionIAMMember": "pubsub.subscriptions.",
    "storage.BucketIAMMember": "storage.",
    "secretmanager.SecretIamMember": "secretmanager.",
    "projects.IAMMember": "",
}
"""By kind of member, which permissions its resource can be asked for."""
CONDITION = re.compile(r'resource\.name(?: == "(?P<is>[^"]*)"|\.startsWith\("(?P<begins>[^"]*)"\))')


@dataclass
class Access:
    records: Records
    _denied: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._roles = {**ROLES, **{each.id: frozenset(each["permissions"]) for each in self._custom_roles()}}
        self._members = [each for each in self.records if each.kind in SCOPES]

    def allows(self, account: str, permission: str, *, on: str) -> bool:
        """`account` is an address, empty for nobody in particular; `on` the full name of the resource."""
        if (account, permission) in self._denied:
            return False
        return any(self._allows(member, account, permission, on) for member in self._members)

    @contextmanager
    def denied(self, account: str, permission: str) -> Iterator[None]:
        """Meanwhile the account may not do this to anything."""
        self._denied.add((account, permission))
        try:
            yield
        finally:
            self._denied.discard((account, permission))

    def _allows(self, member: Record, account: str, permission: str, on: str) -> bool:
        is_meant = member["member"] in (EVERYBODY, f"serviceAccount:{account}")
        is_of_this = permission.startswith(SCOPES[member.kind]) and permission in self._permissions(member["role"])
        return is_meant and is_of_this and _is_on(member, on)

    def _permissions(self, role: str) -> frozenset[str]:
        """NotImplementedError for a role that nobody has looked up: it may allow anything."""
        if role not in self._roles:
            raise NotImplementedError(f"a role whose permissions the tests do not know: {role}")
        return self._roles[role]

    def _custom_roles(self) -> Iterator[Record]:
        return self.records.of("projects.IAMCustomRole")


def _is_on(member: Record, on: str) -> bool:
    if member.kind != "projects.IAMMember":
        return last_part(member[SUBJECTS[member.kind]]) == last_part(on)
    condition = member.get("condition")
    return condition is None or any(_holds(part, on) for part in condition["expression"].split(" || "))


def _holds(expression: str, name: str) -> bool:
    found = CONDITION.fullmatch(expression)
    if found is None:
        raise NotImplementedError(f"a condition that the tests cannot decide: {expression}")
    return name == found["is"] if found["is"] is not None else name.startswith(found["begins"])
