"""IAM roles: an identity, and the one policy that its grants become."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._policy import UNSCOPED, Conditions, Statement, document
from components.errors import WiringError


class Role:
    """Until `seal` its permissions are collected, then they are its policy; what comes later gets one of its own."""

    def __init__(
        self,
        name: str,
        *,
        account: Account,
        trust: Statement,
        opts: pulumi.ResourceOptions,
        is_bounded: bool = True,
    ) -> None:
        """`name` is told apart from that of every other role of the system; what outlives the stack has no boundary."""
        self.name = name
        self._collected: list[Statement] = []
        self._policies: list[aws.iam.RolePolicy] = []
        self.role = aws.iam.Role(
            name,
            name=account.name("role", name),
            assume_role_policy=document(trust),
            permissions_boundary=account.boundary if is_bounded else None,
            opts=opts,
        )

    @property
    def arn(self) -> pulumi.Output[str]:
        return self.role.arn

    @property
    def policies(self) -> tuple[pulumi.Resource, ...]:
        """What has to exist before anything acts in this role; AWS looks when it is given the role."""
        return tuple(self._policies)

    def allow(
        self, *actions: str, on: Sequence[pulumi.Input[str]], where: Conditions | None = None
    ) -> tuple[pulumi.Resource, ...]:
        """The policy that carries it, if it came after the seal."""
        self._collected.append(Statement(actions=actions, on=tuple(on), where=where or {}))
        if not self._policies:
            return ()
        return (self._policy(f"{self.name}-{len(self._policies) + 1}"),)

    def allow_unscoped(self, *actions: str) -> tuple[pulumi.Resource, ...]:
        """As `allow`, on `*`. WiringError for an action that AWS has a narrower form for."""
        for action in actions:
            if action not in UNSCOPED:
                raise WiringError(f"role {self.name}: {action} on * is not allowed; name what it may be done to")
        return self.allow(*actions, on=("*",))

    def seal(self, opts: pulumi.ResourceOptions) -> None:
        """Make the policy of everything allowed so far; `opts` are also those of each that comes later."""
        self._policy_opts = opts
        self._policy(self.name)

    def _policy(self, name: str) -> aws.iam.RolePolicy:
        statements, self._collected = self._collected, []
        policy = aws.iam.RolePolicy(
            name, name=name, role=self.role.name, policy=document(*statements), opts=self._policy_opts
        )
        self._policies.append(policy)
        return policy
