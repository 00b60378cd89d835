"""A business that uses Clarion, with what holds for all its broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import time
    from decimal import Decimal

    from clarion.kernel.actor import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """`phone_region` reads numbers written without a country; the price is in `currency`.

    Messages leave from `sending_from` until `sending_until`, by the clock of the step's time zone;
    both None: at any hour. The company's name and address stand at the end of each mail.
    """

    id: WorkspaceId
    name: str
    time_zone: str
    currency: str
    phone_region: str
    sms_price_per_segment: Decimal
    sending_from: time | None
    sending_until: time | None
    company_name: str
    postal_address: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
