"""Who is calling: one-time links, signed sessions and tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from clarion.db.connection import Connection
from clarion.db.queries import load_queries
from clarion.kernel.actor import Actor, Role, WorkspaceId
from clarion.kernel.errors import NotSignedIn

queries = load_queries(__file__)

COOKIE = "clarion_session"
SESSION_LASTS = timedelta(days=14)
LINK_LASTS = timedelta(hours=12)

_ALGORITHM = "HS256"
_AUDIENCE = "clarion"


def sign(actor: Actor, *, secret: str, now: datetime, lasts: timedelta) -> str:
    """A token that says who the bearer is, for the cookie and for scripts alike."""
    claims: dict[str, Any] = {
        "aud": _AUDIENCE,
        "sub": actor.id,
        "name": actor.name,
        "role": actor.role.value,
        "workspace": str(actor.workspace_id),
        "iat": now,
        "exp": now + lasts,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read(token: str, *, secret: str) -> Actor:
    """Raises NotSignedIn for a token that is not ours, or no longer good."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["exp", "sub", "aud"]},
        )
        return Actor(
            workspace_id=WorkspaceId(UUID(claims["workspace"])),
            id=claims["sub"],
            name=claims["name"],
            role=Role(claims["role"]),
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotSignedIn("Sign in again: this session has ended.") from error


async def make_link_token(connection: Connection, actor: Actor, *, now: datetime) -> str:
    """For one sign-in; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    await queries.add_link(
        connection,
        token_hash=_hash(token),
        workspace_id=actor.workspace_id,
        actor_id=actor.id,
        actor_name=actor.name,
        role=actor.role,
        expires_at=now + LINK_LASTS,
    )
    return token


async def use_link_token(connection: Connection, token: str, *, now: datetime) -> Actor:
    """Raises NotSignedIn for a link that was used, is over, or never was."""
    row = await queries.use_link(connection, token_hash=_hash(token), now=now)
    if row is None:
        raise NotSignedIn(
            "This sign-in link was used or has expired. `clarion token --link` makes a new one."
        )
    return Actor(
        workspace_id=WorkspaceId(row["workspace_id"]),
        id=row["actor_id"],
        name=row["actor_name"],
        role=Role(row["role"]),
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
