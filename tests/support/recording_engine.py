"""An engine of the queue that keeps what was asked of it and runs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.db.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    task: str
    at: datetime | None
    once: str | None
    alone: str | None
    arguments: dict[str, Any]


@dataclass
class RecordingEngine:
    asked: list[Asked] = field(default_factory=list)

    async def defer(
        self,
        connection: Connection,
        task: str,
        *,
        at: datetime | None = None,
        once: str | None = None,
        alone: str | None = None,
        **arguments: Any,
    ) -> None:
        del connection
        self.asked.append(Asked(task=task, at=at, once=once, alone=alone, arguments=arguments))

    def tasks(self) -> list[str]:
        return [each.task for each in self.asked]

    def forget(self) -> None:
        self.asked.clear()
