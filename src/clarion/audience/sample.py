"""Makes up contacts of an American sales team, the same ones for the same seed.

Nobody real is reached: addresses end in example.com and its like, and the first 10,000 numbers of
each area code lie in its exchange 555, where no subscriber is. Larger sets need further exchanges
and are for the sandbox only.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_T = TypeVar("_T")

_CHUNK = 1_000
_HISTORY = timedelta(days=3 * 365)
_PER_EXCHANGE = 10_000
#: 555 first; then those that are no service code (N11) and not reserved.
_EXCHANGES = (555, *(e for e in range(220, 999) if e % 100 != 11 and e not in {555, 950, 976}))  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleContact:
    first_name: str
    last_name: str
    email: str | None
    phone_number: str | None
    metadata: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    name: str
    state: str
    cities: tuple[str, ...]
    zips: tuple[str, ...]  # the first three digits
    areas: tuple[str, ...]
    owners: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _weighted(text: str) -> tuple[list[str], list[float]]:
    """Values and cumulative weights of "Web form 30, Referral 18"."""
    pairs = [entry.strip().rsplit(" ", 1) for entry in text.split(",")]
    return [value for value, _ in pairs], list(accumulate(float(weight) for _, weight in pairs))


# name | state | cities | zips | area codes | weight
_MARKET_LINES = """
Phoenix|AZ|Phoenix,Mesa,Chandler,Scottsdale,Glendale|850,852,853|602,480,623|13
Dallas-Fort Worth|TX|Dallas,Fort Worth,Plano,Arlington,Frisco|750,752,761|214,972,817,469|12
Houston|TX|Houston,Katy,Sugar Land,The Woodlands|770,773,774|713,281,832|10
Tampa Bay|FL|Tampa,St. Petersburg,Clearwater,Brandon|336,337,335|813,727|9
Los Angeles|CA|Los Angeles,Long Beach,Pasadena,Burbank|900,908,911|213,310,818,562,626|9
Orlando|FL|Orlando,Kissimmee,Sanford|328,347,327|407,321|7
Austin|TX|Austin,Round Rock,Cedar Park|787,786|512,737|7
San Diego|CA|San Diego,Chula Vista,Escondido|921,919,920|619,858,760|6
Las Vegas|NV|Las Vegas,Henderson,North Las Vegas|891,890|702,725|6
Denver|CO|Denver,Aurora,Lakewood,Arvada|802,800|303,720|5
Atlanta|GA|Atlanta,Marietta,Alpharetta,Decatur|303,300|404,770,678|5
Charlotte|NC|Charlotte,Concord,Gastonia|282,280|704,980|4
Northern New Jersey|NJ|Hoboken,Newark,Jersey City,Paterson|070,071,073,075|201,973,908|4
Chicago|IL|Chicago,Naperville,Aurora,Evanston|606,605,602|312,773,630,847|4
Boston|MA|Boston,Cambridge,Quincy,Somerville|021,022|617,857,781|3
Sacramento|CA|Sacramento,Elk Grove,Roseville|958,957,956|916,279|3
Nashville|TN|Nashville,Franklin,Murfreesboro|372,370,371|615,629|2
Columbus|OH|Columbus,Dublin,Westerville|432,430|614,380|2
Hartford|CT|Hartford,New Britain,Bristol|061,060|860|1.5
Salt Lake City|UT|Salt Lake City,Sandy,West Jordan|841,840|801,385|1.5
Providence|RI|Providence,Cranston,Warwick|029,028|401|1
Portland|ME|Portland,Biddeford,Saco|041,040|207|0.6
Honolulu|HI|Honolulu,Kailua,Pearl City|968,967|808|0.6
"""
_OWNERS = _listed(
    "Maya Torres,Jake Whitman,Priya Nair,Derek Olson,Brianna Cole,Marcus Reed,Sofia Delgado,"
    "Tyler Brooks,Hannah Kim,Andre Wallace,Kelsey Grant,Luis Ortega"
)

_FIRST = _listed(
    "James,Mary,Michael,Patricia,Robert,Jennifer,John,Linda,David,Elizabeth,William,Barbara,Richard,"
    "Susan,Joseph,Jessica,Thomas,Karen,Christopher,Sarah,Daniel,Lisa,Matthew,Nancy,Anthony,Ashley,"
    "Mark,Sandra,Steven,Emily,Andrew,Donna,Paul,Michelle,Joshua,Carol,Kenneth,Amanda,Kevin,Melissa,"
    "Brian,Deborah,Timothy,Stephanie,Ronald,Rebecca,Jason,Laura,Jeffrey,Helen,Ryan,Sharon,Jacob,"
    "Cynthia,Gary,Kathleen,Nicholas,Amy,Eric,Angela,Jonathan,Shirley,Larry,Brenda,Justin,Emma,"
    "Scott,Anna,Brandon,Nicole,Benjamin,Samantha,Gregory,Katherine,Raymond,Christine,Tyrone,Keisha,"
    "Jerome,Latoya,Darnell,Tamika,Imani,Malik,Aaliyah,DeShawn,Kayla,Logan,Madison,Hunter"
)
_LAST = _listed(
    "Smith,Johnson,Williams,Brown,Jones,Miller,Davis,Wilson,Anderson,Taylor,Thomas,Moore,Jackson,"
    "Martin,Lee,Thompson,White,Harris,Clark,Lewis,Robinson,Walker,Young,Allen,King,Wright,Scott,Hill,"
    "Green,Adams,Baker,Nelson,Hall,Campbell,Mitchell,Carter,Roberts,Phillips,Evans,Turner,Parker,"
    "Collins,Edwards,Stewart,Morris,Murphy,Cook,Rogers,Morgan,Cooper,Peterson,Reed,Bailey,Bell,"
    "Kelly,Howard,Ward,Cox,Richardson,Wood,Watson,Brooks,Bennett,Gray,Hughes,Price,Myers,Long,"
    "Foster,Sanders,Ross,Powell,Sullivan,Russell,Jenkins,Perry,Butler,Barnes,Fisher,O'Brien,"
    "O'Connor,McDonald,Washington,Jefferson,Freeman,Booker,Van Dyke,St. Clair,Smith-Jones"
)
# first names | last names | language of those who prefer it | share who do | weight
_NAME_GROUPS = (
    (_FIRST, _LAST, "en", 0.0, 70.0),
    (
        _listed(
            "José,María,Luis,Guadalupe,Carlos,Sofía,Jesús,Ana,Miguel,Lucía,Juan,Inés,Andrés,Rosa,Ángel,"
            "Verónica,Raúl,Carmen,Héctor,Mónica,Diego,Camila"
        ),
        _listed(
            "García,Rodríguez,Martínez,Hernández,López,González,Pérez,Sánchez,Ramírez,Torres,Flores,"
            "Rivera,Gómez,Díaz,Reyes,Cruz,Morales,Ortiz,Gutiérrez,Núñez,Peña"
        ),
        "es",
        0.45,
        19.0,
    ),
    (
        _listed("Minh,Linh,Anh,Tuấn,Hương,Đức,Thảo,Quang,Mai,Huy"),
        _listed("Nguyễn,Trần,Lê,Phạm,Hoàng,Võ,Đặng,Bùi"),
        "vi",
        0.3,
        3.0,
    ),
    (
        _listed("Priya,Raj,Anjali,Arjun,Neha,Wei,Mei,Jin,Soo-Jin,Hiro,Yuki,Fatima,Omar,Layla"),
        _listed("Patel,Singh,Shah,Kumar,Chen,Wang,Li,Kim,Park,Tanaka,Khan,Ali,Hassan"),
        "en",
        0.0,
        5.0,
    ),
    (
        _listed("Zoë,Siân,Björn,Chloé,François,Jürgen,Łukasz,Søren,Noël,Renée,Seán,Zsófia"),
        _listed("Müller,Dvořák,Nowak,Lindström,Lefèvre,Jørgensen,Ó Súilleabháin,Šimić,Björk"),
        "en",
        0.0,
        2.5,
    ),
    (_listed("伟,芳,娜,秀英,敏,静"), _listed("李,王,张,刘,陈"), "zh", 0.8, 0.5),
)
_GROUP_WEIGHTS = list(accumulate(group[4] for group in _NAME_GROUPS))

_SOURCES = _weighted(
    "Facebook Ads 27, Website form 21, Google Ads 16, Referral 12, Door knocking 8, Angi 6, "
    "Zillow 4, Home show 3, Radio 2, Direct mail 1"
)
_STATUSES = _weighted(
    "New 24, Attempted contact 21, Contacted 18, Qualified 12, Proposal sent 8, Won 7, Lost 8, "
    "Do not pursue 2"
)
_PRODUCTS = _weighted(
    "Solar panels 26, Roof replacement 18, Home insurance 14, Mortgage refinance 12, "
    "Home purchase loan 8, Auto insurance 8, HVAC 6, Windows 5, Battery storage 3"
)
_CONVERSATIONS = _weighted("none 38, waiting for reply 25, replied 17, open 12, closed 8")
_APPOINTMENTS = _weighted(
    "none 58, scheduled 14, confirmed 8, completed 11, no-show 5, cancelled 4"
)
_TAGS = _weighted(
    "homeowner 20, hot lead 14, call back 13, price sensitive 12, spanish 6, veteran 5, "
    "high bill 11, storm damage 7, referral partner 2, nurture 10"
)
_CAMPAIGNS = _weighted("SUMMER26 40, STORM-TX 25, REFI-Q3 20, VIP 10, TEST 5")
_FORMATS = _weighted(
    "({a}) {x}-{l} 38;{a}-{x}-{l} 21;{a}{x}{l} 16;+1{a}{x}{l} 9;+1 {a}-{x}-{l} 5;1-{a}-{x}-{l} 4;"
    "{a}.{x}.{l} 3;({a}){x}-{l} 2;1 {a} {x} {l} 1.5;{a}-{x}-{l} ext. 12 0.5".replace(";", ",")
)
#: What does not depend on the place or the person.
_INDEPENDENT = (_SOURCES, _STATUSES, _PRODUCTS, _CONVERSATIONS, _APPOINTMENTS, _FORMATS)
_INVALID = ("{x}-{l}", "({a}) {x}-01", "000-000-0000", "123456789", "N/A", "{a} 055 {l}", "unknown")
_DOMAINS = ("example.com", "example.com", "example.com", "example.org", "example.net")
_LENT = frozenset({"Mortgage refinance", "Home purchase loan"})
_OWNED = frozenset({"Solar panels", "Roof replacement", "Battery storage", "Home insurance"})


def _markets() -> tuple[list[_Market], list[float]]:
    markets, weights = [], []
    for place, line in enumerate(_MARKET_LINES.split("\n")[1:-1]):
        name, state, cities, zips, areas, weight = line.split("|")
        owners = tuple(_OWNERS[(place * 2 + turn) % len(_OWNERS)] for turn in (0, 0, 0, 1, 1, 2))
        markets.append(
            _Market(
                name=name,
                state=state,
                cities=_listed(cities),
                zips=_listed(zips),
                areas=_listed(areas),
                owners=owners,
            )
        )
        weights.append(float(weight))
    return markets, list(accumulate(weights))


_MARKETS, _MARKET_WEIGHTS = _markets()


def sample_contacts(count: int, *, seed: int = 1, now: datetime) -> Iterator[SampleContact]:
    """Fewer contacts are the beginning of more: the first 10 of 1,000 are the 10 of 10.

    About 3 % have no phone, 2 % one that is invalid in the United States, 2 % somebody else's.
    `now` must be aware; nothing but planned appointments lies after it.
    """
    maker = _Maker(seed, now)
    made = 0
    while made < count:
        yield from maker.chunk(made)[: count - made]
        made += _CHUNK


def sample_opt_outs(contacts: Iterable[SampleContact], *, seed: int = 1) -> Iterator[str]:
    """About 2 % of the contacts' phones as a carrier's list might spell them."""
    chance = Random(f"opt-outs {seed}")  # noqa: S311 -- made-up people
    for contact in contacts:
        if contact.phone_number and chance.random() < 0.02:  # noqa: PLR2004
            yield contact.phone_number.replace("(", "").replace(") ", "-")


class _Maker:
    def __init__(self, seed: int, now: datetime) -> None:
        self._random = Random(seed)  # noqa: S311 -- made-up people
        self._now = now
        self._numbers: list[tuple[str, str, str]] = []
        self._used: dict[str, int] = {}

    def chunk(self, first: int) -> list[SampleContact]:
        draw = self._random.choices
        markets = draw(_MARKETS, cum_weights=_MARKET_WEIGHTS, k=_CHUNK)
        groups = draw(_NAME_GROUPS, cum_weights=_GROUP_WEIGHTS, k=_CHUNK)
        words = zip(
            *(draw(values, cum_weights=weights, k=_CHUNK) for values, weights in _INDEPENDENT),
            strict=True,
        )
        return [
            self._contact(first + place, *drawn)
            for place, drawn in enumerate(zip(markets, groups, words, strict=True))
        ]

    def _contact(
        self,
        place: int,
        market: _Market,
        group: tuple[Sequence[str], Sequence[str], str, float, float],
        words: tuple[str, ...],
    ) -> SampleContact:
        chance = self._random.random
        source, status, product, conversation, appointment, form = words
        first_names, last_names, language, speaks_it, _ = group
        first_name, last_name = _pick(first_names, chance()), _pick(last_names, chance())
        # Newer contacts are more frequent: the team grows.
        age = _HISTORY * chance() ** 1.6
        owns = chance() < (0.93 if product in _OWNED else 0.55)
        metadata: dict[str, Any] = {
            "lead_source": source,
            "market": market.name,
            "product": product,
            "lead_status": status,
            "state": market.state,
            "city": market.cities[int(len(market.cities) * chance() ** 1.7)],
            "zip": f"{_pick(market.zips, chance())}{int(chance() * 100):02d}",
            "owner": _pick(market.owners, chance()),
            "is_homeowner": owns,
            "preferred_language": language if chance() < speaks_it else "en",
            "credit_score": min(850, max(480, int(self._random.gauss(695, 72)))),
        }
        if status != "New" and conversation != "none":
            metadata["conversation_status"] = conversation
            metadata["last_contacted_at"] = (self._now - age * chance()).isoformat(
                timespec="seconds"
            )
        else:
            metadata["conversation_status"] = "none"
        self._add_sometimes(metadata, product, age, "none" if status == "New" else appointment)
        return SampleContact(
            first_name=first_name,
            last_name=last_name,
            email=_email(first_name, last_name, place, chance()),
            phone_number=self._phone(market, form),
            metadata=metadata,
            created_at=self._now - age,
        )

    def _add_sometimes(
        self, metadata: dict[str, Any], product: str, age: timedelta, appointment: str
    ) -> None:
        chance = self._random.random
        metadata["appointment_status"] = appointment
        if appointment in {"scheduled", "confirmed"}:
            moment = self._now + timedelta(days=14) * chance()
        else:
            # A day at least: the hour is set below and must not lie ahead.
            moment = self._now - timedelta(days=1) - age * chance()
        if appointment != "none":
            moment = moment.replace(hour=9 + int(chance() * 9), minute=0, second=0, microsecond=0)
            metadata["appointment_at"] = moment.isoformat()
        if product in _LENT:
            metadata["loan_amount"] = 500 * int(150 + 1_250 * chance() ** 1.8)
        if chance() < 0.6:  # noqa: PLR2004
            born = datetime(1940, 1, 1) + timedelta(days=int(chance() * 23_000))  # noqa: DTZ001
            metadata["birthday"] = born.date().isoformat()
        if chance() < 0.5:  # noqa: PLR2004
            drawn = self._random.choices(_TAGS[0], cum_weights=_TAGS[1], k=1 + int(chance() * 3))
            metadata["tags"] = list(dict.fromkeys(drawn))
        if chance() < 0.05:  # noqa: PLR2004
            metadata["campaign_code"] = _pick(_CAMPAIGNS[0], chance() ** 2)

    def _phone(self, market: _Market, form: str) -> str | None:
        share = self._random.random()
        if share < 0.03:  # noqa: PLR2004
            return None
        if share < 0.05 and self._numbers:  # noqa: PLR2004
            area, exchange, line = _pick(self._numbers, self._random.random())
        else:
            area, exchange, line = self._new_number(_pick(market.areas, self._random.random()))
        if share > 0.98:  # noqa: PLR2004
            form = _pick(_INVALID, self._random.random())
        return form.format(a=area, x=exchange, l=line)

    def _new_number(self, area: str) -> tuple[str, str, str]:
        used = self._used.get(area, 0)
        self._used[area] = used + 1
        exchange = _EXCHANGES[used // _PER_EXCHANGE % len(_EXCHANGES)]
        # 7,919 is prime to 10,000: every line comes once before one comes again.
        line = (used * 7_919 + int(area) * 37) % _PER_EXCHANGE
        number = area, str(exchange), f"{line:04d}"
        if len(self._numbers) < _CHUNK:
            self._numbers.append(number)
        else:
            self._numbers[used % _CHUNK] = number
        return number


def _pick(values: Sequence[_T], share: float) -> _T:
    return values[int(share * len(values))]


def _email(first_name: str, last_name: str, place: int, share: float) -> str | None:
    if share < 0.06:  # noqa: PLR2004
        return None
    name = f"{first_name}.{last_name}".lower()
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    name = "".join(letter for letter in name if letter.isalnum() or letter == ".").strip(".")
    return f"{name or 'contact'}{place}@{_pick(_DOMAINS, share)}"
