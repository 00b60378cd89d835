"""Signs as the vendors sign: Twilio's HMAC of address and form, SendGrid's ECDSA of the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from clarion.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterable


def twilio_signature(*, token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature (twilio.com/docs/usage/security): the address without its fragment,
    then each field's name and its values, sorted and without repetitions."""
    told = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class EventSigner:
    """SendGrid's key pair: ECDSA on P-256 with SHA-256. Raises Misconfigured for another key."""

    def __init__(self, pem: str | None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1()) if pem is None else _loaded(pem)

    @property
    def public_key(self) -> str:
        """Base64 of the DER SubjectPublicKeyInfo, as SendGrid's settings page shows it."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def sign(self, *, timestamp: str, body: bytes) -> str:
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        return base64.b64encode(signature).decode()


def _loaded(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise Misconfigured("The sandbox's SendGrid key is not a readable PEM key.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Misconfigured("The sandbox's SendGrid key is not an elliptic curve key.")
    return key
