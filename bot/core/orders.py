"""What people may order about who serves whom: leave, 停用, 指派, dealing again.

An order is more than rows: households are dealt or covered because of it, and only then is it known
whom to tell what. Values; `bot.desk.arrange` carries them out.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TakeLeave:
    """请假: away in every part they play, until then."""

    person_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class EndLeave:
    """销假: back before the time."""

    person_id: int


@dataclass(frozen=True, slots=True)
class SetServing:
    """停用 or 启用 of a liaison; `community` is the code of theirs."""

    person_id: int
    community: str
    serving: bool


@dataclass(frozen=True, slots=True)
class GiveHousehold:
    """指派: the household is this liaison's, and stays so when households are dealt."""

    household_id: int
    community: str
    person_id: int


@dataclass(frozen=True, slots=True)
class FreeHousehold:
    """取消指派: the household is dealt like any other from now on."""

    household_id: int


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """分配: what dealing these communities again would do. `under`: ids of the asker's units."""

    communities: tuple[str, ...]
    under: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CarryOutPlan:
    """确认: do the plan that was shown, if it still is what the rule finds, and all that it moves
    lies under the units `under` of who asks."""

    communities: tuple[str, ...]
    fingerprint: str
    under: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShowCoverage:
    """覆盖: what is lacking in these communities, as far as it lies under these units."""

    communities: tuple[str, ...]
    under: tuple[int, ...]


Order = (
    TakeLeave
    | EndLeave
    | SetServing
    | GiveHousehold
    | FreeHousehold
    | ShowPlan
    | CarryOutPlan
    | ShowCoverage
)
