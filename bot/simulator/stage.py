"""The page's stage: the cast with its phones, getting ready, and keeping all of it in a file.

Knows the order in which people get ready. Must not know HTTP or HTML.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.simulator import kept, transcript
from bot.simulator.bubbles import Via
from bot.simulator.cast import Part, Step
from bot.simulator.handset import Phone
from bot.simulator.keptmedia import folder_of, read_media, write_media
from bot.simulator.platform import Platform
from bot.simulator.strip import Strip

BETWEEN_STEPS = 0.35  # seconds, so that eyes can follow
LONGEST_PAUSE = 1.5  # seconds of silence in a replay
SAVE_EVERY = 0.5
ASK_EVERY = 1.0
CODE = re.compile(r"[A-Z0-9]{8,}")


@dataclass
class Marks:
    """How far a person got: steps done of both lists, and whether the note was used."""

    setup: int = 0
    later: int = 0
    note_used: bool = False


@dataclass
class Stage:
    """The cast on its phones. `file` None keeps nothing."""

    platform: Platform
    cast: list[Part]
    strip: Strip
    file: Path | None = None
    between: float = BETWEEN_STEPS
    phones: dict[str, Phone] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    readying: bool = False
    replaying: bool = False
    watchers: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        document = kept.read(self.file)
        kept.restore(self.platform, document)
        if self.file:
            folder, entries = folder_of(self.file), document.get("media", [])
            read_media(folder, self.platform.media, entries)
        for part in self.cast:
            self.phones[part.key] = kept.restore_phone(self.platform, part, document)
            self.marks[part.key] = Marks(**document.get("marks", {}).get(part.key, {}))

    def start(self) -> None:
        """Saves the openids, then starts saving, the URL check and asking for the strip."""
        self.save()
        for work in (self._keep_saving, self._keep_checking, self._keep_asking):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        """Ends the work of `start` and saves once more."""
        self._ended.set()
        self.save()

    def save(self) -> None:
        """Writes the file."""
        if self.file:
            marks = {key: vars(mark) for key, mark in self.marks.items()}
            with self._guard:
                with self.platform.lock:
                    media = list(self.platform.media.by_id.values())
                write_media(folder_of(self.file), media)
                kept.write(self.file, kept.dump(self.platform, self.phones, marks))

    def says(self, key: str, words: str) -> str | None:
        """The person sends words; a code from their note uses the note up."""
        part = next(part for part in self.cast if part.key == key)
        if any(code in words.upper() for code in CODE.findall(part.note)):
            self.marks[key].note_used = True
        return self.phones[key].says(words)

    def posters(self) -> list[dict[str, str]]:
        """The doors whose codes hang on the wall: scene and what is printed above the code."""
        doors: dict[str, str] = {}
        for part in self.cast:
            if part.scene:
                doors[part.scene] = doors.get(part.scene) or part.door
        return [
            {"scene": scene, "door": door or scene.removeprefix("door-")}
            for scene, door in doors.items()
        ]

    def ready(self) -> bool:
        """Whether everybody has done all their steps."""
        return all(
            self.marks[part.key].setup >= len(part.setup)
            and self.marks[part.key].later >= len(part.setup_later)
            for part in self.cast
        )

    def get_ready(self) -> bool:
        """Begins the steps not done yet, in another thread; False while it is under way."""
        with self._guard:
            if self.readying:
                return False
            self.readying = True
        threading.Thread(target=self._get_ready, daemon=True).start()
        return True

    def _get_ready(self) -> None:
        try:
            for name, steps_of in (("setup", _setup), ("later", _later)):
                for part in self.cast:
                    if not self._do_steps(part, name, steps_of(part)):
                        return
        finally:
            self.readying = False
            self.platform.stirred()

    def _do_steps(self, part: Part, name: str, steps: tuple[Step, ...]) -> bool:
        """Does what is left of a list; False when the account's program did not answer."""
        mark = self.marks[part.key]
        while (done := int(getattr(mark, name))) < len(steps):
            if self._ended.is_set() or not self._do(part, steps[done]):
                return False
            setattr(mark, name, done + 1)
            self.platform.stirred()
            time.sleep(self.between)
        return True

    def _do(self, part: Part, step: Step) -> bool:
        phone = self.phones[part.key]
        match step.do:
            case "scan":
                phone.scans(step.text or part.scene or "")
            case "follow":
                phone.follows()
            case _:
                phone.follows()
                self.says(part.key, step.text)
        return not (phone.screen and phone.screen[-1].via is Via.FAULT)

    def _keep_saving(self) -> None:
        saved = -1
        while not self._ended.wait(SAVE_EVERY):
            if (changes := self.platform.changes) != saved:
                self.save()
                saved = changes

    def _keep_checking(self) -> None:
        while not self.platform.check_url() and not self._ended.wait(ASK_EVERY):
            pass

    def _keep_asking(self) -> None:
        while not self._ended.wait(ASK_EVERY):
            if self.watchers and self.strip.refresh():
                self.platform.stirred()

    def watched(self, more: int) -> None:
        """Counts the pages that look on; nobody looking, the board is not asked."""
        with self._guard:
            self.watchers += more

    def replay(self, document: dict[str, Any]) -> bool:
        """Begins to do a transcript again, in another thread; False while one is under way."""
        with self._guard:
            if self.replaying:
                return False
            self.replaying = True
        threading.Thread(target=self._replay, args=(document,), daemon=True).start()
        return True

    def _replay(self, document: dict[str, Any]) -> None:
        try:
            transcript.replay(self.platform, _no_longer_than(document, LONGEST_PAUSE), pace=1.0)
        finally:
            self.replaying = False
            self.platform.stirred()


def _no_longer_than(document: dict[str, Any], pause: float) -> dict[str, Any]:
    """The same with every silence cut to so many seconds, for people who look on."""
    entries, before, after = [], 0.0, 0.0
    for entry in document["entries"]:
        after += min(pause, max(0.0, entry["after"] - before))
        before = entry["after"]
        entries.append({**entry, "after": after})
    return {**document, "entries": entries}


def _setup(part: Part) -> tuple[Step, ...]:
    return part.setup


def _later(part: Part) -> tuple[Step, ...]:
    return part.setup_later
