"""What every target's secret store promises."""

from __future__ import annotations

from tests.conformance.worlds import Target


def test_a_secret_is_kept_until_a_fresh_one_is_asked_for(target: Target) -> None:
    target.put_secret("api-key", "first")
    assert target.secrets.get("api-key") == "first"
    target.put_secret("api-key", "second")
    assert target.secrets.get("api-key") == "first"
    fresh = "first" if target.secrets_are_mounted else "second"
    assert target.secrets.get("api-key", fresh=True) == fresh
    assert target.secrets.get("api-key") == fresh


def test_no_text_of_the_store_shows_a_secret(target: Target) -> None:
    target.put_secret("api-key", "hush")
    target.secrets.get("api-key")
    assert "hush" not in repr(target.secrets)
