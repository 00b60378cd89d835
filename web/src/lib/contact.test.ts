import { expect, test } from "vitest";
import type { Contact } from "@/api/types";
import { emailPieces, fieldValue, nameOf, plain } from "./contact";

const contact: Contact = {
  id: "1", first_name: "Maria", last_name: null, phone_number: null, email: "m@example.com", left_out: null,
  metadata: { state: "TX", "Lead source": "Web", car: { make: "VW" } },
  columns: { created_at: "2026-11-01T08:30:00+00:00", "Sales person": "Ada" },
};

test("columns and keys of metadata are found by the id of the field", () => {
  expect(fieldValue(contact, { id: "email", source: "column" })).toBe("m@example.com");
  expect(fieldValue(contact, { id: "metadata.car.make", source: "metadata" })).toBe("VW");
  expect(fieldValue(contact, { id: 'metadata["Lead source"]', source: "metadata" })).toBe("Web");
  expect(fieldValue(contact, { id: "metadata.gone.deeper", source: "metadata" })).toBeUndefined();
});

test("the table's other columns are found too, and metadata whatever its column is called", () => {
  expect(plain(fieldValue(contact, { id: "created_at", source: "column" }))).toBe("2026-11-01");
  expect(fieldValue(contact, { id: '["Sales person"]', source: "column" })).toBe("Ada");
  expect(fieldValue(contact, { id: "custom.state", source: "metadata" })).toBe("TX");
  expect(fieldValue(contact, { id: "gone", source: "column" })).toBeUndefined();
});

test.each([
  ["maria.o-neill+crm@example.com", ["maria.", "o-", "neill+", "crm", "@example.com"]],
  ["maria", ["maria"]],
  ["@example.com", ["@example.com"]],
])("%s goes on in the next line only before a part", (email, pieces) => {
  expect(emailPieces(email)).toEqual(pieces);
});

test("values are shown as a person would write them", () => {
  expect(plain(["a", "b"])).toBe("a, b");
  expect(plain(true)).toBe("Yes");
  expect(plain(null)).toBe("");
});

test("somebody without a name still has a line", () => {
  expect(nameOf(contact)).toBe("Maria");
  expect(nameOf({ first_name: null, last_name: null })).toBe("No name");
});
