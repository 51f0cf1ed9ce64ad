"""The provider, bound to one region and, where it is named, one account; what bounds every role; the key of topics."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import foundation
from components.aws._account import Account
from components.aws._boundary import boundary_document
from components.aws._key import CHILDREN as KEY_CHILDREN
from components.aws._key import topic_key
from components.errors import WiringError
from components.foundation import FoundationArgs
from components.group import Transform
from components.vendor_blocks import AwsConfig


class Foundation(foundation.Foundation):
    CHILDREN = ("provider", "permissions-boundary", *KEY_CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: FoundationArgs,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, transform=transform, opts=opts)
        block = args.config.aws
        if block is None:
            raise WiringError("a foundation on AWS needs the configuration's block aws; set aws.region")
        provider = self._make_provider(name, block)
        self.providers = (provider,)
        boundary, account_id = self._boundary(name, block), _account_id(block, provider)
        key = topic_key(name, region=block.region, account_id=account_id, child=self._own)
        self._behind = Account(config=block, id=account_id, boundary=boundary, key=key)
        self.outputs = {"region": block.region, "account": account_id}
        self.register_outputs(self.outputs)

    def _make_provider(self, name: str, block: AwsConfig) -> aws.Provider:
        """Bound to the configured region and account whatever the machine's own AWS settings say."""
        tags = {
            "orderly:project": pulumi.get_project(),
            "orderly:stack": pulumi.get_stack(),
            "orderly:stage": self.config.stage,
        }
        return aws.Provider(
            name,
            region=block.region,
            allowed_account_ids=[block.account] if block.account else None,
            default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
            opts=self._child("provider"),
        )

    def _boundary(self, name: str, block: AwsConfig) -> pulumi.Input[str] | None:
        if block.permissions_boundary != "own":
            return block.permissions_boundary
        policy = aws.iam.Policy(
            f"{name}-boundary",
            name=Account.name("policy", f"{name}-boundary"),
            description="What no role of this order system goes beyond, whatever it is granted.",
            policy=boundary_document(),
            opts=self._own("permissions-boundary"),
        )
        return policy.arn


def _account_id(block: AwsConfig, provider: aws.Provider) -> pulumi.Output[str]:
    """As configured; otherwise whose the credentials at hand are."""
    if block.account:
        return pulumi.Output.from_input(block.account)
    identity = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider))
    return identity.account_id
