from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.audience.csv_contacts import MOST_FAULTS, ContactRow, read_contacts
from clarion.kernel.errors import Invalid


def rows(data: str | bytes) -> list[ContactRow]:
    encoded = data.encode() if isinstance(data, str) else data
    return list(read_contacts(io.BytesIO(encoded)))


def only(data: str | bytes) -> ContactRow:
    (row,) = rows(data)
    return row


def refusal(data: str | bytes) -> Invalid:
    with pytest.raises(Invalid) as raised:
        rows(data)
    assert raised.value.faults
    return raised.value


@pytest.mark.parametrize(
    "header",
    [
        "first_name,last_name,email,phone_number",
        "First Name,Last Name,E-mail,Phone",
        "FIRSTNAME,LastName,e_mail,Mobile",
        "firstName,last-name,Email Address,Cell Phone",
    ],
)
def test_columns_are_known_however_they_are_spelled(header: str) -> None:
    assert only(f"{header}\nZoë,Ng,zoe@example.com,(512) 555-0100\n") == ContactRow(
        line=2,
        first_name="Zoë",
        last_name="Ng",
        email="zoe@example.com",
        phone_number="(512) 555-0100",
        metadata={},
    )


@pytest.mark.parametrize(
    ("name", "first_name", "last_name"),
    [
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("Cher", "Cher", None),
        ("  José   Núñez ", "José", "Núñez"),
        ("", None, None),
    ],
)
def test_a_full_name_is_divided_before_its_last_word(
    name: str, first_name: str | None, last_name: str | None
) -> None:
    row = only(f"Full Name,email\n{name},a@example.com\n")
    assert (row.first_name, row.last_name) == (first_name, last_name)


def test_a_full_name_beside_its_parts_is_a_field_of_its_own() -> None:
    row = only("name,first name,mobile,phone\nAl Bo,Al,1,2\n")
    assert (row.first_name, row.last_name, row.phone_number) == ("Al", None, "1")
    assert row.metadata == {"name": "Al Bo", "phone": "2"}


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Lead Source", "lead_source"),
        ("leadSource", "lead_source"),
        ("ZIPCode", "zip_code"),
        (" Lead -- source? ", "lead_source"),
        ("Città", "città"),
        ("来源", "来源"),
    ],
)
def test_other_columns_become_fields_in_snake_case(header: str, key: str) -> None:
    assert only(f"email,{header}\na@example.com,x\n").metadata == {key: "x"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("07030", "07030"),
        ("  spaced  ", "spaced"),
        ("1e3", "1e3"),
        ("true", "true"),
        ('{"a": [1, "x"]}', {"a": [1, "x"]}),
        ("[1, 2.5]", [1, 2.5]),
        ("[not json]", "[not json]"),
        ("{NaN}", "{NaN}"),
        ("[NaN]", "[NaN]"),
        ("[1e999]", "[1e999]"),
        (r'["\u0000"]', r'["\u0000"]'),
        (r'["\ud800"]', r'["\ud800"]'),
        (r'["\u00e9"]', ["é"]),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
        ("=1+1", "=1+1"),
    ],
)
def test_cells_stay_text_unless_they_hold_json(cell: str, value: Any) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["email", "x"], ["a@example.com", cell]])
    assert only(buffer.getvalue()).metadata == {"x": value}


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("tags", "hot lead; call back ;", ["hot lead", "call back"]),
        ("Tags", "a|b", ["a", "b"]),
        ("Interests[]", "solar", ["solar"]),
        ("tags", '"[""a"", 1]"', ["a", 1]),
        ("tags", '"a, b"', ["a, b"]),
    ],
)
def test_lists_are_divided(header: str, cell: str, value: list[Any]) -> None:
    assert list(only(f"email,{header}\na@example.com,{cell}\n").metadata.values()) == [value]


def test_empty_cells_and_empty_lists_are_absent() -> None:
    row = only("email,a,tags,phone\na@example.com,  ,;;,\n")
    assert row.metadata == {}
    assert row.phone_number is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    header = delimiter.join(["email", '"a,;b"', "c"])
    assert only(f"{header}\n{delimiter.join(['a@example.com', '1', '2'])}\n").metadata == {
        "a_b": "1",
        "c": "2",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfemail;x\r\na@example.com;\xc3\xa9\r\n",
        b"sep=;\r\nemail;x\r\na@example.com;\xc3\xa9\r\n",
        b"\xef\xbb\xbfsep=;\nemail;x\n\n;\na@example.com;\xc3\xa9",
    ],
)
def test_what_excel_writes_is_read(data: bytes) -> None:
    assert only(data).metadata == {"x": "é"}


def test_a_text_stream_is_read_too() -> None:
    assert [row.email for row in read_contacts(io.StringIO("\ufeffemail\na\nb\n"))] == ["a", "b"]
    broken = io.TextIOWrapper(io.BytesIO(b"email\n\xff\n"), encoding="utf-8")
    with pytest.raises(Invalid, match="not UTF-8"):
        list(read_contacts(broken))


