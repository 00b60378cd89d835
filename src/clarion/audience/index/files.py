"""The index on disk: what was written once is mapped back into memory, not read.

    <folder>/<workspace id>/state.json           the newest state, replaced in one step
    <folder>/<workspace id>/<token>/<name>.npy   the arrays of a block; live contacts, problems

Several processes of a machine share the files, and the pages of the operating system with them.
One of them, whoever holds the lock, writes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from pyroaring import BitMap

from clarion.audience.audience import LeftOut
from clarion.audience.fields import FieldType
from clarion.audience.index.channels import AddressColumn
from clarion.audience.index.columns import (
    CodedColumn,
    RankedColumn,
    TextColumn,
    WideColumn,
    texts_from,
)
from clarion.audience.index.fields import (
    CodedField,
    Dictionary,
    MomentField,
    OrderedField,
    TextField,
)
from clarion.audience.index.index import Block, Index
from clarion.audience.index.shared import Shared
from clarion.kernel.field_path import read_path, write_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.index.columns import Array, Column
    from clarion.audience.index.fields import IndexedField
    from clarion.audience.index.following import Position
    from clarion.kernel.channel import Channel

log = logging.getLogger(__name__)

_FORMAT = 2

_NAMES: dict[type[Any], str] = {
    CodedColumn: "coded",
    RankedColumn: "ranked",
    WideColumn: "wide",
    TextColumn: "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An index as it was saved, and up to which changes it had read then."""

    index: Index
    position: Position
    saved_at: datetime


class IndexFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[int, tuple[str, Block]] = {}

    @contextmanager
    def as_writer(self) -> Iterator[bool]:
        """Whether this process may write, for the time of the block."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def save(self, index: Index, position: Position, saved_at: datetime) -> None:
        """What is on disk already is not written again."""
        state: dict[str, Any] = {
            "format": _FORMAT,
            "saved_at": saved_at.isoformat(),
            "basis": [index.contacts.names.table, index.contacts.id_type, *position.basis],
            "seen": position.seen,
            "types": {write_path(each.path): each.type for each in position.fields},
            "left_out": {write_path(path): why for path, why in index.left_out.items()},
            "blocks": [],
            "fields": {},
        }
        for path, held in index.fields.items():
            state["fields"][write_path(path)] = _described(held)
        for number, block in index.blocks.items():
            token = self._token_of(number, block, index)
            kinds = {
                write_path(path): _NAMES[type(held.columns[number])]
                for path, held in index.fields.items()
            }
            state["blocks"].append({"token": token, "start": block.start, "columns": kinds})
        token = secrets.token_hex(6)
        self._write(token, _whole(index))
        state["whole"] = token
        temporary = self.folder / f"state.{os.getpid()}.json"
        temporary.write_text(json.dumps(state), "utf-8")
        temporary.replace(self.folder / "state.json")
        self._forget({token, *(block["token"] for block in state["blocks"])})

    def put_away(self, index: Index) -> None:
        """Write all blocks that were not written yet, and map them from there. They are forgotten
        again unless the index is saved."""
        for number, block in index.blocks.items():
            if number not in self._written or self._written[number][1] is not block:
                self._token_of(number, block, index)

    def _token_of(self, number: int, block: Block, index: Index) -> str:
        """Where the block is written; its columns are mapped from there from now on."""
        columns = {write_path(path): held.columns[number] for path, held in index.fields.items()}
        known = self._written.get(number)
        if known is not None and known[1] is block:
            missing = {
                name: column
                for name, column in columns.items()
                if not (self.folder / known[0] / f"{_file(name)}.kind").exists()
            }
            token = known[0]
        else:
            token, missing = secrets.token_hex(6), columns
            arrays = {"ids": block.ids}
            for channel, held in index.channels.items():
                for part, array in held.columns[number].arrays().items():
                    arrays[f"{channel}.{part}"] = array
            self._write(token, arrays)
        for name, column in missing.items():
            self._write_column(token, name, column)
        self._map(number, block, index, token)
        self._written[number] = (token, block)
        return token

    def _map(self, number: int, block: Block, index: Index, token: str) -> None:
        with index.lock:
            block.ids = self._read(token, "ids")
            for path, held in index.fields.items():
                kind = _NAMES[type(held.columns[number])]
                held.columns[number] = self._read_column(token, write_path(path), kind)
            for channel, of_channel in index.channels.items():
                of_channel.columns[number] = self._read_addresses(token, channel)

    def _write(self, token: str, arrays: Mapping[str, Array]) -> None:
        folder = self.folder / token
        folder.mkdir(exist_ok=True)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)

    def _write_column(self, token: str, name: str, column: Column) -> None:
        file = _file(name)
        self._write(token, {f"{file}.{part}": each for part, each in column.arrays().items()})
        (self.folder / token / f"{file}.kind").write_text(_NAMES[type(column)], "utf-8")

    def _read(self, token: str, name: str) -> Array:
        # A plain array of the mapped pages: each use of a memmap object costs microseconds more.
        return np.asarray(np.load(self.folder / token / f"{name}.npy", mmap_mode="r"))

    def _read_column(self, token: str, name: str, kind: str) -> Any:
        def part(of: str) -> Array:
            return self._read(token, f"{_file(name)}.{of}")

        match kind:
            case "coded":
                return CodedColumn(part("codes"))
            case "ranked":
                return RankedColumn(keys=part("keys"), ranks=part("ranks"))
            case "wide":
                return WideColumn(
                    values=part("values"),
                    edges=part("edges"),
                    parts=part("parts"),
                    order=part("order"),
                    begins=part("begins"),
                )
            case _:
                texts = texts_from(part("offsets"), part("data"))
                return TextColumn(
                    texts=texts, ranks=part("ranks"), blank=part("blank"), groups=part("groups")
                )

    def _read_addresses(self, token: str, channel: Channel) -> AddressColumn:
        return AddressColumn(
            addresses=self._read(token, f"{channel}.addresses"),
            places=self._read(token, f"{channel}.places"),
        )

    def _forget(self, used: set[str]) -> None:
        """Folders of blocks that are no more. Who still has them mapped keeps them."""
        for each in self.folder.iterdir():
            if each.is_dir() and each.name not in used:
                shutil.rmtree(each, ignore_errors=True)

    def load(self, contacts: ContactTable, now: Position) -> Loaded | None:
        """The saved index; None when there is none that can be continued to `now`."""
        try:
            state = json.loads((self.folder / "state.json").read_text("utf-8"))
            basis = [contacts.names.table, contacts.id_type, *now.basis]
            if state["format"] != _FORMAT or state["basis"] != basis:
                return None
            types = {name: FieldType(of) for name, of in state["types"].items()}
            # Fields that have come or changed since are read anew by whoever follows.
            fields = tuple(
                replace(each, type=types[write_path(each.path)])
                for each in now.fields
                if write_path(each.path) in types
            )
            return Loaded(
                index=self._loaded(state, contacts),
                position=replace(
                    now,
                    seen=state["seen"],
                    fields=fields,
                    numbers_checked_at=None,
                    version=(),
                ),
                saved_at=datetime.fromisoformat(state["saved_at"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("audience.index_not_loaded", exc_info=True)
            return None

    def _loaded(self, state: dict[str, Any], contacts: ContactTable) -> Index:
        index = Index(contacts)
        for name, described in state["fields"].items():
            index.fields[read_path(name)] = _made(described)
        index.left_out = {read_path(name): why for name, why in state["left_out"].items()}
        for number, saved in enumerate(state["blocks"]):
            token, start = saved["token"], saved["start"]
            block = Block(start=start, ids=self._read(token, "ids"))
            index.blocks[number] = block
            for name, kind in saved["columns"].items():
                column = self._read_column(token, name, kind)
                index.fields[read_path(name)].put(number, start, column)
            for channel, held in index.channels.items():
                held.columns[number] = self._read_addresses(token, channel)
            self._written[number] = (token, block)
        index.continue_from_blocks()
        whole = state["whole"]
        index.live = BitMap.deserialize(self._read(whole, "live").tobytes())
        for channel, held in index.channels.items():
            for reason in LeftOut:
                name = f"{channel}.{reason}"
                if (self.folder / whole / f"{name}.npy").exists():
                    held.problems[reason] = BitMap.deserialize(self._read(whole, name).tobytes())
            held.shared = Shared.of(
                self._read(whole, f"{channel}.shared"), self._read(whole, f"{channel}.shared_by")
            )
        return index


def _whole(index: Index) -> dict[str, Array]:
    """What belongs to no block."""
    found = {"live": _bytes(index.live)}
    for channel, held in index.channels.items():
        found[f"{channel}.shared"] = held.shared.addresses
        found[f"{channel}.shared_by"] = held.shared.by
        for reason, bitmap in held.problems.items():
            found[f"{channel}.{reason}"] = _bytes(bitmap)
    return found


def _bytes(bitmap: BitMap) -> Array:
    return np.frombuffer(bitmap.serialize(), dtype=np.uint8)


def _described(held: IndexedField) -> dict[str, Any]:
    described: dict[str, Any] = {"type": held.type.value, "kept": type(held).__name__}
    if isinstance(held, CodedField):
        described["dictionary"] = asdict(held.dictionary)
        if held.values is not held.dictionary:
            described["values"] = asdict(held.values)
    return described


def _made(described: dict[str, Any]) -> IndexedField:
    kind = FieldType(described["type"])
    match described["kept"]:
        case "CodedField":
            return CodedField(
                kind,
                _dictionary(described["dictionary"]),
                _dictionary(described["values"]) if "values" in described else None,
            )
        case "TextField":
            return TextField()
        case "MomentField":
            return MomentField(kind)
        case _:
            return OrderedField(kind)


def _dictionary(saved: dict[str, Any]) -> Dictionary:
    dictionary = Dictionary(**saved)
    dictionary.elements = [tuple(each) for each in dictionary.elements]
    return dictionary


def _file(name: str) -> str:
    """A field's name as that of a file, however long it is."""
    return "f-" + hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
