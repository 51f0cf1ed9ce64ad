"""How an app's triggers find what calls them, and as whom: settings that begin with the connection's name."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components.link import Variables

ADDRESSES = ("__fullyQualifiedNamespace", "__accountEndpoint")
"""What a link's variable ends in that is a connection's address."""


def as_whom(connection: str, client_id: pulumi.Input[str]) -> Variables:
    """Without it the host asks for the identity that goes with an app; ours has none, and only a call would show it."""
    return {f"{connection}__credential": "managedidentity", f"{connection}__clientId": client_id}


def identified(variables: Variables, client_id: pulumi.Input[str]) -> Variables:
    """As whom the app comes to each connection that its links have brought."""
    settings: dict[str, pulumi.Input[str]] = {}
    for connection in _connections(variables):
        settings |= as_whom(connection, client_id)
    return settings


def _connections(variables: Variables) -> Iterator[str]:
    for name in variables:
        for ending in ADDRESSES:
            if name.endswith(ending):
                yield name.removesuffix(ending)
