"""A short run of everything at once; `python -m tests.chaos --seconds N --seed S` for long ones."""

from pathlib import Path

from tests.chaos.run import chaos
from tests.conftest import create_database, drop_database


def test_whatever_is_done_to_it_nothing_is_lost_and_nothing_doubled(
    database_url: str, fresh_redis: str, sample_template: str, tmp_path: Path
) -> None:
    url = create_database(database_url, template=sample_template)
    found = chaos(url, fresh_redis, tmp_path, seconds=12, seed=5)
    drop_database(database_url, url)
    assert found.wrong == []
    assert found.balance.taken > 50
    assert found.balance.figures["steps"] > 0
    assert sum(found.mischief.values()) >= 5
