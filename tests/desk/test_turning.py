"""转办 on a real database: from hand to hand, taken or decided above."""

from tests.town import Town


def test_it_goes_from_hand_to_hand_until_taken(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    town.says("王联络", f"上报 #{no}")
    town.says("张网格", f"上报 #{no} 要找物业公司")
    assert "没有转给" in town.says("林书记", f"转办 #{no} 张网格")
    town.all_hear()
    assert "钱社工" in town.says("林书记", f"转办 #{no} 钱社工 归你管")
    assert "归你管" in town.hears("钱社工")[0]
    assert "钱社工" in town.hears("居民")[0]
    assert (town.issue(no)["holder"], town.issue(no)["state"]) == ("钱社工", "waiting")
    town.says("钱社工", f"接单 #{no}")
    assert (town.issue(no)["state"], town.issue(no)["handed_over"]) == ("in_hand", 0)
    assert town.history(no)[-2:] == ["handed_over community", "accepted community"]
    assert not town.broken()


def test_three_times_without_anybody_taking_it_and_the_subdistrict_decides(town: Town) -> None:
    town.binds("居民", "A101", "王联络")
    no = town.opens("居民", "电梯坏了")
    for name in ("王联络", "张网格"):
        town.says(name, f"上报 #{no}")
    town.says("林书记", f"转办 #{no} 钱社工")
    town.says("钱社工", f"转办 #{no} 林书记")
    town.all_hear()
    assert "周专员" in town.says("林书记", f"转办 #{no} 钱社工")
    assert "转了三次" in town.hears("周专员")[0]
    issue = town.issue(no)
    assert (issue["tier"], issue["holder"], issue["state"]) == ("subdistrict", "周专员", "waiting")
    assert town.history(no)[-2:] == ["handed_over community", "escalated subdistrict"]
    town.says("周专员", f"转办 #{no} 高管理")
    assert town.issue(no)["holder"] == "高管理"
    assert not town.broken()
