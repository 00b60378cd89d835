"""The commands as a person runs them, and what they say."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from clarion.cli.main import main
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.wiring.settings import Settings
from support.processes import free_port
from support.serving import client_of, count, serving

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a secret that only the tests know, and no more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, in one line each, and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def clarion_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `clarion …` in an empty folder, with these variables and no others."""
    monkeypatch.chdir(tmp_path)
    for name in list(Settings.model_fields):
        monkeypatch.delenv(name.upper(), raising=False)

    def run(*arguments: str, **variables: str) -> Said:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["clarion", *arguments])
            for name, value in variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        printed = capsys.readouterr()
        code = ended.value.code
        assert "Traceback" not in printed.err
        return Said(
            code=code if isinstance(code, int) else 0,
            out=" ".join(printed.out.split()),
            err=" ".join(printed.err.split()),
        )

    return run


def test_help_lists_the_commands(clarion_command: Run) -> None:
    said = clarion_command("--help")
    assert said.code == 0
    for command in ("up", "api", "worker", "sandbox", "migrate", "check", "token", "contacts"):
        assert f" {command} " in said.out
    assert "server" not in said.out


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", "PORT: Input should be a valid integer"),
        ("PORT", "0", "PORT: Input should be greater than or equal to 1"),
        ("PUBLIC_URL", "crm.test", "PUBLIC_URL: an address begins with http:// or https://"),
        ("SANDBOX__FAILURE_RATE", "2", "SANDBOX__FAILURE_RATE: Input should be less than"),
        ("TWILIO__RATE_PER_SECOND", "0", "TWILIO__RATE_PER_SECOND: Input should be greater"),
        ("TWILIO__SENDERS", "+15125550100", "TWILIO__SENDERS: there is no such setting"),
    ],
)
def test_a_wrong_setting_is_a_sentence_that_names_it(
    clarion_command: Run, name: str, value: str, words: str
) -> None:
    said = clarion_command("check", **{name: value})
    assert said.code == 1
    assert "The settings are not right:" in said.err
    assert words in said.err


def test_without_a_database_the_person_is_told_what_to_do(clarion_command: Run) -> None:
    said = clarion_command("check")
    assert said.code == 1
    assert "set DATABASE_URL, or start `clarion up`" in said.err


def test_check_says_that_the_database_cannot_be_reached(clarion_command: Run) -> None:
    port = free_port()
    said = clarion_command("check", DATABASE_URL=f"postgresql://someone@127.0.0.1:{port}/crm")
    assert said.code == 1
    assert "wrong The database cannot be reached:" in said.out
    assert "refused" in said.out


def test_check_says_that_an_address_is_none(clarion_command: Run) -> None:
    said = clarion_command("check", DATABASE_URL="nonsense")
    assert said.code == 1
    assert "wrong The database cannot be reached:" in said.out


@pytest.mark.parametrize("arguments", [("migrate",), ("token", "--link"), ("sample",)])
def test_other_commands_say_it_too(clarion_command: Run, arguments: tuple[str, ...]) -> None:
    url = f"postgresql://someone@127.0.0.1:{free_port()}/crm?connect_timeout=2"
    for address in (url, "nonsense"):
        if arguments == ("token", "--link") and address == url:
            continue  # A pool waits twenty seconds for a database that may be starting.
        said = clarion_command(*arguments, DATABASE_URL=address)
        assert said.code == 1
        assert "The database cannot be reached:" in said.err


def test_check_of_a_migrated_database_is_content(clarion_command: Run, dsn: str) -> None:
    said = clarion_command("check", DATABASE_URL=dsn)
    assert said.code == 0
    assert "wrong" not in said.out
    assert "All migrations are applied." in said.out
    assert "Contacts are read from public.contacts (9 columns)." in said.out
    assert "SMS go to the sandbox: nothing leaves this machine." in said.out
    assert "E-mails go to the sandbox: nothing leaves this machine." in said.out


def test_check_says_through_whom_mails_go(clarion_command: Run, dsn: str) -> None:
    smtp = {"SMTP__HOST": "mail.crm.test", "SMTP__FROM_EMAIL": "news@crm.test"}
    said = clarion_command("check", DATABASE_URL=dsn, PUBLIC_URL="https://clarion.example", **smtp)
    assert said.code == 0
    assert "E-mails go through the mail server mail.crm.test:587, as news@crm.test." in said.out
    open_ = clarion_command("check", DATABASE_URL=dsn, PUBLIC_URL="http://clarion.example", **smtp)
    assert open_.code == 1
    assert "Set PUBLIC_URL to an https address: mail programs unsubscribe people" in open_.out


