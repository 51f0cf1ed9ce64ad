"""How things are named on Azure."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pulumi

from components.azure_blocks import AzureConfig
from components.naming import RULES, physical_name


def name_in(config: AzureConfig, kind: str, component: str, *, of: str = "") -> str:
    """Most names are those of a host, and so everybody's: the subscription tells ours apart.

    The location does, too, since what moves there leaves names behind that stay taken for a while; so does `of`.
    """
    return physical_name(
        RULES["azure", kind],
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        name=component,
        within="/".join(filter(None, (config.subscription, config.location, of))),
    )


def guid(*parts: str) -> str:
    """The same for the same parts, for what Azure names by a GUID."""
    return str(uuid5(NAMESPACE_URL, "|".join(parts)))
