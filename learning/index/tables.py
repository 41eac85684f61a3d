"""The texts that records hold as numbers: task, kind, language, configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from learning.index.codes import Codes
from learning.patterns.pattern import Configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

_BYTE, _SHORT = 255, 65_535


class Tables:
    """Numbers for texts, by field. One thread adds, any may look up."""

    def __init__(self, texts: Mapping[str, list[str]] | None = None) -> None:
        texts = texts or {}
        self.task = Codes(texts.get("task", ()), most=_SHORT)
        self.kind = Codes(texts.get("kind", ()), most=_BYTE)
        self.language = Codes(texts.get("language", ()), most=_BYTE)
        self._configuration = Codes(texts.get("configuration", ()), most=_SHORT)
        self.configurations: list[Configuration | None] = [None]
        """By number; None for what has none of its own."""
        for text in self._configuration.texts:
            self._append(text)

    def configuration(self, configuration: Configuration) -> int:
        """The number of ``configuration``, its weights aside."""
        text = json.dumps(
            [configuration.providers, configuration.mode, configuration.depth], ensure_ascii=False
        )
        number = self._configuration.number(text)
        if number == len(self.configurations):
            self._append(text)
        return number

    def texts(self) -> dict[str, list[str]]:
        """To make the same tables of."""
        return {
            "task": list(self.task.texts),
            "kind": list(self.kind.texts),
            "language": list(self.language.texts),
            "configuration": list(self._configuration.texts),
        }

    def _append(self, text: str) -> None:
        providers, mode, depth = json.loads(text)
        self.configurations.append(Configuration(tuple(providers), str(mode), int(depth)))
