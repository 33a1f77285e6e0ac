"""What people type, read: command words, numbers, courtesies (contract §4, "Numbers")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.commands import COMMANDS, asks_nothing, fold, is_courtesy, read

TOUCHING = {"绑定", "认领", "新问题", "代录"}
WORDS = [command.word for command in COMMANDS]


def test_every_word_of_this_stage_is_a_command() -> None:
    assert set(WORDS) == {
        *("绑定", "认领", "新问题", "找社区", "进度", "我的联络员", "催办", "没解决", "满意"),
        *("基本满意", "不满意", "帮助", "认识", "不认识", "接单", "办结", "上报", "代录", "全文"),
        *("待办", "我的住户", "我要反映", "延期", "换联络员", "请假", "销假", "覆盖", "指派"),
        *("取消指派", "分配", "确认", "停用", "启用", "紧急", "转办"),
    }


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        " {} ",
        "{} 话",
        "{}　话",
        "{}，话",
        "{}：话",
        "{}。",
        "{}！",
        "{}12",
        "{}#12",
        "{}１２",
    ],
)
def test_a_command_counts_alone_or_before_space_punctuation_or_a_number(
    word: str, typed: str
) -> None:
    command = read(typed.format(word)).command
    assert command is not None
    assert command.word == word


@pytest.mark.parametrize("word", WORDS)
def test_only_some_commands_may_touch_their_argument(word: str) -> None:
    command = read(f"{word}什么").command
    assert (command is not None) == (word in TOUCHING)


TRADITIONAL = [
    ("綁定 502", "绑定"),
    ("認領 ABCD2345", "认领"),
    ("新問題 燈不亮", "新问题"),
    ("找社區 燈不亮", "找社区"),
    ("進度", "进度"),
    ("我的聯絡員", "我的联络员"),
    ("催辦", "催办"),
    ("沒解決", "没解决"),
    ("滿意", "满意"),
    ("基本滿意", "基本满意"),
    ("不滿意 太慢", "不满意"),
    ("幫助", "帮助"),
    ("認識 #3", "认识"),
    ("不認識 #3", "不认识"),
    ("接單", "接单"),
    ("辦結 好了", "办结"),
    ("上報", "上报"),
    ("代錄 502 漏水", "代录"),
    ("待辦", "待办"),
    ("我的住戶", "我的住户"),
    ("延期 3天 等配件", "延期"),
    ("緊急 #3", "紧急"),
    ("轉辦 3 王芳", "转办"),
    ("我要反映 燈不亮", "我要反映"),
    ("全文 3", "全文"),
    ("換聯絡員", "换联络员"),
    ("請假 3天", "请假"),
    ("銷假", "销假"),
    ("覆蓋", "覆盖"),
    ("指派 502 王芳", "指派"),
    ("取消指派 502", "取消指派"),
    ("分配", "分配"),
    ("確認", "确认"),
    ("停用 王芳", "停用"),
    ("啟用 王芳", "启用"),
    ("啓用 王芳", "启用"),
]


@pytest.mark.parametrize(("typed", "word"), TRADITIONAL)
def test_traditional_forms_do_not_matter(typed: str, word: str) -> None:
    command = read(typed).command
    assert command is not None
    assert command.word == word


def test_each_command_stands_among_the_traditional_forms() -> None:
    assert {word for _, word in TRADITIONAL} == set(WORDS)


@pytest.mark.parametrize(
    ("typed", "no", "after"),
    [
        ("#12", 12, ""),
        ("＃１２", 12, ""),
        ("# 12", 12, ""),
        ("#12马上到", 12, "马上到"),
        ("#12 马上到", 12, "马上到"),
        ("12", 12, ""),
        ("１２", 12, ""),
        ("12号", 12, ""),
        ("12號", 12, ""),
        ("12 马上到", 12, "马上到"),
        ("12，马上到", 12, "马上到"),
        ("12：马上到", 12, "马上到"),
        ("12。", 12, ""),
        ("12号，马上到", 12, "马上到"),
        *(("12号，3天后到", 12, "3天后到"), ("12，3点到", 12, "3点到"), ("12。3点到", 12, "3点到")),
        ("12号 马上到", 12, "马上到"),
        ("12\n马上到", 12, "马上到"),
        ("12 3号楼也坏了", 12, "3号楼也坏了"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, no: int, after: str) -> None:
    found = read(typed)
    assert found.command is None
    assert (found.no, found.after) == (no, after)


@pytest.mark.parametrize(
    "typed",
    [
        *("3号楼电梯好了", "10分钟到", "12点来", "12楼漏水", "502室停电", "3-2-502", "10:30到"),
        *(
            "3.5米",
            "10%",
            "12℃",
            "1,000元",
            "电梯12",
            "12a",
            "第12",
            "一二",
            "12号楼",
            "1234567890",
        ),
        *("2/3号楼", "12、13都坏了", "+12", "-12"),
    ],
)
def test_a_number_inside_words_is_words(typed: str) -> None:
    assert read(typed).no is None
    assert read(typed).text == typed


def test_a_number_too_long_for_an_issue_is_words_also_behind_a_sign() -> None:
    assert read("#12345678901").no is None


@pytest.mark.parametrize(
    ("typed", "no", "certain", "after", "words"),
    [
        ("满意", None, False, "", ""),
        ("满意 #12", 12, True, "", "#12"),
        ("满意12", 12, True, "", "12"),
        ("满意 12 很快", 12, False, "很快", "12 很快"),
        ("办结 #12 修好了", 12, True, "修好了", "#12 修好了"),
        ("办结#12，修好了", 12, True, "修好了", "#12，修好了"),
        ("办结 修好了", None, False, "", "修好了"),
        ("办结：12号：修好了", 12, False, "修好了", "12号：修好了"),
        ("催办 10分钟了", None, False, "", "10分钟了"),
        ("新问题 3号楼没水", None, False, "", "3号楼没水"),
        ("绑定502", 502, True, "", "502"),
        ("满意１２号", 12, True, "", "１２号"),
    ],
)
def test_behind_a_command_stands_a_number_or_words(
    typed: str, no: int | None, certain: bool, after: str, words: str
) -> None:
    found = read(typed)
    assert (found.no, found.certain, found.after, found.words) == (no, certain, after, words)


def test_words_keep_the_form_they_were_typed_in() -> None:
    assert read("新問題　３號樓沒水！").words == "３號樓沒水！"
    assert read("#12 沒水了").after == "沒水了"


@pytest.mark.parametrize(
    "typed",
    [
        *("谢谢", "谢谢！", "谢谢您", "多谢师傅", "感谢", "辛苦了", "麻烦了，谢谢", "太感谢了！！"),
        *("你好", "您好！", "早上好", "晚上好啊", "在吗？", "有人吗", "Hello", "谢谢[玫瑰]"),
        *("[微笑]", "/::)", "👍", "🌹🌹🌹", "【收到不支持的消息类型，暂无法显示】", "大家好"),
        *("謝謝", "謝謝您！", "非常感謝", "麻煩了", "有人嗎？", "在嗎", "再見", "謝謝老師"),
    ],
)
def test_thanks_greetings_and_stickers_are_courtesies(typed: str) -> None:
    assert is_courtesy(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("谢谢，电梯又坏了", "你好，我家漏水", "您好 请问几点来水", "[图片]", "[语音]", "[视频]"),
        *("[位置]", "[链接]", "[暂不支持的消息]"),
        *("好的", "收到", "行", "3号楼", "12", "救命", "感谢也没用，还是漏", "谢谢你个头"),
        *("您好#12", "停水了👍", ""),
    ],
)
def test_what_says_something_is_no_courtesy(typed: str) -> None:
    assert not is_courtesy(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "好的",
            "好的谢谢",
            "好的，谢谢！",
            "收到，谢谢",
            "知道了，谢谢您",
            "嗯嗯",
            "OK",
            "行，辛苦了",
        ),
        *("明白了", "好嘞👍", "可以可以", "謝謝，好的", "谢谢", "您好", "[微笑]"),
    ],
)
def test_assent_asks_for_nothing(typed: str) -> None:
    assert asks_nothing(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "好的，几点来",
        "不行",
        "不好",
        "收到货坏了",
        "好多水",
        "可以修吗",
        "知道是谁",
        "12",
        "",
        "行#12",
    ],
)
def test_what_goes_on_after_an_assent_asks_for_something(typed: str) -> None:
    assert not asks_nothing(typed)


@given(st.text(max_size=60))
def test_folding_keeps_every_position(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=60))
def test_any_text_is_read_and_nothing_in_it_is_made_up(text: str) -> None:
    found = read(text)
    assert found.text == text.strip()
    assert found.text.endswith(found.words)
    assert found.words.endswith(found.after)
    assert found.no is None or 0 <= found.no < 10**9
