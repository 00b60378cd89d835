"""The settings, from the environment or a `.env` file; docs/settings.md lists them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from clarion.audience.contact_table import ContactNames


class ContactSettings(BaseModel):
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


class TwilioSettings(BaseModel):
    """`sender` is a number in E.164 or the SID of a Messaging Service."""

    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    sender: str = ""
    api_key: str = ""
    api_secret: SecretStr = SecretStr("")
    rate_per_second: Annotated[Decimal, Field(gt=0)] = Decimal(10)


class SendgridSettings(BaseModel):
    """`event_public_key` verifies the event webhook, as SendGrid's settings show it (base64)."""

    api_key: SecretStr = SecretStr("")
    from_email: str = ""
    from_name: str = ""
    event_public_key: str = ""
    rate_per_second: Annotated[Decimal, Field(gt=0)] = Decimal(100)


class SandboxSettings(BaseModel):
    """How the sandbox behaves; rates are shares from 0 to 1, latencies are in milliseconds."""

    url: str = "http://127.0.0.1:8025"
    rate_per_second: Annotated[Decimal, Field(gt=0)] = Decimal(200)
    latency_ms: Annotated[int, Field(ge=0)] = 20
    callback_delay_ms: Annotated[int, Field(ge=0)] = 800
    failure_rate: Annotated[float, Field(ge=0, le=1)] = 0.03


class AudienceIndexSettings(BaseModel):
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
    uncertain_after_seconds: Annotated[int, Field(ge=1)] = 60
    never_left_after_seconds: Annotated[int, Field(ge=1)] = 300
    contacts: ContactSettings = ContactSettings()
    audience_index: AudienceIndexSettings = AudienceIndexSettings()
    twilio: TwilioSettings = TwilioSettings()
    sendgrid: SendgridSettings = SendgridSettings()
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
        if value:
            AnyHttpUrl(value)
        return value.rstrip("/")

    @property
    def base_url(self) -> str:
        """Where providers and browsers reach this Clarion; never taken from a request."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def uses_twilio(self) -> bool:
        return bool(self.twilio.account_sid)

    @property
    def uses_sendgrid(self) -> bool:
        return bool(self.sendgrid.api_key.get_secret_value())

    @property
    def is_https(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"
