"""Phone numbers as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.phones import normalised


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800000001", "13800000001"),
        (" 138 0000 0001 ", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("１３８００００００１１", "13800000011"),
        ("13800000001.0", "13800000001"),
        ("+86 13800000001", "13800000001"),
        ("+8613800000001", "13800000001"),
        ("008613800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("010-69546688", "01069546688"),
        ("(010) 6954 6688", "01069546688"),
        ("（０１０）６９５４６６８８", "01069546688"),
        ("0551-63531234", "055163531234"),
        ("0316-5212345", "03165212345"),
        ("+86 010 69546688", "01069546688"),
    ],
)
def test_a_number_has_one_spelling(text: str, phone: str) -> None:
    assert normalised(text) == phone
    assert normalised(phone) == phone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1380000",
        "138000000012",
        "12800000001",
        "69546688",
        "1069546688",
        "13800000001/13800000002",
        "1.38E+10",
        "无",
        "138OOOOOOO1",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert normalised(text) is None


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)


@given(mobiles)
@example("13000008601")  # what looks like a country code in the middle is none
@example("18613800001")
def test_every_mobile_number_is_kept_as_it_is(phone: str) -> None:
    assert normalised(phone) == phone
    assert normalised(f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}") == phone
    assert normalised(f"{phone}.0") == phone
