"""A district of its own for each story: the sample in a fresh database, real processes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import build
from bot.desk.sample import load_sample
from config.settings import load
from tests.conftest import create_database, drop_database
from tests.stories.district import PATIENT, District, Pace, running

NewDistrict = Callable[..., District]


@pytest.fixture(scope="session")
def sample_template(database_url: str, redis_url: str, migrated_template: str) -> Iterator[str]:
    """The name of a database that holds the sample, for copying."""
    url = create_database(database_url, template=migrated_template)
    bot = build(load(env_file=None, database_url=url, redis_url=redis_url))
    load_sample(bot)
    bot.engine.dispose()
    bot.redis.close()
    yield url.rpartition("/")[2]
    drop_database(database_url, url)


@pytest.fixture
def new_district(
    database_url: str, fresh_redis: str, sample_template: str, tmp_path: Path
) -> Iterator[NewDistrict]:
    """Call it once for a district that runs at this pace; stopped and judged when the test ends."""
    url = create_database(database_url, template=sample_template)
    with ExitStack() as ending:

        def make(pace: Pace = PATIENT, **platform: Any) -> District:
            return ending.enter_context(running(url, fresh_redis, tmp_path, pace, **platform))

        yield make
    drop_database(database_url, url)


@pytest.fixture
def district_at_ease(new_district: NewDistrict) -> District:
    """A district in which no time runs out while the story is told."""
    return new_district()
