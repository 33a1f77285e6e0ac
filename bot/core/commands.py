"""Words people may type: which they are, who may say them, what they take. COMMANDS is the list.

Reads a text into `Typed`; does nothing with it. A number is only a candidate here: whether `12` is
an issue or a word is decided where it is known which issues are open (contract §4).
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    ANYONE = "anyone"
    SERVES = "serves"  # liaisons and staff
    LIAISON = "liaison"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Command:
    """`word` as typed; `touches`: its argument may follow without a space; `yields`: of people who
    may not use it, it is words like any other; `yields_words`: where words and no number follow."""

    word: str
    who: Who = Who.ANYONE
    touches: bool = False
    yields: bool = False
    yields_words: bool = False


BIND = Command("绑定", touches=True)
CLAIM = Command("认领", touches=True)
NEW_ISSUE = Command("新问题", touches=True)
TO_COMMUNITY = Command("找社区")
PROGRESS = Command("进度")
MY_LIAISON = Command("我的联络员")
URGE = Command("催办")
NOT_SOLVED = Command("没解决")
SATISFIED = Command("满意")
MOSTLY_SATISFIED = Command("基本满意")
DISSATISFIED = Command("不满意")
HELP = Command("帮助")
KNOW = Command("认识", Who.SERVES)
DO_NOT_KNOW = Command("不认识", Who.SERVES)
ACCEPT = Command("接单", Who.SERVES)
RESOLVE = Command("办结", Who.SERVES)
EXTEND = Command("延期", Who.SERVES)
ESCALATE = Command("上报", Who.SERVES)
HAND_OVER = Command("转办", Who.SERVES)
MAKE_URGENT = Command("紧急", Who.SERVES, yields_words=True)
FILE_FOR = Command("代录", Who.SERVES, touches=True)
TO_DO = Command("待办", Who.SERVES)
MY_HOUSEHOLDS = Command("我的住户", Who.LIAISON)
OWN_ISSUE = Command("我要反映")
WHOLE = Command("全文")
OTHER_LIAISON = Command("换联络员")
TAKE_LEAVE = Command("请假", Who.SERVES)
END_LEAVE = Command("销假", Who.SERVES)
COVERAGE = Command("覆盖", Who.STAFF)
GIVE = Command("指派", Who.STAFF)
FREE = Command("取消指派", Who.STAFF)
DEAL = Command("分配", Who.STAFF)
CONFIRM = Command("确认", Who.STAFF, yields=True)
STOP = Command("停用", Who.STAFF)
RESTORE = Command("启用", Who.STAFF)

COMMANDS: tuple[Command, ...] = (
    BIND,
    CLAIM,
    NEW_ISSUE,
    TO_COMMUNITY,
    PROGRESS,
    MY_LIAISON,
    URGE,
    NOT_SOLVED,
    SATISFIED,
    MOSTLY_SATISFIED,
    DISSATISFIED,
    HELP,
    KNOW,
    DO_NOT_KNOW,
    ACCEPT,
    RESOLVE,
    EXTEND,
    ESCALATE,
    HAND_OVER,
    MAKE_URGENT,
    FILE_FOR,
    TO_DO,
    MY_HOUSEHOLDS,
    OWN_ISSUE,
    WHOLE,
    OTHER_LIAISON,
    TAKE_LEAVE,
    END_LEAVE,
    COVERAGE,
    GIVE,
    FREE,
    DEAL,
    CONFIRM,
    STOP,
    RESTORE,
)


_RUN_TOGETHER = (TAKE_LEAVE, STOP, RESTORE, GIVE, FREE, HAND_OVER, EXTEND, RESOLVE, ESCALATE)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text, read.

    `no` is a number that may name an issue, `after` the words behind it; `words` are the words if
    it does not. `certain`: it can only be meant as a number (`#12`, or nothing but it follows a
    command).
    """

    text: str
    command: Command | None = None
    no: int | None = None
    certain: bool = False
    after: str = ""
    words: str = ""


# One to one, so that positions in the folded text are positions in the text as typed. Traditional
# forms are those of command words, of courtesies, of addresses and of dates.
_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20, 0xA0: 0x20}
_TRADITIONAL = str.maketrans(
    "綁認領問題區進聯絡員辦沒決滿識單結報錄戶幫應號樓門請棟層電話機謝煩嗎見師後週個兩時點禮換銷蓋確啟"
    "啓緊轉",
    "绑认领问题区进联络员办没决满识单结报录户帮应号楼门请栋层电话机谢烦吗见师后周个两时点礼换销盖确启"
    "启紧转",
)
_FOLDED = _FULL_WIDTH | _TRADITIONAL
_INITIALS = frozenset(command.word[0] for command in COMMANDS)
_SPACING = re.compile(r"[\s\W_]", re.UNICODE)
# A sign before a digit joins numbers (3.5, 10:30, 3-2-502), but not a comma (12号，3天), unless it
# parts thousands; a percent or degree sign is no end.
_NUMBER = re.compile(r"(?P<hash>#\s*)?(?P<no>[0-9]{1,9})(?![0-9])(?P<hao>号)?")
_JOINS = re.compile(r"[%‰℃°]|[^\w\s#,。;!?][0-9]|,[0-9]{3}(?![0-9])")
_LEADING = re.compile(r"^[\s,，.。:：;；、!！~～\-—]+")


