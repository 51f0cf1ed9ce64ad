"""The provider, bound to one project and region; the APIs, enabled; Google's agents; what functions are built by."""

from __future__ import annotations

import re

import pulumi
import pulumi_gcp as gcp

from components import foundation
from components.errors import WiringError
from components.foundation import FoundationArgs
from components.gcp import _apis, _build
from components.gcp._apis import enable
from components.gcp._build import make_build
from components.gcp._project import Project
from components.gcp_blocks import GcpConfig
from components.group import Transform

LONGEST_LABEL = 63


class Foundation(foundation.Foundation):
    CHILDREN = ("provider", *_apis.CHILDREN, *_build.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: FoundationArgs,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, transform=transform, opts=opts)
        block = args.config.gcp
        if block is None:
            raise WiringError("a foundation on Google Cloud needs the configuration's block gcp; set gcp.project")
        self._maker = self._make_provider(name, block)
        self.providers = (self._maker,)
        self._project = Project(
            config=block,
            number=self._number(block),
            apis=enable(block, self._own),
            is_protected=self.profile.deletion_protection,
        )
        self._behind = (self._project, make_build(name, project=self._project, child=self._own))
        self.outputs = {"project": block.project, "region": block.region}
        self.register_outputs(self.outputs)

    def _make_provider(self, name: str, block: GcpConfig) -> gcp.Provider:
        """Bound to the configured project and region whatever the machine's own settings say."""
        return gcp.Provider(
            name,
            project=block.project,
            region=block.region,
            default_labels={
                "orderly-project": _label(pulumi.get_project()),
                "orderly-stack": _label(pulumi.get_stack()),
                "orderly-stage": self.config.stage,
            },
            opts=self._child("provider"),
        )

    def _number(self, block: GcpConfig) -> pulumi.Output[str]:
        """What the names of Google's agents are made of."""
        asked = gcp.organizations.get_project_output(
            project_id=block.project, opts=pulumi.InvokeOutputOptions(provider=self._maker)
        )
        return asked.number


def _label(text: str) -> str:
    """Lower-case letters, digits, `-` and `_`, up to 63 (cloud.google.com/resource-manager/docs/labels-overview)."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:LONGEST_LABEL]
