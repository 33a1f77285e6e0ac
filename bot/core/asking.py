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
    """Nothing is sent; the words are kept for the answer. `kind` as in `Awaiting`."""
    words = heard.words(text)
    waiting = Awaiting(kind, heard.terms.now + _KEPT_WORDS, message_id=words.id, words=words.text)
    return Decision(
        (
            words.stored(None, heard.me.id, heard.terms),
            SetPerson(heard.me.id, {"awaiting": waiting}),
        ),
        replies=(question,),
    )


def ask_about(heard: Heard, text: str, question: Notice) -> Decision:
    """Nothing is done; the number that follows carries the command out, with these words."""
    word = heard.typed.command.word if heard.typed.command else ""
    until = heard.terms.now + _KEPT_WORDS
    if not text:
        waiting = Awaiting(ABOUT, until, word=word)
        return Decision((SetPerson(heard.me.id, {"awaiting": waiting}),), replies=(question,))
    words = heard.words(text)
    waiting = Awaiting(ABOUT, until, message_id=words.id, words=words.text, word=word)
    kept = words.stored(None, heard.me.id, heard.terms)
    return Decision((kept, SetPerson(heard.me.id, {"awaiting": waiting})), replies=(question,))
