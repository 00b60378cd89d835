from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import phonenumbers
import pytest

from clarion.audience.phone import PhoneProblem, normalise
from clarion.audience.sample import SampleContact, sample_contacts, sample_opt_outs

NOW = datetime(2026, 7, 1, 15, tzinfo=UTC)
COUNT = 5_000


@pytest.fixture(scope="module")
def contacts() -> list[SampleContact]:
    return list(sample_contacts(COUNT, now=NOW))


def share(part: int) -> float:
    return part / COUNT


def test_the_same_seed_makes_the_same_contacts(contacts: list[SampleContact]) -> None:
    assert list(sample_contacts(COUNT, now=NOW)) == contacts
    assert list(sample_contacts(10, seed=2, now=NOW)) != contacts[:10]


@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001])
def test_fewer_contacts_are_the_beginning_of_more(
    contacts: list[SampleContact], count: int
) -> None:
    assert list(sample_contacts(count, now=NOW)) == contacts[:count]


def test_some_have_no_phone_or_a_broken_one_or_somebody_elses(
    contacts: list[SampleContact],
) -> None:
    phones = [normalise(contact.phone_number, "US") for contact in contacts]
    problems = Counter(phone.problem for phone in phones)
    numbers = [phone.e164 for phone in phones if phone.e164]
    assert share(problems[PhoneProblem.NO_PHONE]) == pytest.approx(0.03, abs=0.01)
    assert share(problems[PhoneProblem.INVALID_PHONE]) == pytest.approx(0.02, abs=0.01)
    assert share(len(numbers) - len(set(numbers))) == pytest.approx(0.02, abs=0.01)


def test_no_number_is_a_subscribers_or_a_providers_magic_one(
    contacts: list[SampleContact],
) -> None:
    numbers = [normalise(contact.phone_number, "US").e164 for contact in contacts]
    assert all(number[5:8] == "555" for number in numbers if number)
    assert not any(number.startswith("+1500") for number in numbers if number)


def test_numbers_valid_by_the_library_stay_so_in_very_large_samples() -> None:
    many = islice(sample_contacts(60_000, now=NOW), 0, None, 7)
    seen = Counter(normalise(contact.phone_number, "US").problem for contact in many)
    assert seen[PhoneProblem.INVALID_PHONE] / seen.total() < 0.03


def test_phones_are_written_in_many_ways(contacts: list[SampleContact]) -> None:
    forms = Counter(
        "".join("9" if letter.isdigit() else letter for letter in contact.phone_number)
        for contact in contacts
        if contact.phone_number
    )
    assert len(forms) > 8
    assert forms.most_common(1)[0][0] == "(999) 999-9999"


def test_places_fit_together(contacts: list[SampleContact]) -> None:
    states: dict[str, set[str]] = {}
    for contact in contacts:
        states.setdefault(contact.metadata["market"], set()).add(contact.metadata["state"])
        assert len(contact.metadata["zip"]) == 5
        assert contact.metadata["zip"].isdigit()
        number = normalise(contact.phone_number, "US").e164
        if number and contact.metadata["market"] == "Austin" and number[2:5] != "512":
            assert phonenumbers.is_valid_number(phonenumbers.parse(number))
    assert all(len(found) == 1 for found in states.values())
    assert {c.metadata["zip"][0] for c in contacts if c.metadata["state"] == "NJ"} == {"0"}


def test_values_are_skewed_as_in_a_real_team(contacts: list[SampleContact]) -> None:
    markets = Counter(contact.metadata["market"] for contact in contacts).most_common()
    assert markets[0][1] > 8 * markets[-1][1]
    campaigns = sum("campaign_code" in contact.metadata for contact in contacts)
    assert share(campaigns) == pytest.approx(0.05, abs=0.015)
    recent = sum(contact.created_at > NOW - timedelta(days=365) for contact in contacts)
    assert share(recent) > 0.4


def test_times_follow_each_other(contacts: list[SampleContact]) -> None:
    for contact in contacts:
        assert NOW - timedelta(days=3 * 365) <= contact.created_at <= NOW
        contacted = contact.metadata.get("last_contacted_at")
        if contacted:
            assert contact.created_at - timedelta(seconds=1) <= datetime.fromisoformat(contacted)
            assert datetime.fromisoformat(contacted) <= NOW
        status = contact.metadata["appointment_status"]
        moment = contact.metadata.get("appointment_at")
        assert (moment is None) == (status == "none")
        if moment and status in {"completed", "no-show", "cancelled"}:
            assert datetime.fromisoformat(moment) < NOW


def test_fields_have_the_types_that_a_crm_has(contacts: list[SampleContact]) -> None:
    found: dict[str, set[type]] = {}
    for contact in contacts:
        for key, value in contact.metadata.items():
            found.setdefault(key, set()).add(type(value))
    assert found.pop("tags") == {list}
    assert found.pop("is_homeowner") == {bool}
    assert found.pop("credit_score") == {int}
    assert found.pop("loan_amount") == {int}
    assert set(found) == {
        "lead_source", "market", "product", "lead_status", "state", "zip", "city", "owner",
        "conversation_status", "appointment_status", "appointment_at", "last_contacted_at",
        "birthday", "preferred_language", "campaign_code",
    }  # fmt: skip
    assert set.union(*found.values()) == {str}


def test_names_and_addresses_are_nobodys(contacts: list[SampleContact]) -> None:
    emails = [contact.email for contact in contacts if contact.email]
    assert len(set(emails)) == len(emails)
    assert all(email.rpartition("@")[2].startswith("example.") for email in emails)
    assert all(email.isascii() for email in emails)
    assert any(not contact.last_name.isascii() for contact in contacts)


def test_some_have_opted_out(contacts: list[SampleContact]) -> None:
    known = {normalise(contact.phone_number, "US") for contact in contacts}
    opted_out = list(sample_opt_outs(contacts))
    assert share(len(opted_out)) == pytest.approx(0.02, abs=0.01)
    assert opted_out == list(sample_opt_outs(contacts))
    assert all(normalise(raw, "US") in known for raw in opted_out)


def test_a_million_contacts_are_made_while_one_waits() -> None:
    started = time.thread_time()
    list(sample_contacts(3_000, now=NOW))
    # 50,000 a second are asked for; a slow machine gets a wide margin.
    assert 3_000 / (time.thread_time() - started) > 15_000
