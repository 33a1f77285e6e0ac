"""A roster beside what is stored → the plan that makes the one of the other.

Knows who is the same unit, household, liaison, staff member or person, and what a file may retire.
Must not know the workbook, storage, issues, or what happens to people who move.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.core.roster import (
    DutyRow,
    Level,
    LiaisonRow,
    Present,
    Roster,
    StaffRow,
    Tree,
    UnitRow,
)
from bot.core.roster.plan import Change, Changes, PersonChange, Plan, Retiring
from bot.core.roster.sheets import from_top

T = TypeVar("T")
Same = Callable[[str], str]  # a phone as it was → the phone its person has now


def difference(roster: Roster, present: Present) -> Plan:
    """What must change in `present` for it to say what a checked `roster` says.

    The roster speaks for the communities it names with all that lies under them. Units above a
    community are added and changed, never retired; their staff are retired only where the roster
    holds staff of that same unit.
    """
    before = _spoken_for(roster, present)
    people = tuple(_people(roster, before, present))
    same = _seen_through({one.was: one.phone for one in people})
    liaisons = _with_standing_kept(roster, before.liaisons, same)
    return Plan(
        people=people,
        units=_units(before.units, roster.units, roster),
        households=_changes(
            before.households, roster.households, lambda one: one.code, lambda one: one.unit
        ),
        liaisons=_changes(
            before.liaisons,
            liaisons,
            lambda one: same(one.phone),
            lambda one: one.unit,
            lambda one: one.phone,
        ),
        staff=_staff(before.staff, roster.staff, same),
        duties=_duties(before.duties, roster, same),
        retiring=_retiring(before, roster, same),
    )


def _spoken_for(roster: Roster, present: Present) -> Present:
    """The part of what is stored that the roster speaks for."""
    tree = Tree(present.units)
    named = {unit.code for unit in roster.units if unit.level is Level.COMMUNITY}
    above = {unit.code for unit in roster.units}
    staffed = {one.unit for one in roster.staff}
    on_duty = {one.unit for one in roster.duties}

    def within(code: str, or_one_of: Iterable[str] = ()) -> bool:
        community = tree.community(code)
        return community in named if community is not None else code in or_one_of

    return Present(
        units=tuple(one for one in present.units if within(one.code, above)),
        households=tuple(one for one in present.households if within(one.unit)),
        liaisons=tuple(one for one in present.liaisons if within(one.unit)),
        staff=tuple(one for one in present.staff if within(one.unit, staffed)),
        duties=tuple(one for one in present.duties if within(one.unit, on_duty)),
    )


def _seen_through(phones: Mapping[str, str]) -> Same:
    """A number that passed to somebody else is no phone of who had it: they are gone."""
    taken = set(phones.values())

    def same(phone: str) -> str:
        return phones.get(phone) or (f"{phone}, gone" if phone in taken else phone)

    return same


def _with_standing_kept(
    roster: Roster, before: Iterable[LiaisonRow], same: Same
) -> tuple[LiaisonRow, ...]:
    """Where the file says nothing of a liaison's standing it stays: 停用 may have come by chat."""
    stood = {same(one.phone): one.standing for one in before}
    return tuple(
        replace(one, standing=stood.get(one.phone, one.standing))
        if one.phone in roster.unsaid
        else one
        for one in roster.liaisons
    )


def _changes(
    before: Iterable[T],
    after: Iterable[T],
    key_before: Callable[[T], Hashable],
    unit: Callable[[T], str | None],
    key_after: Callable[[T], Hashable] | None = None,
) -> Changes[T]:
    """Compares two lists; `key_before` sees through changed phones, `unit` tells a move."""
    key_after = key_after or key_before
    old = {key_before(one): one for one in before}
    new = {key_after(one): one for one in after}
    differing = [Change(old[key], one) for key, one in new.items() if old.get(key, one) != one]
    return Changes(
        added=tuple(one for key, one in new.items() if key not in old),
        changed=tuple(one for one in differing if unit(one.before) == unit(one.after)),
        moved=tuple(one for one in differing if unit(one.before) != unit(one.after)),
        retired=tuple(one for key, one in old.items() if key not in new),
    )


def _units(before: Iterable[UnitRow], after: Iterable[UnitRow], roster: Roster) -> Changes[UnitRow]:
    found = _changes(before, after, lambda one: one.code, lambda one: one.parent)
    return replace(
        found,
        added=tuple(from_top(found.added)),
        retired=tuple(reversed(from_top(found.retired))),
    )


def _duties(before: Iterable[DutyRow], roster: Roster, same: Same) -> Changes[DutyRow]:
    """A file without the sheet leaves duties as they are."""
    if not roster.says_duty:
        return Changes()

    def key(one: DutyRow, phone: str) -> Hashable:
        return one.unit, phone, one.day, one.weekday, one.opens, one.closes

    return _changes(
        before,
        roster.duties,
        lambda one: key(one, same(one.phone)),
        lambda one: one.unit,
        lambda one: key(one, one.phone),
    )