def fold(text: str) -> str:
    """Full-width signs and digits to plain ones, traditional forms to simple."""
    return text.translate(_FOLDED)


def read(text: str) -> Typed:
    """What was typed, without knowing who typed it."""
    stripped = text.strip()
    folded = fold(stripped)
    command = _command(folded)
    start = len(command.word) if command else 0
    at = start + (_leading(folded[start:]) if command else 0)
    words = stripped[at:]
    number = _number(folded, at)
    if number is None:
        return Typed(stripped, command, words=words)
    no, end, hashed = number
    after = stripped[end + _leading(folded[end:]) :]
    certain = hashed or (command is not None and not after)
    return Typed(stripped, command, no, certain, after, words)


def run_together(text: str) -> tuple[Command, str] | None:
    """The command that words begin with without a space, and what is behind it. Only those that
    staff and liaisons write so: 请假三天, 停用王芳."""
    folded = fold(text.strip())
    for command in _RUN_TOGETHER:
        if folded.startswith(command.word):
            return command, text.strip()[len(command.word) :]
    return None


def _leading(folded: str) -> int:
    """How many characters of spaces and stops stand before the words."""
    match = _LEADING.match(folded)
    return match.end() if match else 0


def _command(folded: str) -> Command | None:
    if folded[:1] not in _INITIALS:
        return None
    for command in COMMANDS:
        if not folded.startswith(command.word):
            continue
        rest = folded[len(command.word) :]
        if not rest or command.touches or rest[0].isdigit() or _SPACING.match(rest):
            return command
    return None


def _number(folded: str, at: int) -> tuple[int, int, bool] | None:
    """(number, where it ends, whether a # stood before it) at position `at`, or None."""
    match = _NUMBER.match(folded, at)
    if match is None:
        return None
    hashed = bool(match["hash"])
    if hashed:
        return int(match["no"]), match.end(), True
    end = match.end()
    if end < len(folded) and (not _SPACING.match(folded, end) or _JOINS.match(folded, end)):
        return None
    return int(match["no"]), end, False


_COURTESIES = (
    "非常感谢|太感谢了|感谢|多谢|谢谢|谢了|辛苦了|辛苦|麻烦了|麻烦您了|麻烦你了|费心了"
    "|你好|您好|大家好|早上好|上午好|中午好|下午好|晚上好|早安|晚安|新年好|过年好|再见|拜拜"
    "|有人吗|在吗|在不在|hello|hi|thanks|thankyou|thank you|ok thanks"
)
_SOFTENERS = "您了|你了|您|你|啊|哈|啦|呀|哦|嗯|呢|了|们|大家|各位|师傅|老师|同志"
# What a resident says to an answer: it asks for nothing more. From who serves, it is an answer.
_ASSENTS = "好的|好嘞|好|嗯|行|可以|收到|知道|明白|了解|没问题|没关系|不客气|不用谢|okay|ok"
_STICKER = "【收到不支持的消息类型，暂无法显示】"
# WeChat writes its own faces as [微笑] or /::) in a text.
_FACES = r"\[[\u4e00-\u9fffA-Za-z]{1,8}\]|/:[:\w\-<>()~@$&*+|!?,.;]{1,10}"
_COURTESY = re.compile(rf"(?:{_COURTESIES}|{_SOFTENERS}|{_FACES}|[^\w\[\]#]|_)+", re.IGNORECASE)
_CORE = re.compile(rf"{_COURTESIES}|{_FACES}|[^\w\s]", re.IGNORECASE)
_ASKS_NOTHING = re.compile(
    rf"(?:{_ASSENTS}|{_COURTESIES}|{_SOFTENERS}|{_FACES}|[^\w\[\]#]|_)+", re.IGNORECASE
)
_ASSENT = re.compile(_ASSENTS, re.IGNORECASE)
# What stands for things without words (`bot.wechat.kinds`), where only their text was kept.
_PLACEHOLDERS = frozenset({"[图片]", "[语音]", "[视频]", "[位置]", "[链接]", "[暂不支持的消息]"})


def is_courtesy(text: str) -> bool:
    """Thanks, a greeting, a sticker or bare faces: opens no issue and starts no clock."""
    folded = fold(text.strip())
    if text.strip() == _STICKER:
        return True
    if folded in _PLACEHOLDERS:
        return False
    return bool(_COURTESY.fullmatch(folded)) and bool(_CORE.search(folded))


def asks_nothing(text: str) -> bool:
    """A courtesy, or a resident's plain assent (好的，谢谢): nobody has to answer it."""
    if is_courtesy(text):
        return True
    folded = fold(text.strip())
    return bool(_ASKS_NOTHING.fullmatch(folded)) and bool(_ASSENT.search(folded))
