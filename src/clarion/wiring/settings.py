"""The settings, from the environment or a `.env` file; docs/settings.md lists them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from clarion.audience.contact_table import ContactNames
from clarion.delivery.sending.wire import IN_FLIGHT, ON_THE_WAY
from clarion.providers.sandbox.settings import SANDBOX_SERVICE_NUMBER
from clarion.providers.smtp import Security
from clarion.providers.smtp.email import CONNECTIONS


class _Group(BaseModel):
    """Settings whose names begin alike; one that is misspelled is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class ContactSettings(_Group):
    """Names of the CRM's contacts table and its columns; an empty `workspace` means it has none."""

    table: str = "public.contacts"
    id: str = "id"
    workspace: str = "workspace_id"
    first_name: str = "first_name"
    last_name: str = "last_name"
    email: str = "email"
    phone_number: str = "phone_number"
    metadata: str = "metadata"

    def names(self) -> ContactNames:
        given = self.model_dump()
        return ContactNames(**{**given, "workspace": given["workspace"] or None})


#: What the ledger can keep of a rate.
Rate = Annotated[Decimal, Field(ge=Decimal("0.001"), le=1_000_000)]


Share = Annotated[float, Field(ge=0, le=1)]


def _http(value: str) -> str:
    if value:
        try:
            AnyHttpUrl(value)
        except ValidationError:
            raise ValueError(
                f"an address begins with http:// or https://, as https://clarion.example does; "
                f"{value!r} is none"
            ) from None
    return value.rstrip("/")


def named(senders: str) -> list[str]:
    """The senders in a setting that names one or several, separated by commas."""
    return [each for part in senders.split(",") if (each := part.strip())]


class TwilioSettings(_Group):
    """`sender` names one or several: numbers in E.164, or SIDs of Messaging Services.

    Both rates are of each sender.
    """

    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    sender: str = ""
    api_key: str = ""
    api_secret: SecretStr = SecretStr("")
    rate_per_second: Rate = Decimal(10)
    segments_per_second: Rate | None = None


class SendgridSettings(_Group):
    """`event_public_key` verifies the event webhook, as SendGrid's settings show it (base64)."""

    api_key: SecretStr = SecretStr("")
    from_email: str = ""
    from_name: str = ""
    event_public_key: str = ""
    rate_per_second: Rate = Decimal(100)


class SmtpSettings(_Group):
    """`port` None: the usual one of `security`. `connections` are of one worker."""

    host: str = ""
    port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    security: Security = Security.STARTTLS
    username: str = ""
    password: SecretStr = SecretStr("")
    from_email: str = ""
    from_name: str = ""
    rate_per_second: Rate = Decimal(50)
    connections: Annotated[int, Field(ge=1, le=500)] = CONNECTIONS

    @property
    def usual_port(self) -> int:
        return self.port or _USUAL_PORTS[self.security]


_USUAL_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class SandboxSettings(_Group):
    """How the sandbox behaves; rates are shares from 0 to 1, latencies are in milliseconds.

    `senders` as Twilio's; `fallback_url` is a second sandbox, which is fallen back to.
    """

    url: str = "http://127.0.0.1:8025"
    fallback_url: str = ""
    senders: str = SANDBOX_SERVICE_NUMBER
    rate_per_second: Rate = Decimal(200)
    segments_per_second: Rate | None = None
    latency_ms: Annotated[int, Field(ge=0)] = 20
    callback_delay_ms: Annotated[int, Field(ge=0)] = 800
    failure_rate: Share = 0.03
    open_rate: Share = 0.4
    click_rate: Share = 0.1
    machine_open_rate: Share = 0.3

    @field_validator("url", "fallback_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _http(value)


class AudienceIndexSettings(_Group):
    """The contacts in the memory of each API process, for counts in milliseconds."""

    enabled: bool = True
    memory_mb: Annotated[int, Field(ge=1)] = 2_000


class Settings(BaseSettings):
    """Nested ones are written with two underscores: TWILIO__ACCOUNT_SID, CONTACTS__TABLE."""

    model_config = SettingsConfigDict(env_file=".env", env_nested_delimiter="__", extra="ignore")

    database_url: str = Field(default="", repr=False)
    data_folder: Path = Path(".clarion")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8_010
    public_url: str = ""
    secret: SecretStr = SecretStr("")
    queue_service_url: str = ""
    crm_callback_base_url: str = ""
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = 6
    worker_in_flight: Annotated[int, Field(ge=1, le=20_000)] = IN_FLIGHT
    worker_on_the_way: Annotated[int, Field(ge=1, le=1_000)] = ON_THE_WAY
    worker_health_port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    metrics_token: SecretStr = SecretStr("")
    log_format: Literal["text", "json"] = "text"
    uncertain_after_seconds: Annotated[int, Field(ge=1)] = 60
    never_left_after_seconds: Annotated[int, Field(ge=1)] = 300
    contacts: ContactSettings = ContactSettings()
    audience_index: AudienceIndexSettings = AudienceIndexSettings()
    twilio: TwilioSettings = TwilioSettings()
    twilio_fallback: TwilioSettings = TwilioSettings()
    sendgrid: SendgridSettings = SendgridSettings()
    sendgrid_fallback: SendgridSettings = SendgridSettings()
    smtp: SmtpSettings = SmtpSettings()
    sandbox: SandboxSettings = SandboxSettings()

    @model_validator(mode="before")
    @classmethod
    def _without_empty_ones(cls, given: dict[str, Any]) -> dict[str, Any]:
        """An empty variable is one that is not set, save where empty means something."""
        kept = {name: value for name, value in given.items() if value != ""}
        for name, value in kept.items():
            if isinstance(value, dict):
                kept[name] = {
                    inner: each
                    for inner, each in value.items()
                    if each != "" or (name, inner) == ("contacts", "workspace")
                }
        return kept

    @field_validator("public_url", "queue_service_url", "crm_callback_base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _http(value)

    @field_validator("worker_on_the_way")
    @classmethod
    def _has_something_to_send(cls, value: int, info: ValidationInfo) -> int:
        """Without its own limit, when that was refused itself."""
        held = info.data.get("worker_in_flight", value)
        if value > held:
            raise ValueError(
                f"a worker that may hold {held:,} messages (WORKER_IN_FLIGHT) never has {value:,} "
                "of them under way"
            )
        return value

    @property
    def own_url(self) -> str:
        """Where the API listens on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Where providers and browsers reach this Clarion; never taken from a request."""
        return self.public_url or self.own_url

    @property
    def uses_twilio(self) -> bool:
        return bool(self.twilio.account_sid)

    @property
    def uses_sendgrid(self) -> bool:
        return bool(self.sendgrid.api_key.get_secret_value())

    @property
    def uses_smtp(self) -> bool:
        return bool(self.smtp.host)

    @property
    def is_https(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"
