"""The sample community: loaded into an empty database only, and who of it may be played.

Knows the committed workbook. Never touches a database that holds anything else.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot import excel
from bot.bootstrap import Bot
from bot.core.roster import HouseholdRow, Level, LiaisonRow, Post, Roster, StaffRow, Tree
from bot.core.roster.rows import parse
from bot.desk.rosters import Comparison, load_roster, make_invites
from bot.store import dealing, rosters

WORKBOOK: Final = Path(__file__).resolve().parents[2] / "config" / "sample" / "roster.xlsx"
_STEPS: Final = (Post.GRID_HEAD, Post.SECRETARY, Post.OFFICER)


@dataclass(frozen=True)
class Player:
    """Somebody who serves; `code` is None once they have joined."""

    row: LiaisonRow | StaffRow
    code: str | None


@dataclass(frozen=True)
class Cast:
    """Two households behind one door, their liaison, and one person for each tier above.

    `door` is the door's unit code, `address` what people call it.
    """

    door: str
    address: str
    households: tuple[HouseholdRow, HouseholdRow]
    liaison: Player
    staff: tuple[Player, ...]


def load_sample(bot: Bot) -> Comparison | None:
    """Load the sample; None, and nothing is done, where a roster was ever loaded."""
    with bot.engine.begin() as connection:
        if not rosters.is_empty(connection):
            return None
    return load_roster(bot, WORKBOOK)


def cast(bot: Bot) -> Cast | None:
    """Six people of the sample as it stands in the database; None where it is not there."""
    sample = parse(excel.read(WORKBOOK))
    if not isinstance(sample, Roster):
        raise TypeError("the committed sample is a roster")
    with bot.engine.begin() as connection:
        present = rosters.present(connection)
        dealt = dealing.dealt_to(connection)
    known = {(one.phone, one.name) for one in sample.liaisons}
    for liaison in present.liaisons:
        pair = _neighbours(liaison, present.households, dealt.get(liaison.phone, ()))
        if pair and (liaison.phone, liaison.name) in known:
            return _cast(bot, present, liaison, pair)
    return None


def _neighbours(
    liaison: LiaisonRow, households: Iterable[HouseholdRow], numbers: Collection[str]
) -> tuple[HouseholdRow, HouseholdRow] | None:
    """Two of a liaison's households behind one door, other people than the liaison."""
    doors: dict[str, HouseholdRow] = {}
    for home in households:
        if home.code not in numbers or not home.contact or home.phone == liaison.phone:
            continue
        if home.unit in doors:
            return doors[home.unit], home
        doors[home.unit] = home
    return None


def _cast(
    bot: Bot, present: Roster, liaison: LiaisonRow, pair: tuple[HouseholdRow, HouseholdRow]
) -> Cast:
    codes = {invite.phone: invite.code for invite in make_invites(bot)}
    line = Tree(present.units).upwards(pair[0].unit)
    near = [unit.name for unit in reversed(line) if unit.level in (Level.BUILDING, Level.DOOR)]
    above = {unit.code for unit in line}
    staff = (
        next((one for one in present.staff if one.post is post and one.unit in above), None)
        for post in _STEPS
    )
    return Cast(
        door=pair[0].unit,
        address="".join(near),
        households=pair,
        liaison=Player(liaison, codes.get(liaison.phone)),
        staff=tuple(Player(one, codes.get(one.phone)) for one in staff if one),
    )
