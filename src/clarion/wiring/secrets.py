"""What must stay secret and the same across restarts, kept in the data folder when not set."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clarion.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clarion.wiring.settings import Settings

_SHORTEST = 32


def signing_secret(settings: Settings) -> str:
    """Signs sign-in cookies, tokens and callback addresses. Raises Misconfigured."""
    problem = secret_problem(settings)
    if problem is not None:
        raise Misconfigured(problem)
    given = settings.secret.get_secret_value()
    return given or _kept(_secret_file(settings), lambda: secrets.token_urlsafe(48))


def secret_problem(settings: Settings) -> str | None:
    given = settings.secret.get_secret_value()
    if given and len(given) < _SHORTEST:
        return f"SECRET is too short: give {_SHORTEST} characters or more."
    return None


def has_secret(settings: Settings) -> bool:
    """Whether there is one already, that is set or was made before."""
    return bool(settings.secret.get_secret_value()) or _secret_file(settings).is_file()


def _secret_file(settings: Settings) -> Path:
    return settings.data_folder / "secret"


def sandbox_sendgrid_key(settings: Settings) -> str:
    """PEM of the key with which the sandbox signs e-mail events."""
    return _kept(settings.data_folder / "sandbox-sendgrid.pem", _new_key)


def sandbox_sendgrid_public_key(settings: Settings) -> str:
    """The public half, base64 as SendGrid shows it."""
    private = serialization.load_pem_private_key(
        sandbox_sendgrid_key(settings).encode(), password=None
    )
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "".join(pem.decode().splitlines()[1:-1])


def _new_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _kept(path: Path, make: Callable[[], str]) -> str:
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    value = make()
    # Readable by nobody else from its first byte on; whoever was faster wins.
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
    return value.strip()
