"""A district of its own for each story: the sample in a fresh database, real processes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import create_database, drop_database
from tests.stories.district import PATIENT, District, Pace, running

NewDistrict = Callable[..., District]


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
