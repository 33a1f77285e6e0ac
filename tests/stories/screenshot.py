"""The pictures in the README: `python -m tests.stories.screenshot docs`.

Plays the story on the real page, with a picture and a voice, until one report is answered and
another has climbed; then looks at it on a desk, on two phones, and with the console open.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect

from tests.stories.district import Pace
from tests.stories.stage import HEIGHT, WIDTH, Stage, a_browser, a_run, a_stage

PACE = Pace(answer="12s", answer_above="20s")
_LOOK_MS = 4000
_PHONE = (390, 844)
_PHONES = {"phone-resident": "resident1", "phone-liaison": "liaison"}


def main(folder: Path) -> None:
    """Takes the pictures; about a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as temporary,
        a_browser() as browser,
        a_run(Path(temporary), PACE) as url,
        a_stage(browser, url) as stage,
    ):
        answers(stage)
        stage.page.set_viewport_size({"width": _PHONE[0], "height": _PHONE[1]})
        for name, key in _PHONES.items():
            stage.turns_to(key)
            take(stage, folder / f"{name}.png")
        stage.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        climbs(stage)
        take(stage, folder / "screenshot.png")
        stage.page.get_by_role("button", name="控制台").click()
        stage.page.evaluate("document.querySelector('#phones').scrollLeft = 0")
        take(stage, folder / "console.png")


def take(stage: Stage, picture: Path) -> None:
    stage.page.evaluate("document.activeElement?.blur()")
    stage.page.mouse.move(0, 0)
    stage.page.wait_for_timeout(_LOOK_MS / 4)
    stage.page.screenshot(path=picture)
    sys.stdout.write(f"{picture}: {picture.stat().st_size // 1024} KB\n")


def answers(stage: Stage) -> None:
    """A report with a picture, answered in words and by voice."""
    stage.all_get_ready()
    stage.demonstrates()
    lift = stage.number_in(stage.hears("resident1", "收到了", "前答复您"))
    stage.hears("liaison", "新诉求", "电梯坏了")
    stage.shows("resident1", "image")
    stage.says("liaison", f"{lift} 师傅十分钟到，我在楼下等着")
    stage.hears("resident1", "师傅十分钟到")
    expect(stage.row(lift)).to_contain_text("处理中")
    expect(stage.phone("liaison").locator(".by-chat .picture img")).to_be_visible(timeout=20_000)
    stage.says("liaison", f"{lift}")
    stage.hears("liaison", "接着发的一条")
    stage.speaks("liaison", 4)
    expect(stage.phone("resident1").locator(".by-chat .voice")).to_be_visible(timeout=20_000)


def climbs(stage: Stage) -> None:
    """Another that nobody answers, until the community has it."""
    stage.says("resident2", "停水了，什么时候来水？")
    water = stage.number_in(stage.hears("resident2", "收到了"))
    stage.is_at(water, "grid")
    expect(stage.row(water)).to_have_attribute("data-tier", "community", timeout=60_000)
    stage.hears("community", "转到您这里", f"#{water}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
