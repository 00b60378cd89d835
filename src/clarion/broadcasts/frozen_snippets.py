"""The texts of snippets that a step keeps from its launch on, so that nothing that runs changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from clarion.broadcasts.store import queries
from clarion.content.email.marks import as_typed
from clarion.content.snippet_tag import names_in
from clarion.content.snippets.snippet import those_in
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection


async def freeze_snippets(
    connection: Connection, steps: Iterable[Step], snippets: Mapping[str, str]
) -> None:
    """`snippets` are those with which the texts were checked."""
    kept = {
        step.id: Jsonb(those_in(snippets, *(text for text, _ in _texts_of(step)))) for step in steps
    }
    await queries.freeze_snippets(connection, ids=list(kept), snippets=list(kept.values()))


def check_named(step: Step, snippets: Mapping[str, str]) -> None:
    """Raises Invalid with each text of the step that names a snippet that there is not."""
    faults = [
        Fault(pointer=pointer, detail=f'There is no snippet "{name}".')
        for text, pointer in _texts_of(step)
        for name in sorted(names_in(as_typed(text)) - snippets.keys())
    ]
    if faults:
        raise Invalid(faults[0].detail, faults=faults)


def _texts_of(step: Step) -> Iterator[tuple[str, str]]:
    """Each text, with its place."""
    mail = step.mail
    yield step.body, "/body"
    yield mail.subject, "/subject"
    yield mail.preheader, "/preheader"
    yield mail.text_part or "", "/text_part"
    yield from _texts_in(mail.document, "/email")


def _texts_in(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield value, pointer
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts_in(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts_in(inner, f"{pointer}/{index}")
