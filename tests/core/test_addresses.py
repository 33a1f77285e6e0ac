"""Addresses as people type them, and which homes they can mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import addresses
from bot.core.addresses import fitting
from bot.core.people import Household, Place, Unit


@pytest.mark.parametrize(
    ("typed", "parts", "room"),
    [
        ("502", (), "502"),
        ("502室", (), "502"),
        ("５０２", (), "502"),
        ("3-2-502", (("3", None), ("2", None)), "502"),
        ("3号楼2单元502", (("3", "楼"), ("2", "门")), "502"),
        ("3號樓2單元502", (("3", "楼"), ("2", "门")), "502"),
        ("3棟2單元502", (("3", "楼"), ("2", "门")), "502"),
        ("三号楼二单元502室", (("3", "楼"), ("2", "门")), "502"),
        ("十二号楼一单元1001", (("12", "楼"), ("1", "门")), "1001"),
        ("二十一栋2门3", (("21", "楼"), ("2", "门")), "3"),
        ("3 号楼 2 单元 502", (("3", "楼"), ("2", "门")), "502"),
        ("通瑞嘉苑3号楼2单元502", (("3", "楼"), ("2", "门")), "502"),
        ("a座1201", (("A", "楼"),), "1201"),
        ("我家", (), ""),
        ("", (), ""),
    ],
)
def test_an_address_is_its_numbers_with_or_without_their_kind(
    typed: str, parts: tuple[tuple[str, str | None], ...], room: str
) -> None:
    found = addresses.read(typed)
    assert (found.parts, found.room) == (parts, room)


@pytest.mark.parametrize(
    ("typed", "room", "introduction"),
    [
        ("502 我是王芳", "502", "我是王芳"),
        ("502，我叫王芳13911112222", "502", "我叫王芳13911112222"),
        ("502 13911112222", "502", "13911112222"),
        ("3号楼2单元502 王芳", "502", "王芳"),
        ("502 電話13911112222", "502", "电话13911112222"),
        ("502", "502", None),
    ],
)
def test_what_follows_the_room_is_how_people_introduce_themselves(
    typed: str, room: str, introduction: str | None
) -> None:
    found = addresses.read(typed)
    assert (found.room, found.introduction) == (room, introduction)


def a_home(number: str, room: str, *, community: str, building: str, door: str) -> Place:
    line = (
        Unit(1, "S", "街道", "绿荫街道"),
        Unit(2, "C", "社区", community),
        Unit(3, "B", "楼", building),
        Unit(4, "D", "门", door),
    )
    return Place(line[-1], line, Household(int(number, 36), number, room))


HOMES = (
    a_home("T1", "502", community="通瑞社区", building="3号楼", door="2单元"),
    a_home("T2", "502", community="通瑞社区", building="3号楼", door="1单元"),
    a_home("T3", "502", community="北苑社区", building="3号楼", door="2单元"),
    a_home("T4", "502室", community="通瑞社区", building="2号楼", door="3单元"),
    a_home("T5", "1", community="北苑社区", building="A座", door="A座1单元"),
    a_home("t6", "502", community="北苑社区", building="13号楼", door="12单元"),
)


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("3号楼2单元502", {"T1", "T3"}),
        ("通瑞3号楼2单元502", {"T1"}),
        ("北苑社区3号楼2单元502", {"T3"}),
        ("通瑞社区 3-2-502", {"T1"}),
        ("2单元502", {"T1", "T3"}),
        ("3号楼502", {"T1", "T2", "T3"}),
        ("2号楼502", {"T4"}),
        ("2-3-502", {"T4"}),
        ("3-502", {"T1", "T2", "T3", "T4"}),
        ("502", {"T1", "T2", "T3", "T4", "t6"}),
        ("T6", {"t6"}),
        ("t6", {"t6"}),
        ("A座1单元1", {"T5"}),
        ("A-1-1", {"T5"}),
        ("4号楼2单元502", set()),
        ("3号楼2单元503", set()),
        ("2单元3号楼502", set()),
    ],
)
def test_an_address_means_the_homes_it_fits_and_no_other(typed: str, numbers: set[str]) -> None:
    found = fitting(addresses.read(typed), HOMES)
    assert {home.household.number for home in found if home.household} == numbers


@given(st.text(max_size=80))
def test_any_text_can_be_read_as_an_address(text: str) -> None:
    found = addresses.read(text)
    assert found.introduction is None or 0 < len(found.introduction) <= 40
    fitting(found, HOMES)
