"""Azure's own roles that a system grants, each on the one thing that it is needed on."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """By the id that it has in every tenant (learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""

    BLOB_DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    QUEUE_DATA_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
    TABLE_DATA_CONTRIBUTOR = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
    SERVICE_BUS_SENDER = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
    SERVICE_BUS_RECEIVER = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
    EVENT_GRID_SENDER = "d5a91429-5739-47e2-a06b-3470a27159e7"
    SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    METRICS_PUBLISHER = "3913510d-42f4-4e42-8a64-420c390055eb"
    DURABLE_TASK_DATA_CONTRIBUTOR = "0ad04412-c4d5-4796-b79c-f76d14c8d402"