def _staff(before: Iterable[StaffRow], after: Iterable[StaffRow], same: Same) -> Changes[StaffRow]:
    """A person's posts beside the posts they had: first the same, then the same unit or the same
    post, then whatever is left of the two."""
    old, new = list(before), list(after)
    pairs: list[Change[StaffRow]] = []
    likeness: tuple[Callable[[StaffRow], tuple[str, ...]], ...] = (
        lambda one: (one.unit, one.post),
        lambda one: (one.unit,),
        lambda one: (one.post,),
        lambda one: (),
    )
    for alike in likeness:
        pairs += _paired(old, new, same, alike)
    differing = [pair for pair in pairs if pair.before != pair.after]
    return Changes(
        added=tuple(new),
        changed=tuple(pair for pair in differing if pair.before.unit == pair.after.unit),
        moved=tuple(pair for pair in differing if pair.before.unit != pair.after.unit),
        retired=tuple(old),
    )


def _paired(
    old: list[StaffRow],
    new: list[StaffRow],
    same: Same,
    alike: Callable[[StaffRow], tuple[str, ...]],
) -> list[Change[StaffRow]]:
    """Takes out of both lists, in order, the rows of one person that are alike."""
    waiting: dict[tuple[str, ...], list[StaffRow]] = {}
    for one in new:
        waiting.setdefault((one.phone, *alike(one)), []).append(one)
    pairs, left = [], []
    for one in old:
        matches = waiting.get((same(one.phone), *alike(one)))
        if matches:
            pairs.append(Change(one, matches.pop(0)))
        else:
            left.append(one)
    taken = {id(pair.after) for pair in pairs}
    new[:] = [one for one in new if id(one) not in taken]
    old[:] = left
    return pairs


def _people(roster: Roster, before: Present, present: Present) -> Iterator[PersonChange]:
    """Who has a new phone, then who has a new name under the phone they had."""
    names = _names(roster)
    phones = _new_phones(roster, before, present)
    yield from (PersonChange(was, phone, names[phone]) for was, phone in phones.items())
    given_on = {*phones, *phones.values()}
    for phone, name in _names(before).items():
        if phone not in given_on and names.get(phone, name) != name:
            yield PersonChange(phone, phone, names[phone])


def _names(roster: Roster) -> dict[str, str]:
    """Phone → name of everybody a roster knows."""
    found: dict[str, str] = {}
    for one in roster.serving:
        found.setdefault(one.phone, one.name)
    for home in roster.households:
        if home.phone and home.contact:
            found.setdefault(home.phone, home.contact)
    return found


def _new_phones(roster: Roster, before: Present, present: Present) -> dict[str, str]:
    """Old phone → new: the same name in the same unit (contract §5). Households count as their
    own unit. A number may pass from one of those who serve to another, or come from somebody who
    leaves; a household's gives way to every other claim."""
    phones: dict[str, str] = {}
    spoken_for = set(before.serving)
    kept = {one.phone for one in present.serving if one not in spoken_for}
    for was, phone in _new_serving_phones(before, roster):
        if was not in phones and phone not in kept and phone not in phones.values():
            phones[was] = phone
    known = {*_names(present), *phones, *phones.values()}
    for was, phone in _new_household_phones(before, roster):
        if was not in phones and phone not in known:
            phones[was] = phone
            known.add(phone)
    return phones


def _new_serving_phones(before: Present, roster: Roster) -> Iterator[tuple[str, str]]:
    had = {(one.phone, one.name) for one in before.serving}
    have = {(one.phone, one.name) for one in roster.serving}
    gone: dict[tuple[str, str], list[str]] = {}
    for one in before.serving:
        waiting = gone.setdefault((one.name, one.unit), [])
        if (one.phone, one.name) not in have and one.phone not in waiting:
            waiting.append(one.phone)
    for one in roster.serving:
        at = (one.name, one.unit)
        if (one.phone, one.name) not in had and gone.get(at):
            had.add((one.phone, one.name))
            yield gone[at].pop(0), one.phone


def _new_household_phones(before: Present, roster: Roster) -> Iterator[tuple[str, str]]:
    kept = {one.phone for one in roster.serving} | {home.phone for home in roster.households}
    old = {home.code: home for home in before.households}
    for home in roster.households:
        was = old.get(home.code)
        same = was is not None and was.contact is not None and was.contact == home.contact
        if same and was and was.phone and home.phone and was.phone not in kept:
            yield was.phone, home.phone


def _retiring(before: Present, roster: Roster, same: Same) -> Retiring:
    """People are those who serve, each counted once; `same` sees through changed phones."""
    homes = {home.code for home in before.households}
    had = {same(one.phone) for one in before.serving}
    serving = {one.phone for one in roster.serving}
    return Retiring(
        households=len(homes - {home.code for home in roster.households}),
        of_households=len(homes),
        people=len(had - serving),
        of_people=len(had),
    )
