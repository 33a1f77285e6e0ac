"""全文: all of what a notice showed only the beginning of, and the pieces that hang on an issue.

Knows whose it is to ask for and what comes first; no wording, no file.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from bot.core.carrying import Saying, Spoken
from bot.core.decision import Ask, Decision
from bot.core.facts import Heard
from bot.core.issue import Issue
from bot.core.notices import Whole
from bot.core.people import Named
from bot.core.picking import Picked, line, pick
from bot.core.texts import weight

MOST_AT_ONCE: Final = 8
BYTES_AT_ONCE: Final = 7000
"""So much one 全文 gives, the next gives the next: a reply and three pushes of the five that the
asking has allowed."""


def whole(heard: Heard) -> Decision:
    """What the speaker has not had whole yet, the oldest first; then all of it again."""
    facts = heard.facts
    served = tuple(issue for issue in facts.served if issue.no not in _numbers(facts.own))
    mine = (*served, *facts.own)
    picked = pick(heard.typed, _candidates(heard, mine), mine, heard.me, more=False)
    if not isinstance(picked, Picked):
        return Decision(replies=(picked,))
    issue = picked.issue
    wanted = _wanted([said for said in facts.spoken if said.no == issue.no])
    given = _as_many_as_fit(wanted)
    sayings = tuple(_saying(said, issue) for said in given)
    reply = Whole(
        no=issue.no,
        where=line(issue, heard.me).where,
        sayings=sayings,
        left=len(wanted) - len(given),
    )
    asked = Ask(heard.me.id, tuple(said.message_id for said in given), heard.terms.now)
    return Decision(changes=(asked,) if given else (), replies=(reply,))


def _candidates(heard: Heard, mine: Sequence[Issue]) -> Sequence[Issue]:
    """Without a number only what has something new to give can be meant, if anything has."""
    if heard.typed.no is not None:
        return mine
    new = {said.no for said in heard.facts.spoken if _is_new(said)}
    return [issue for issue in mine if issue.no in new] or mine


def _wanted(spoken: Sequence[Spoken]) -> Sequence[Spoken]:
    """The new of what others said; else all of theirs that was cut; else everything."""
    new = [said for said in spoken if _is_new(said)]
    cut = [said for said in spoken if said.is_more_than_shown and not said.mine]
    return new or cut or spoken


def _as_many_as_fit(wanted: Sequence[Spoken]) -> Sequence[Spoken]:
    """The first of them, however long it is, and those behind it while there is room."""
    weighed = accumulate(weight(said.text) for said in wanted)
    fitting = [whole <= BYTES_AT_ONCE for whole in weighed]
    return wanted[: min(max(1, fitting.count(True)), MOST_AT_ONCE)]


def _is_new(said: Spoken) -> bool:
    return said.is_more_than_shown and not said.mine and not said.given


def _saying(said: Spoken, issue: Issue) -> Saying:
    piece = ("lost" if said.lost else "coming") if said.is_piece else ""
    who, by = _author(said, issue)
    return Saying(who, by, said.at, said.text, piece)


def _author(said: Spoken, issue: Issue) -> tuple[str, Named | None]:
    """Whoever serves is named; a resident is not, where they live is said once above."""
    if said.mine:
        return "you", None
    if said.author_id == issue.resident.id and not issue.filed_for:
        return "resident", None
    place = issue.place
    servers = (*place.liaisons, *place.staff)
    found = next((server for server in servers if server.person_id == said.author_id), None)
    return ("", found.named) if found else ("staff", None)


def _numbers(issues: Sequence[Issue]) -> frozenset[int]:
    return frozenset(issue.no for issue in issues)
