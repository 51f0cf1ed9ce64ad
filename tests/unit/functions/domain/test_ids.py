"""Order ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.api.bodies import ORDER_ID
from functions.domain.ids import ENTROPY_BYTES, order_id
from tests.unit.functions.orders import NOON

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
ENTROPY = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)


def test_an_id_is_a_ulid_of_its_moment_and_entropy() -> None:
    # The example of the ULID specification, whose time part is 01ARZ3NDEK.
    moment = datetime.fromtimestamp(1469922850.259, UTC)
    assert order_id(moment, b"\0" * ENTROPY_BYTES) == "ord_01ARZ3NDEK" + "0" * 16
    assert order_id(moment, b"\xff" * ENTROPY_BYTES) == "ord_01ARZ3NDEK" + "Z" * 16


@given(moment=MOMENTS, entropy=ENTROPY)
def test_every_id_is_one_that_the_api_takes(moment: datetime, entropy: bytes) -> None:
    assert re.fullmatch(ORDER_ID, order_id(moment, entropy))


@given(moment=MOMENTS, milliseconds=st.integers(1, 10**10), first=ENTROPY, second=ENTROPY)
def test_ids_sort_by_their_moment(moment: datetime, milliseconds: int, first: bytes, second: bytes) -> None:
    later = moment + timedelta(milliseconds=milliseconds)
    assert order_id(moment, first) < order_id(later, second)


def test_ids_of_one_moment_differ() -> None:
    assert len({order_id(NOON) for _ in range(1000)}) == 1000
