"""A question asked of the speaker, whose words are kept for the answer: nothing is done meanwhile.

Knows how long they are kept; not what is asked, nor what becomes of them.
"""

from datetime import timedelta

from bot.core.decision import Decision, SetPerson
from bot.core.facts import Heard
from bot.core.notices import Notice
from bot.core.people import Awaiting

ABOUT = "about"
"""The kind of `Awaiting` of a command that several own issues may be meant by."""

_KEPT_WORDS = timedelta(minutes=30)


def keep_and_ask(heard: Heard, kind: str, text: str, question: Notice) -> Decision:
    """Nothing is sent; words and command are kept for the answer. `kind` as in `Awaiting`; no text
    where there is only a command."""
    words = heard.words(text) if text else None
    waiting = Awaiting(
        kind,
        heard.terms.now + _KEPT_WORDS,
        message_id=words.id if words else None,
        words=words.text if words else "",
        word=heard.typed.command.word if heard.typed.command else "",
    )
    kept = (words.stored(None, heard.me.id, heard.terms),) if words else ()
    return Decision((*kept, SetPerson(heard.me.id, {"awaiting": waiting})), replies=(question,))
