"""What the compiler decided, as data and as a table."""

from __future__ import annotations

import json
from typing import Any

from . import _sparse_opt


class Report(dict[str, Any]):
    """The report's JSON: `weights` and `operations` are lists of rows. As text it is a table."""

    def __init__(self, text: str):
        super().__init__(json.loads(text) or {})

    def __str__(self) -> str:
        return _sparse_opt.format_report(self.json())

    def json(self) -> str:
        return json.dumps(self, indent=2)