def test_lines_count_line_breaks_inside_of_cells() -> None:
    read = rows('email,note\na,"two\nlines"\n\nb,x\n')
    assert [(row.line, row.email) for row in read] == [(2, "a"), (5, "b")]


def test_repeated_rows_are_left_out_and_counted() -> None:
    reader = read_contacts(io.BytesIO(b"email,x\na,1\nb,1\n a ,1\na,2\n,\n"))
    assert [row.line for row in reader] == [2, 3, 5]
    assert (reader.rows, reader.duplicates) == (3, 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "must name the columns"),
        (b"email,,x\n", "Column 2 has no name"),
        (b"email,$$\n", "Column 2 has no name"),
        (b"email,Lead Source,lead_source\n", 'columns "Lead Source" and "lead_source" mean'),
        (b"First Name,first_name\n", 'columns "First Name" and "first_name" mean the same'),
        (b"Full Name,name\n", "mean the same"),
        (b"a,b\n1,2\n", "No column is a name"),
        (b"PK\x03\x04\x00\x00", "The file is an Excel workbook"),
        (b"\xff\xfee\x00m\x00", "The file is UTF-16 text"),
        (b"email,\xff\n", "Line 1 is not UTF-8"),
        (b"x" * 2_000_000, "Line 1 is over 1 MB"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_at_once(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_contacts(io.BytesIO(data))
    assert said in raised.value.detail
    assert raised.value.faults[0].pointer == "/lines/1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"email,x\na\n", "Line 2 has 1 cell, the header has 2: add the missing separators"),
        (b"email,x\na,1,2\n", "Line 2 has 3 cells, the header has 2: put a cell"),
        (b"email\na\xff\n", 'Line 2 is not UTF-8 text: save the file as "CSV UTF-8"'),
        (b"email\na\0b\n", "Line 2 has NUL characters"),
        (b'email,x\na,"1\nb,2\n', "Line 2 opens a quotation mark that is never closed"),
        (b'email,x\na,"1"2\n', "Line 2 has a quotation mark in the middle of a cell"),
        (b'email\n"' + b"x\n" * 100_000, "Line 2 begins a cell of over 128 kB"),
        (b'email\n"' + b'x""' * 400_000 + b"\n", "that starts on line 2 is over 1 MB"),
        (b"email,x\n" + b"," * 1_000_001, "that starts on line 2 is over 1 MB"),
        (b"email,x\n" + b"a,1\n" * 4_810 + b"a\n", "Line 4,812 has 1 cell"),
    ],
)
def test_a_faulty_row_is_named_with_what_to_do(data: bytes, said: str) -> None:
    error = refusal(data)
    assert said in error.detail
    assert error.faults[0].pointer.startswith("/lines/")


def test_faults_are_told_together_and_good_rows_between_are_withheld() -> None:
    reader = read_contacts(io.BytesIO(b"email,x\na,1\nb\nc,1\nd\n\xff,1\n"))
    seen: list[str | None] = []
    with pytest.raises(Invalid) as raised:
        seen.extend(row.email for row in reader)
    assert (seen, reader.rows) == (["a"], 1)
    assert [fault.pointer for fault in raised.value.faults] == ["/lines/3", "/lines/5", "/lines/6"]
    assert raised.value.detail.startswith("The file has 3 faults. Line 3 has 1 cell")


def test_reading_stops_after_twenty_faults() -> None:
    error = refusal("email,x\n" + "a\n" * 100)
    assert len(error.faults) == MOST_FAULTS
    assert "at least 20 faults" in error.detail


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z"), exclude_characters="[{"),
    min_size=1,
    max_size=8,
) | st.sampled_from(["a,b", 'say "hi"', "two\nlines", ";", "x\ty"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=6), st.sampled_from(",;\t"))
def test_what_a_csv_writer_writes_is_read_back(
    written: list[tuple[str, str]], delimiter: str
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows([("email", "zip"), *written])
    read = [(row.email, row.metadata.get("zip")) for row in rows(buffer.getvalue())]
    assert read == list(dict.fromkeys(written))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(st.sampled_from('a,;"\n\r\t[]{}\0'), max_size=40))
def test_any_bytes_are_read_or_refused_with_a_line(data: bytes | str) -> None:
    body = b"email,x\n" + (data.encode() if isinstance(data, str) else data)
    pointers: list[str] = []
    try:
        rows(body)
    except Invalid as error:
        pointers = [fault.pointer for fault in error.faults]
    assert all(pointer.startswith("/lines/") for pointer in pointers)


def test_memory_holds_no_more_than_a_mark_per_row() -> None:
    count = 5_000

    body = "".join(f"a{i}@example.com,{'x' * 400},z\n" for i in range(count))
    stream = io.BytesIO(f"email,b,c\n{body}".encode())
    tracemalloc.start()
    for _ in read_contacts(stream):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < count * 200
