"""Folders for what is costly to make, named by the contents of what it is made from."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from .environment import CACHE


def folder(name: str, sources: list[Path]) -> Path:
    """build/benchmark/<name>-<digest>; those of other contents are removed."""
    digest = hashlib.sha256()
    for source in sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.read_bytes())
    path = CACHE / f"{name}-{digest.hexdigest()[:16]}"
    for old in CACHE.glob(f"{name}-{'?' * 16}"):
        if old != path:
            shutil.rmtree(old)
    path.mkdir(parents=True, exist_ok=True)
    return path
