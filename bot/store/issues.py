"""Issue rows → `Issue`. Decides nothing."""

from datetime import datetime
from typing import Any

from bot.core.issue import Issue, State
from bot.core.people import Place, Resident, Role
from bot.core.workdays import marked_again
from bot.store.places import REACHED, Spot

# Everything a rule may know of an issue; `where` and `order` are the caller's.
ISSUE = f"""
select i.*, coalesce(hp.name, '') as holder_name, p.name as resident_name,
    coalesce({REACHED}, false) as resident_reached,
    hp.unreachable_since is null as holder_reached,
    i.household_id is not null and not i.filed_for and not exists (
        select 1 from memberships m
        where m.person_id = i.resident_id and m.household_id = i.household_id
            and m.state = 'recognised' and m.until is null
    ) as resident_pending
from issues i
join people hp on hp.id = i.holder_id
join people p on p.id = i.resident_id
"""


def moment(found: datetime | str | None) -> datetime | None:
    """A moment as the driver gives it, or as text out of JSON."""
    return datetime.fromisoformat(found) if isinstance(found, str) else found


def sure(found: datetime | str) -> datetime:
    """The same of a column that is never empty."""
    return datetime.fromisoformat(found) if isinstance(found, str) else found


def spot_of(row: dict[str, Any]) -> Spot:
    return Spot(row["unit_id"], row["household_id"])


def issue_of(row: dict[str, Any], place: Place) -> Issue:
    return Issue(
        no=row["no"],
        version=row["version"],
        state=State(row["state"]),
        tier=row["tier"],
        tier_place=row["place"],
        place=place,
        resident=Resident(
            row["resident_id"],
            row["resident_name"],
            row["resident_pending"],
            row["resident_reached"],
        ),
        holder_id=row["holder_id"],
        holder_role=Role(row["holder_role"]),
        holder_name=row["holder_name"],
        holder_post=row["holder_post"] or "",
        holder_reached=row["holder_reached"],
        opened_at=sure(row["opened_at"]),
        said_at=sure(row["said_at"]),
        due_at=marked_again(moment(row["due_at"]), row["estimated_after"]),
        answered_at=moment(row["answered_at"]),
        resolved_at=moment(row["resolved_at"]),
        closed_at=moment(row["closed_at"]),
        urged_at=moment(row["urged_at"]),
        reminders=row["reminders"],
        remind_at=moment(row["remind_at"]),
        first_words=row["first_words"] or "",
        urgent=row["urgent"],
        past_liaison=row["past_liaison"],
        filed_for=row["filed_for"],
        handle_by=marked_again(moment(row["handle_by"]), row["estimated_after"]),
        unanswered_at=moment(row["unanswered_at"]),
        extensions=row["extensions"],
        handed_over=row["handed_over"],
        day_due_at=moment(row["day_due_at"]),
        day_asked_at=moment(row["day_asked_at"]),
    )