def test_check_refuses_to_send_again_what_may_still_be_on_its_way(
    clarion_command: Run, dsn: str
) -> None:
    said = clarion_command("check", DATABASE_URL=dsn, NEVER_LEFT_AFTER_SECONDS="74")
    assert said.code == 1
    assert "wrong Set NEVER_LEFT_AFTER_SECONDS to 75 or more" in said.out
    enough = clarion_command("check", DATABASE_URL=dsn, NEVER_LEFT_AFTER_SECONDS="75")
    assert enough.code == 0


def test_check_names_the_migrations_that_are_missing_and_migrate_applies_them(
    clarion_command: Run, empty_dsn: str
) -> None:
    before = clarion_command("check", DATABASE_URL=empty_dsn)
    assert before.code == 1
    assert "Run `clarion migrate`: broadcast_schema, contacts, broadcasts" in before.out
    first = clarion_command("migrate", DATABASE_URL=empty_dsn)
    assert first.code == 0
    assert "applied broadcast_schema" in first.out
    again = clarion_command("migrate", DATABASE_URL=empty_dsn)
    assert again.out == "The database is up to date."
    assert clarion_command("check", DATABASE_URL=empty_dsn).code == 0


def test_check_names_the_last_migration_when_only_it_is_missing(
    clarion_command: Run, dsn: str
) -> None:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "delete from supabase_migrations.schema_migrations where version ="
            " (select max(version) from supabase_migrations.schema_migrations) returning name"
        ).fetchone()
    assert row is not None
    said = clarion_command("check", DATABASE_URL=dsn)
    assert said.code == 1
    assert f"Run `clarion migrate`: {row[0]} is missing." in said.out


def test_check_names_the_columns_that_are_not_there_and_their_settings(
    clarion_command: Run, dsn: str
) -> None:
    said = clarion_command(
        "check", DATABASE_URL=dsn, CONTACTS__PHONE_NUMBER="mobile", CONTACTS__EMAIL="mail"
    )
    assert said.code == 1
    assert "public.contacts has no column mail (set CONTACTS__EMAIL)," in said.out
    assert "mobile (set CONTACTS__PHONE_NUMBER)." in said.out


def test_check_says_that_there_is_no_such_table(clarion_command: Run, dsn: str) -> None:
    said = clarion_command("check", DATABASE_URL=dsn, CONTACTS__TABLE="crm.people")
    assert said.code == 1
    assert "There is no table crm.people." in said.out


TWILIO = {
    "TWILIO__ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO__AUTH_TOKEN": "token",
    "TWILIO__SENDER": "+15125550100",
    "PUBLIC_URL": "https://clarion.example",
}


def test_check_of_a_good_twilio_is_content(clarion_command: Run, dsn: str) -> None:
    said = clarion_command("check", DATABASE_URL=dsn, **TWILIO)
    assert said.code == 0
    assert "SMS go through Twilio, and cost money." in said.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PUBLIC_URL": "http://clarion.example"}, "Set PUBLIC_URL to the https address"),
        ({"PUBLIC_URL": ""}, "Set PUBLIC_URL to the https address"),
        ({"PUBLIC_URL": "https://localhost"}, "Set PUBLIC_URL to the https address"),
        ({"PUBLIC_URL": "https://my_crm.example"}, "a host name with an underscore"),
        ({"TWILIO__AUTH_TOKEN": ""}, "Set TWILIO__AUTH_TOKEN"),
        ({"TWILIO__SENDER": "5125550100"}, "Set TWILIO__SENDER"),
        ({"TWILIO__API_KEY": "SK1"}, "TWILIO__API_KEY and TWILIO__API_SECRET belong together."),
    ],
)
def test_check_says_what_twilio_would_not_do(
    clarion_command: Run, dsn: str, change: dict[str, str], words: str
) -> None:
    said = clarion_command("check", DATABASE_URL=dsn, **{**TWILIO, **change})
    assert said.code == 1
    assert words in said.out


def test_check_says_what_would_keep_clarion_from_starting(clarion_command: Run, dsn: str) -> None:
    said = clarion_command(
        "check",
        DATABASE_URL=dsn,
        SECRET="short",
        TWILIO__AUTH_TOKEN="token",
        SENDGRID__FROM_EMAIL="news@crm.test",
    )
    assert said.code == 1
    assert "wrong SECRET is too short" in said.out
    assert "wrong Set TWILIO__ACCOUNT_SID" in said.out
    assert "wrong Set SENDGRID__API_KEY" in said.out


def test_check_says_that_the_sandbox_has_not_been_started(clarion_command: Run, dsn: str) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    said = clarion_command("check", DATABASE_URL=dsn, SANDBOX__URL=address)
    assert said.code == 0
    assert f"The sandbox does not answer at {address} now: `clarion sandbox`" in said.out


