"""Passwords and keys made once and kept in DATA_DIR, readable by their owner only.

Knows one file, `secrets.json`: names to texts. Does not know what a secret is for. Writing needs
the folder's claim (claim.py), reading does not.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

FILE = "secrets.json"


def kept(data_dir: Path, name: str, make: Callable[[], str]) -> str:
    """The text kept under `name`; the first time it is made by `make`, and safely on disk."""
    texts = all_kept(data_dir)
    if name not in texts:
        texts[name] = make()
        write_private(data_dir / FILE, json.dumps(texts, indent=2))
    return texts[name]


def all_kept(data_dir: Path) -> dict[str, str]:
    """Everything kept in `data_dir`; empty where nothing is, or it is not ours to read."""
    try:
        texts: dict[str, str] = json.loads((data_dir / FILE).read_text("utf-8"))
    except (FileNotFoundError, PermissionError):
        return {}
    return texts


def write_private(path: Path, text: str) -> None:
    """Replace `path` as a whole, mode 0600, surviving a loss of power."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
