from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.aws_target import AwsTarget, open_aws
from tests.ministack import Ministack


@pytest.fixture
def aws(ministack: Ministack) -> Iterator[AwsTarget]:
    with open_aws(ministack) as opened:
        yield opened
