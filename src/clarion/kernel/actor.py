"""Who acts, and in which workspace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

WorkspaceId = NewType("WorkspaceId", UUID)

#: The workspace that `clarion migrate` makes, and the one of a contacts table without workspaces.
DEFAULT_WORKSPACE = WorkspaceId(UUID("00000000-0000-4000-8000-000000000001"))


class Role(StrEnum):
    ADMIN = "admin"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a script on whose behalf a request runs."""

    workspace_id: WorkspaceId
    id: str
    name: str
    role: Role