@pytest.mark.parametrize(("taken", "setting"), [("app", "PORT"), ("sandbox", "SANDBOX__URL")])
def test_up_says_that_a_port_is_taken_before_it_does_anything(
    clarion_command: Run, tmp_path: Path, taken: str, setting: str
) -> None:
    ports = {"app": free_port(), "sandbox": free_port()}
    with socket.create_server(("127.0.0.1", ports[taken])):
        said = clarion_command(
            "up",
            PORT=str(ports["app"]),
            SANDBOX__URL=f"http://127.0.0.1:{ports['sandbox']}",
        )
    assert said.code == 1
    words = f"Another program uses port {ports[taken]}: end it, or set {setting} to another one."
    assert words in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_would_open_nothing_is_not_made(clarion_command: Run, tmp_path: Path) -> None:
    said = clarion_command("token")
    assert said.code == 1
    assert said.out == ""
    assert "set DATABASE_URL, or start `clarion up`" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_token_opens_the_api(clarion_command: Run, settings: Settings) -> None:
    said = clarion_command("token", "--name", "Bo", "--role", "agent", SECRET=SECRET)
    assert said.code == 0

    async def me() -> httpx.Response:
        async with (
            serving(settings) as app,
            client_of(app, authorization=f"Bearer {said.out}") as client,
        ):
            return await client.get("/api/v1/me")

    answer = asyncio.run(me())
    assert answer.status_code == 200
    assert answer.json()["person"] == {"id": "bo", "name": "Bo", "role": "agent"}


def test_a_link_signs_in(clarion_command: Run, settings: Settings) -> None:
    said = clarion_command(
        "token",
        "--link",
        SECRET=SECRET,
        DATABASE_URL=settings.database_url,
        PUBLIC_URL="https://clarion.example",
    )
    prefix = "https://clarion.example/sign-in?token="
    assert said.out.startswith(prefix)

    async def sign_in() -> httpx.Response:
        async with serving(settings) as app, client_of(app) as client:
            token = said.out.removeprefix(prefix)
            return await client.post("/api/v1/session", json={"token": token})

    assert asyncio.run(sign_in()).status_code == 204


def test_a_short_secret_is_refused_in_words(clarion_command: Run) -> None:
    said = clarion_command("token", SECRET="short")
    assert said.code == 1
    assert "SECRET is too short" in said.err


CONTACTS = "select count(*) from public.contacts"


def _file(folder: Path, text: str) -> str:
    path = folder / "people.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_good_file_is_imported_once(clarion_command: Run, dsn: str, tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        "First Name,phone,Lead Source\nAnn,(512) 555-0101,web\nBob,,fair\nAnn,(512) 555-0101,web\n",
    )
    first = clarion_command("contacts", "import", file, DATABASE_URL=dsn)
    assert first.code == 0
    assert "2 contacts added. Left out: 1 repeated rows, 0 that were there" in first.out
    assert first.err.startswith("2 contacts ")
    assert "100%" in first.err
    again = clarion_command("contacts", "import", file, DATABASE_URL=dsn)
    assert again.code == 0
    assert "0 contacts added. Left out: 1 repeated rows, 2 that were there" in again.out
    assert count(dsn, CONTACTS) == 2
    ann = f"{CONTACTS} where first_name = 'Ann' and workspace_id = %s and metadata <> '{{}}'"
    assert count(dsn, ann, [DEFAULT_WORKSPACE]) == 1


def test_a_malformed_file_names_the_line_and_changes_nothing(
    clarion_command: Run, dsn: str, tmp_path: Path
) -> None:
    good = "".join(f"P{each},+1512555{1000 + each}\n" for each in range(5))
    file = _file(tmp_path, f"first_name,phone\n{good}Zed,+15125550199,one too many\n")
    said = clarion_command("contacts", "import", file, DATABASE_URL=dsn)
    assert said.code == 1
    assert said.err.count("Line 7 has 3 cells") == 1
    assert count(dsn, CONTACTS) == 0


def test_words_of_a_file_are_shown_as_they_are(
    clarion_command: Run, dsn: str, tmp_path: Path
) -> None:
    file = _file(tmp_path, "first_name,[/b],[/b]\nAnn,x,y\n")
    said = clarion_command("contacts", "import", file, DATABASE_URL=dsn)
    assert said.code == 1
    assert "[/b]" in said.err


def test_a_file_that_is_not_there_is_told(clarion_command: Run, dsn: str) -> None:
    said = clarion_command("contacts", "import", "nowhere.csv", DATABASE_URL=dsn)
    assert said.code == 2
    assert "nowhere.csv" in said.err


def test_sample_contacts_are_added_once(clarion_command: Run, dsn: str) -> None:
    assert clarion_command("sample", "--count", "50", DATABASE_URL=dsn).out.endswith(
        "50 sample contacts added."
    )
    assert clarion_command("sample", "--count", "50", DATABASE_URL=dsn).out.endswith(
        "0 sample contacts added."
    )
    assert count(dsn, CONTACTS) == 50
