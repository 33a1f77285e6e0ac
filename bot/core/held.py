"""Who holds an issue: the columns that say so, and who is told that it reached them.

Knows a tier with its holder; not why an issue comes there, nor any sentence.
"""

from collections.abc import Iterable
from typing import Any

from bot.core.decision import Tell
from bot.core.facts import Words
from bot.core.issue import Issue
from bot.core.notices import Assigned, Notice
from bot.core.opening import where_for
from bot.core.people import Role, Server
from bot.core.standing import Standing, Terms


def held_by(standing: Standing, reminders: int = 0) -> dict[str, Any]:
    """The columns that say who holds an issue and where it stands."""
    return holder_columns(standing.holder) | {
        "tier": standing.tier.key,
        "place": standing.tier.place,
        "reminders": reminders,
    }


def holder_columns(holder: Server) -> dict[str, Any]:
    return {
        "holder_id": holder.person_id,
        "holder_role": str(holder.role),
        "holder_post": holder.post,
    }


def told_servers(
    issue: Issue,
    standing: Standing,
    terms: Terms,
    why: str,
    by_id: int | None = None,
    words: Words | None = None,
) -> Iterable[Tell]:
    """Everybody of the tier reached, each once; not the one whose own deed it is."""
    due_at = terms.answer_due(standing.tier, urgent=issue.urgent)
    for server in standing.told:
        if server.person_id == by_id:
            continue
        notice = Assigned(
            no=issue.no,
            where=where_for(server, issue.place),
            pending=issue.resident.pending,
            words=issue.first_words,
            due_at=due_at,
            why=why,
            mine=server.person_id == standing.holder.person_id,
            holder=standing.holder.named,
            added=words.text if words else "",
            urgent=issue.urgent,
        )
        yield Tell(server.person_id, server.role, notice, issue.no, wakes=bool(server.duty))


def told_resident(issue: Issue, notice: Notice) -> Tell:
    return Tell(issue.resident.id, Role.RESIDENT, notice, issue.no)
