"""Commands with which an issue is opened: 新问题, 找社区, 换联络员, 代录.

Knows whose words open it and where; what an issue begins with stands in `opening`.
"""

from bot.core import lists
from bot.core.commands import is_courtesy
from bot.core.decision import Decision, SetPerson
from bot.core.facts import Heard, Words
from bot.core.notices import FileHow, Greeted, WordsMissing
from bot.core.opening import open_at, open_at_community, open_for_me
from bot.core.people import Awaiting
from bot.core.picking import OFFERED
from bot.core.speaking import NEXT_WORDS


def new_issue(heard: Heard) -> Decision:
    """新问题 and, for those who serve, 我要反映: an own issue although others are open."""
    text = _argument(heard)
    if text:
        return _unless_courtesy(text) or open_for_me(heard, heard.words(text))
    waiting = heard.awaiting
    if waiting is not None and waiting.kind == "own" and waiting.message_id:
        return open_for_me(heard, Words(waiting.message_id, waiting.words))
    return _wait_for_words(heard, "new")


def to_community(heard: Heard) -> Decision:
    text = _argument(heard)
    if text:
        return _unless_courtesy(text) or open_at_community(heard, heard.words(text))
    return _wait_for_words(heard, "community")


def another_liaison(heard: Heard) -> Decision:
    """换联络员 [why]: a wish is an issue of the grid's, whom alone it concerns; the liaison is not
    told and cannot look. It is decided by 指派, or answered why not."""
    home = heard.me.home
    if home is None:
        return lists.my_liaison(heard)
    words, start = heard.words(heard.said.text.strip()), heard.terms.at_level("网格")
    return open_at(heard, words, home, start, past_liaison=True)


def _unless_courtesy(text: str) -> Decision | None:
    """Thanks and greetings open no issue, whatever stands before them."""
    return Decision(replies=(Greeted(),)) if is_courtesy(text) else None


def _wait_for_words(heard: Heard, kind: str) -> Decision:
    word = heard.typed.command.word if heard.typed.command else ""
    waiting = Awaiting(kind, heard.terms.now + NEXT_WORDS)
    return Decision(
        (SetPerson(heard.me.id, {"awaiting": waiting}),),
        replies=(WordsMissing(word, f"{word} 楼道灯不亮了"),),
    )


def _argument(heard: Heard) -> str:
    """All that stands behind the command word, digits too: `新问题 3号楼没水` names no issue."""
    return heard.typed.words


def file_for(heard: Heard) -> Decision:
    """代录 <household> <words>."""
    found = [place for place in heard.facts.found if heard.me.role_at(place)]
    text = _without_address(heard.typed.words)
    if len(found) != 1 or not text:
        options = tuple(place.door for place in found[:OFFERED]) if len(found) > 1 else ()
        return Decision(replies=(FileHow(heard.typed.words[:40], options),))
    place = found[0]
    start = heard.terms.start_for(place)
    return open_at(heard, heard.words(text), place, start, filed_for=True)


def _without_address(text: str) -> str:
    """The words behind the first space: the household stands before it."""
    parts = text.split(maxsplit=1)
    return parts[1] if len(parts) == 2 else ""
