"""`GET /metrics`: Prometheus text of what came by the webhook and of what the database holds.

Knows names, labels and units of the figures. No label names a person, place or word: what is
counted has a state, a tier or an outcome.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import structlog
from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot.bootstrap import Bot
from bot.core.issue import OPEN
from bot.core.ladder import Ladder
from bot.store.vitals import Counts, Pulse
from bot.web.asked import NoAnswer
from bot.web.questions import Questions

_PREFIX: Final = "hulianwang"
_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
_OUTBOX: Final = ("pending", "unknown", "stuck")
_INBOX: Final = ("waiting", "stuck")
_PUSHES: Final = ("chat", "template", "subscription")

Sample = tuple[Sequence[str], float]
"""Values of the labels, and the number."""

log = structlog.get_logger()


class Outcome(StrEnum):
    """What a request to the webhook came to."""

    CHECKED = "checked"  # the URL check
    REPLIED = "replied"
    SILENT = "silent"  # taken, nothing to say
    UNREADABLE = "unreadable"  # signed by WeChat, yet it makes no sense
    FORBIDDEN = "forbidden"
    NO_ENVELOPE = "no_envelope"
    NOT_KEPT = "not_kept"


class Meter:
    """What the web has seen: all processes under one port, where PROMETHEUS_MULTIPROC_DIR names the
    folder in which they count together, else this one. Its registry is its own, so several fit in
    one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_webhook_requests",
            "Requests to the webhook by what they came to.",
            ["outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            f"{_PREFIX}_webhook_seconds",
            "From the end of a post's headers to its answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._by_outcome = {outcome: self._requests.labels(outcome.value) for outcome in Outcome}

    def count(self, outcome: Outcome) -> None:
        self._by_outcome[outcome].inc()

    def took(self, seconds: float) -> None:
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Prometheus text."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


class Stored(Collector):
    """What the database holds, read at each scrape; only `database_up` 0 where it is away."""

    def __init__(self, bot: Bot, questions: Questions) -> None:
        self._bot, self._questions = bot, questions

    def collect(self) -> Iterator[Metric]:
        try:
            self._questions.counts.put()
            pulse, counts = self._questions.pulse.answer(), self._questions.counts.answer()
        except NoAnswer as error:
            log.warning("database_not_asked", exc_info=error)
            yield _gauge("database_up", "Whether the database answers.", [((), 0)])
            return
        yield _gauge("database_up", "Whether the database answers.", [((), 1)])
        yield from _ledger(counts, self._bot.ladder)
        yield from _post(counts)
        yield from self._clock(pulse)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()

    def _clock(self, pulse: Pulse) -> Iterator[Metric]:
        if pulse.beat_at is not None:
            age = max(0.0, (self._bot.now() - pulse.beat_at).total_seconds())
            yield _gauge("clock_tick_age_seconds", "Since the clock's last tick.", [((), age)])


def routes(meter: Meter, stored: Stored) -> Blueprint:
    page, database = Blueprint("metrics", __name__), CollectorRegistry()
    database.register(stored)

    @page.get("/metrics")
    def metrics() -> Response:
        text = meter.text() + generate_latest(database)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    return page


def _ledger(counts: Counts, ladder: Ladder) -> Iterator[Metric]:
    tiers = [tier.key for tier in ladder.tiers]
    none = {(state.value, tier): 0 for state in sorted(OPEN) for tier in tiers}
    numbers = {**none, **counts.issues}
    yield _gauge("issues_open", "Open issues.", numbers.items(), "state", "tier")
    late = {**dict.fromkeys(tiers, 0), **counts.overdue}
    yield _gauge("issues_overdue", "Not resolved and past due.", _single(late), "tier")


def _post(counts: Counts) -> Iterator[Metric]:
    notices = {**dict.fromkeys(_OUTBOX, 0), **counts.outbox}
    yield _gauge("outbox", "Notices that are not sent.", _single(notices), "state")
    arrived = {**dict.fromkeys(_INBOX, 0), **counts.inbox}
    yield _gauge("inbox", "Messages taken and not yet handled.", _single(arrived), "state")
    shut = {**dict.fromkeys(_PUSHES, 0), **counts.shut}
    meaning = "Whether WeChat last refused a channel for a setting or a right: see doctor."
    yield _gauge("push_shut", meaning, _single(shut), "channel")


def _single(numbers: Mapping[str, int]) -> Iterator[Sample]:
    return (((label,), number) for label, number in numbers.items())


def _gauge(name: str, meaning: str, samples: Iterable[Sample], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family
