"""The picture in the README: `python -m tests.stories.screenshot docs/screenshot.png`.

Plays the story on the real page until one report is answered and another has climbed.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect

from tests.stories.district import Pace
from tests.stories.stage import Stage, a_browser, a_run, a_stage

PACE = Pace(answer="8s", answer_above="20s")
_LOOK_MS = 4000


def main(picture: Path) -> None:
    """Takes the picture; about a minute."""
    with (
        TemporaryDirectory() as folder,
        a_browser() as browser,
        a_run(Path(folder), PACE) as url,
        a_stage(browser, url) as stage,
    ):
        play(stage)
        stage.page.mouse.move(0, 0)
        stage.page.wait_for_timeout(_LOOK_MS)
        picture.parent.mkdir(parents=True, exist_ok=True)
        stage.page.screenshot(path=picture)
    sys.stdout.write(f"{picture}: {picture.stat().st_size // 1024} KB\n")


def play(stage: Stage) -> None:
    stage.all_get_ready()
    stage.demonstrates()
    lift = stage.number_in(stage.hears("resident1", "收到了", "前答复您"))
    stage.hears("liaison", "新诉求", "电梯坏了")
    stage.says("liaison", f"{lift} 师傅十分钟到，我在楼下等着")
    stage.hears("resident1", "师傅十分钟到")
    expect(stage.row(lift)).to_contain_text("处理中")
    stage.says("resident2", "停水了，什么时候来水？")
    water = stage.number_in(stage.hears("resident2", "收到了"))
    stage.is_at(water, "grid")
    stage.page.wait_for_timeout(_LOOK_MS)
    expect(stage.row(water)).to_have_attribute("data-tier", "community", timeout=60_000)
    stage.hears("community", "转到您这里", f"#{water}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
