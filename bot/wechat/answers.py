"""WeChat's error codes and what each means for us, in one table (ANSWERS).

Knows codes; not how they arrive. Source: WeChat's global return codes, wechatpy's and
WxJava's lists.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.core.delivery import LONG_WAIT
from bot.core.outcome import Outcome, Refused, Sent, TryLater


class Verdict(StrEnum):
    """What is done about an answer."""

    DONE = "done"  # taken, or nothing left to do
    STALE = "stale"  # the token died: a new one, once
    LATER = "later"
    TOMORROW = "tomorrow"  # the day's quota of this API is used up
    PERSON = "person"
    MESSAGE = "message"
    SERVICE = "service"  # this API or what is set for it
    ACCOUNT = "account"  # none of ours is let in


_DONE, _STALE, _LATER = Verdict.DONE, Verdict.STALE, Verdict.LATER
_PERSON, _MESSAGE = Verdict.PERSON, Verdict.MESSAGE
_SERVICE, _ACCOUNT = Verdict.SERVICE, Verdict.ACCOUNT

ANSWERS: Mapping[int, tuple[Verdict, str]] = {
    0: (_DONE, "ok"),
    45065: (_DONE, "already sent under this id"),
    45080: (_DONE, "no recent interaction to show typing in"),
    45081: (_DONE, "typing is shown already"),
    40001: (_STALE, "the access token is not the newest"),
    40014: (_STALE, "the access token is not valid"),
    42001: (_STALE, "the access token has expired"),
    -1: (_LATER, "WeChat is busy"),
    45011: (_LATER, "too many calls in this minute"),
    43108: (_LATER, "another message to the same person is under way"),
    45009: (Verdict.TOMORROW, "the day's quota of this API is used up"),
    48006: (Verdict.TOMORROW, "the month's quota resets are used up"),
    45015: (_PERSON, "did not write within 48 hours, or no longer follows"),
    45047: (_PERSON, "the messages allowed after their last one are used up"),
    43004: (_PERSON, "does not follow the account"),
    50005: (_PERSON, "does not follow the account"),
    48002: (_PERSON, "has switched the account's messages off"),
    43101: (_PERSON, "has not consented to this notice, or the consent is used up"),
    # Nothing about the message: whoever holds the issue cannot be reached, so it must go on.
    40003: (_PERSON, "the openid is not one of this account"),
    43019: (_PERSON, "is on the account's blacklist"),
    46004: (_PERSON, "no such user"),
    40007: (_MESSAGE, "the media id is not valid or has expired"),
    40008: (_MESSAGE, "the message type is not valid"),
    40033: (_MESSAGE, "holds a character that is not allowed"),
    40035: (_MESSAGE, "a parameter is not valid"),
    40037: (_SERVICE, "the template id is not valid: compare it with the console"),
    41006: (_MESSAGE, "the media id is missing"),
    41009: (_MESSAGE, "the openid is missing"),
    44004: (_MESSAGE, "the text is empty"),
    45001: (_MESSAGE, "the media file is too large"),
    45002: (_MESSAGE, "the text is too long"),
    45003: (_MESSAGE, "the title is too long"),
    45004: (_MESSAGE, "the description is too long"),
    45005: (_MESSAGE, "the link is too long"),
    45006: (_MESSAGE, "the picture link is too long"),
    45007: (_MESSAGE, "the voice is too long"),
    45008: (_MESSAGE, "too many articles"),
    45072: (_MESSAGE, "the typing command is not known"),
    45166: (_MESSAGE, "the content was refused"),
    45168: (_MESSAGE, "holds a sensitive word"),
    47001: (_MESSAGE, "the JSON was not understood"),
    47003: (_SERVICE, "the template has a field that ours do not fit: choose another"),
    70000: (_MESSAGE, "refused for the protection of minors"),
    40002: (_ACCOUNT, "the grant type is not valid"),
    40013: (_ACCOUNT, "WECHAT_APPID is not a valid appid: compare it with the console"),
    40125: (_ACCOUNT, "WECHAT_SECRET is wrong: compare it with the console, or reset it there"),
    40164: (_ACCOUNT, "this server's address is not on the IP whitelist: add it in the console"),
    40200: (_SERVICE, "this kind of account may not send this type of message"),
    40243: (_ACCOUNT, "the AppSecret is frozen: unfreeze it in the console"),
    41001: (_ACCOUNT, "the access token is missing"),
    41002: (_ACCOUNT, "the appid is missing: set WECHAT_APPID"),
    41003: (_ACCOUNT, "the refresh token is missing"),
    41004: (_ACCOUNT, "the secret is missing: set WECHAT_SECRET"),
    48001: (_SERVICE, "the account may not use this API: it must be verified, or apply for it"),
    48003: (_SERVICE, "the account's owner has not agreed to the terms in the console"),
    48004: (_SERVICE, "this API is banned for the account: see the console's notices"),
    50001: (_SERVICE, "the account is not authorised for this API"),
    50002: (_SERVICE, "the account is restricted: see the console's notices"),
    50007: (_ACCOUNT, "the account is frozen: see the console's notices"),
    61004: (_ACCOUNT, "this server's address is not on the IP whitelist: add it in the console"),
    43107: (_SERVICE, "subscription notices are banned for the account"),
    65320: (_SERVICE, "the conditional menu's rule is no longer allowed"),
}

_AFTER = {-1: timedelta(seconds=3), 45011: timedelta(minutes=1), 43108: timedelta(seconds=2)}
_STALE_AGAIN = timedelta(seconds=30)  # forced renewals must lie this far apart
_SHORTEST_REST = timedelta(minutes=10)
_BEIJING = timedelta(hours=8)  # WeChat counts its days there; no summer time since 1991


def verdict(code: int | None) -> Verdict:
    """What is done about a code; one that is not listed is for the operator to look at."""
    return ANSWERS[code][0] if code is not None and code in ANSWERS else Verdict.SERVICE


def in_words(code: int | None, errmsg: str) -> str:
    """The code for logs and operators, with WeChat's own words (they carry a request id)."""
    if code is None:
        return errmsg
    known = ANSWERS[code][1] if code in ANSWERS else "an answer that is not known"
    return f"{code}: {known} ({errmsg[:200]})" if errmsg else f"{code}: {known}"


def outcome(code: int | None, errmsg: str, now: datetime) -> Outcome:
    """What became of a message that WeChat answered with this code."""
    why, judged = in_words(code, errmsg), verdict(code)
    match judged:
        case Verdict.DONE:
            return Sent()
        case Verdict.STALE:
            return TryLater(why, _STALE_AGAIN)
        case Verdict.LATER:
            return TryLater(why, _AFTER[code or 0])
        case Verdict.TOMORROW:
            # Also in the day's last minutes another channel is tried.
            return TryLater(why, max(until_tomorrow(now), LONG_WAIT))
        case Verdict.PERSON | Verdict.MESSAGE | Verdict.SERVICE | Verdict.ACCOUNT:
            return Refused(why, judged.value, code)


def until_tomorrow(now: datetime) -> timedelta:
    """From `now` to a little after WeChat's next midnight, when daily quotas begin anew; never so
    short that a notice would wait for it rather than take another channel."""
    there = now.astimezone(UTC) + _BEIJING
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(midnight + timedelta(minutes=2) - there, _SHORTEST_REST)
