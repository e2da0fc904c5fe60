from datetime import UTC, datetime, timedelta

import pytest

from tilth.core.leaks import faded

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "gone"), [(0, 0), (72, 500), (144, 750), (-5, 0), (24 * 365, 1000)])
def test_half_of_a_value_fades_in_each_half_life(hours: int, gone: int) -> None:
    assert faded(1000, NOW - timedelta(hours=hours), NOW, 72) == gone
