"""What staff decide about liaisons: 停用 启用 指派 取消指派, 分配 and its 确认, 覆盖.

Knows who may decide on whom and which person is meant; not how households are dealt, no wording.
"""

from collections.abc import Sequence

from bot.core.commands import fold
from bot.core.decision import Decision
from bot.core.facts import Heard
from bot.core.notice import Notice
from bot.core.notices import NothingFor
from bot.core.notices.dealing import (
    GiveHow,
    GiveRefused,
    NameMissing,
    NobodyNamed,
    PlanGone,
    ServingAlready,
    WhichCommunity,
    WhichLiaison,
)
from bot.core.orders import (
    CarryOutPlan,
    FreeHousehold,
    GiveHousehold,
    SetServing,
    ShowCoverage,
    ShowPlan,
)
from bot.core.people import Community, Listed, Place
from bot.core.picking import OFFERED

# So many households are looked at while the asker waits; more are asked for by community.
AT_ONCE = 20_000
_TAIL = 4
_TYPED = 30
_STOPS = " \t,.;:!~、。"
# What people write before a name: 停用 联络员王芳, 指派 502 给王芳.
_BEFORE_NAMES = ("给", "联络员")


def set_serving(heard: Heard, *, serving: bool) -> Decision:
    """停用 / 启用 <name>: of a liaison at a place under the speaker's units."""
    word, (name, tail) = _word(heard), named(heard.typed.words)
    if not name:
        return Decision(replies=(NameMissing(word),))
    mine = [one for one in heard.facts.listed if heard.me.posts_over(one.place)]
    found = _meant(mine, name, tail, word)
    if isinstance(found, Notice):
        return Decision(replies=(found,))
    community = found.place.community
    if found.serving == serving or (found.stopped and not serving) or community is None:
        return Decision(replies=(ServingAlready(found.name, serving),))
    return Decision(order=SetServing(found.person_id, community.code, serving))


def give(heard: Heard) -> Decision:
    """指派 <household> <liaison>."""
    word, (_, name, tail) = _word(heard), household_and_name(heard.typed.words)
    place = _household(heard)
    if isinstance(place, Notice):
        return Decision(replies=(place,))
    if not name:
        return Decision(replies=(NameMissing(word),))
    known = heard.facts.listed
    near = [one for one in known if one.place.community == place.community]
    found = _meant(near or known, name, tail, word)
    if isinstance(found, Notice):
        return Decision(replies=(found,))
    return _given(place, found)


def _given(place: Place, to: Listed) -> Decision:
    community, household = place.community, place.household
    why = None
    if community is None or household is None or to.place.community != community:
        return Decision(replies=(GiveRefused("elsewhere", to.name, place.door),))
    theirs = place.liaison is not None and place.liaison.person_id == to.person_id
    if not to.serving:
        why = "stopped"
    elif to.held >= to.most and not theirs:
        why = "full"
    if why:
        return Decision(replies=(GiveRefused(why, to.name, place.door),))
    return Decision(order=GiveHousehold(household.id, community.code, to.person_id))


def free(heard: Heard) -> Decision:
    """取消指派 <household>."""
    place = _household(heard)
    if isinstance(place, Notice) or place.household is None:
        return Decision(replies=(place,) if isinstance(place, Notice) else ())
    return Decision(order=FreeHousehold(place.household.id))


def deal(heard: Heard) -> Decision:
    """分配 [community]: the plan is shown, nothing is done."""
    found = _communities(heard)
    if isinstance(found, Notice):
        return Decision(replies=(found,))
    return Decision(order=ShowPlan(found, _units(heard)))


def coverage(heard: Heard) -> Decision:
    """覆盖 [community]."""
    found = _communities(heard)
    if isinstance(found, Notice):
        return Decision(replies=(found,))
    return Decision(order=ShowCoverage(found, _units(heard)))


def confirm(heard: Heard) -> Decision:
    """确认 of a plan that was shown and still holds."""
    plan = heard.facts.plan
    if plan is None or plan.expires_at <= heard.terms.now:
        return Decision(replies=(PlanGone(),))
    return Decision(order=CarryOutPlan(plan.communities, plan.fingerprint, _units(heard)))


# --- who and what is meant --------------------------------------------------------------------


def named(words: str) -> tuple[str, str]:
    """ "王芳 0001" → (王芳, 0001): a name, or a phone, and the last digits of a phone."""
    text = fold(words).strip(_STOPS)
    for before in _BEFORE_NAMES:
        text = text.removeprefix(before).lstrip(_STOPS)
    name = text.rstrip("0123456789 ()").rstrip(_STOPS)
    tail = "".join(char for char in text[len(name) :] if char.isdecimal())
    return (name, tail) if name else (tail, "")


def household_and_name(words: str) -> tuple[str, str, str]:
    """ "3号楼 2单元 502 王芳 0001" → (3号楼 2单元 502, 王芳, 0001): the last word without a digit,
    and what stands behind it, is the person; else the last word."""
    parts = words.split()
    names = [at for at, part in enumerate(parts) if at and not any(c.isdigit() for c in part[:1])]
    person = [at for at in names if parts[at].rstrip("0123456789") and not _is_place(parts[at])]
    if not person:
        # A phone, or nobody at all.
        is_phone = len(parts) > 1 and parts[-1].isdecimal() and len(parts[-1]) == 11
        return (" ".join(parts[:-1]), parts[-1], "") if is_phone else (" ".join(parts), "", "")
    name, tail = named(" ".join(parts[person[-1] :]))
    return " ".join(parts[: person[-1]]), name, tail


def _is_place(part: str) -> bool:
    return part.endswith(("楼", "单元", "门", "室", "栋", "座", "幢", "号", "社区", "网格"))


def _meant(found: Sequence[Listed], name: str, tail: str, word: str) -> Listed | Notice:
    fits = [one for one in found if name in (one.name, one.phone) and one.phone.endswith(tail)]
    if not fits:
        return NobodyNamed(word, f"{name}{tail}"[:_TYPED])
    if len(fits) > 1:
        return WhichLiaison(word, tuple(_told_apart(one) for one in fits[:OFFERED]))
    return fits[0]


def _told_apart(one: Listed) -> str:
    return f"{one.name} {one.phone[-_TAIL:]}（{one.place.address}）"


def _household(heard: Heard) -> Place | Notice:
    """The one household that is named and lies under the speaker's units."""
    found = [place for place in heard.facts.found if heard.me.posts_over(place)]
    if len(found) == 1:
        return found[0]
    typed = household_and_name(heard.typed.words)[0]
    options = tuple(place.address for place in found[:OFFERED])
    return GiveHow(_word(heard), typed[:_TYPED], options)


def _communities(heard: Heard) -> tuple[str, ...] | Notice:
    word, typed = _word(heard), heard.typed.words.strip()
    known = heard.facts.communities
    if typed:
        known = tuple(one for one in known if typed in (one.unit.name, one.unit.code))
        known = known or tuple(one for one in heard.facts.communities if typed in one.unit.name)
    if not known and not heard.facts.communities:
        return NothingFor(word)
    few = sum(one.households for one in known) <= AT_ONCE or len(known) == 1
    if not known or not few:
        return WhichCommunity(word, _names(known or heard.facts.communities))
    return tuple(one.unit.code for one in known)


def _names(communities: Sequence[Community]) -> tuple[str, ...]:
    return tuple(one.unit.name for one in communities[:OFFERED])


def _units(heard: Heard) -> tuple[int, ...]:
    return tuple(post.unit_id for post in heard.me.posts)


def _word(heard: Heard) -> str:
    return heard.typed.command.word if heard.typed.command else ""
