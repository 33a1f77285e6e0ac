"""Yesterday's pictures, voices and films: one file each in a folder beside the state.

Knows which files belong to which medium. Must not know phones, nor when to save.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from bot.simulator.media import MediaStore, Medium

PLAYED = ".played"


def folder_of(state: Path) -> Path:
    """Where the media of this state file lie."""
    return state.with_name(f"{state.stem}.media")


def described(media: MediaStore) -> list[dict[str, Any]]:
    """Everything about the media but their bytes, as JSON values."""
    return [
        {"id": one.media_id, "kind": one.kind, "at": one.made_at, "seconds": one.seconds}
        for one in media.by_id.values()
    ]


def write_media(folder: Path, media: list[Medium]) -> None:
    """Writes what is new, removes what is no longer there; readable by the owner only."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lying = {path.name for path in folder.iterdir()}
    wanted = {one.media_id: one.data for one in media}
    wanted |= {one.media_id + PLAYED: one.played for one in media if one.played}
    for name in wanted.keys() - lying:
        (folder / name).write_bytes(wanted[name])
    for name in lying - wanted.keys():
        (folder / name).unlink()


def read_media(folder: Path, media: MediaStore, entries: list[dict[str, Any]]) -> None:
    """Puts back what is described and lies there."""
    for entry in entries:
        file, played = folder / entry["id"], folder / (entry["id"] + PLAYED)
        if file.exists():
            made_at = datetime.fromisoformat(entry["at"])
            sound = played.read_bytes() if played.exists() else b""
            data, seconds = file.read_bytes(), entry["seconds"]
            media.keep(Medium(entry["id"], entry["kind"], data, made_at, seconds, sound))
