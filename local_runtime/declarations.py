"""What a local system consists of: one struct for each kind of resource, read by the provider and by the run time.

The provider checks a resource's inputs by converting them to its struct; the run time loads every file under
`<home>/declarations/<kind>/<name>.json`. Unknown fields are refused, so a misspelt key never passes silently.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Seconds = Annotated[float, Meta(ge=0)]
Pattern = dict[str, list[str | int | dict[str, Any]]]
"""Over attributes, as EventBridge and SNS write it: all keys must match, any condition of a key suffices."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared resource; `replaces` names the fields that cannot change in place."""

    replaces: ClassVar[tuple[str, ...]] = ("name",)
    name: Name


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One verb on one resource, as in `send` on `queue/fulfilment`."""

    verb: Literal["send", "consume", "publish", "read", "write", "start", "invoke"]
    resource: str


class Function(Declaration, frozen=True, kw_only=True):
    """A handler (`module:name`), the variables it sees and the only things it may touch."""

    handler: Annotated[str, Meta(pattern=r"^[\w.]+:[a-z_]+$")]
    timeout_seconds: Annotated[float, Meta(ge=1, le=900)] = 30
    environment: dict[str, str] = {}
    grants: list[Grant] = []


class Queue(Declaration, frozen=True, kw_only=True):
    visibility_timeout_seconds: Annotated[float, Meta(ge=0.1, le=43200)] = 60
    max_receive_count: Annotated[int, Meta(ge=1, le=1000)] = 5
    retention_seconds: Annotated[float, Meta(ge=60)] = 14 * 86400
    redelivery_delay_seconds: Seconds = 1.0
    """The wait before a failed message comes again; it doubles with each receive, up to the visibility timeout."""


class Consumer(Declaration, frozen=True, kw_only=True):
    """A function that is called with batches of a queue's messages."""

    queue: Name
    function: Name
    batch_size: Annotated[int, Meta(ge=1, le=100)] = 10
    max_concurrency: Annotated[int, Meta(ge=1, le=100)] = 2


class Topic(Declaration, frozen=True, kw_only=True):
    pass


class Subscription(Declaration, frozen=True, kw_only=True):
    """Copies a topic's messages that match `filter` (empty: all) to a queue."""

    topic: Name
    queue: Name
    filter: Pattern = {}


class EventBus(Declaration, frozen=True, kw_only=True):
    pass


class Rule(Declaration, frozen=True, kw_only=True):
    """Copies a bus's events that match `pattern` to queues and topics (`queue/NAME`, `topic/NAME`)."""

    bus: Name
    pattern: Pattern = {}
    targets: list[Annotated[str, Meta(pattern=r"^(queue|topic)/[a-z][a-z0-9-]*$")]]


class Feed(Declaration, frozen=True, kw_only=True):
    """A function that is called with the database's new events in order, and again until it succeeds."""

    database: Name
    function: Name
    batch_size: Annotated[int, Meta(ge=1, le=1000)] = 100


class Workflow(Declaration, frozen=True, kw_only=True):
    """A saga (components.saga.definition, as JSON) and the function that performs each of its tasks."""

    saga: dict[str, Any]
    tasks: dict[str, Name]
    delay_scale: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Multiplies every retry wait; tests scale them down."""


class Schedule(Declaration, frozen=True, kw_only=True):
    """Calls a function by a five-field cron expression."""

    cron: str
    timezone: str = "UTC"
    function: Name
    enabled: bool = True


class Api(Declaration, frozen=True, kw_only=True):
    """The routes of the API function served over HTTP on loopback."""

    function: Name
    cors_origins: list[str] = []
    """Web origins that may read what the run time itself answers; the function's answers are the function's."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=10 * 1024 * 1024)] = 262144
    rate_per_second: Annotated[float, Meta(gt=0)] = 500
    burst: Annotated[int, Meta(ge=1)] = 1000


class Alarm(Declaration, frozen=True, kw_only=True):
    """Raised while a metric is above its threshold; shown by the run time and logged when it changes."""

    metric: Literal[
        "dead-letters", "queue-age-seconds", "feed-lag", "stuck-sagas", "failed-compensations", "function-errors"
    ]
    resource: str = ""
    threshold: float = 0


class Database(Declaration, frozen=True, kw_only=True):
    """The SQLite file: the run time's own tables and those of `schema`, an SQL file named `package/file`."""

    replaces: ClassVar[tuple[str, ...]] = ("name", "schema")
    schema: Annotated[str, Meta(pattern=r"^[\w.]+/\w+\.sql$")]
    schema_digest: str = ""
    """Of the SQL itself: with another one, what is new in it is added to the file in place."""
    retain: bool = False
    """Keep the file when the resource is deleted."""


class Bucket(Declaration, frozen=True, kw_only=True):
    retain: bool = False


KINDS: dict[str, type[Declaration]] = {
    kind.__name__: kind
    for kind in (
        Function,
        Queue,
        Consumer,
        Topic,
        Subscription,
        EventBus,
        Rule,
        Feed,
        Workflow,
        Schedule,
        Api,
        Alarm,
        Database,
        Bucket,
    )
}
