import { expect, test } from "vitest";
import { fieldValue, nameOf, plain } from "./contact";

const contact = {
  id: "1", first_name: "Maria", last_name: null, phone_number: null, email: "m@example.com", left_out: null,
  metadata: { state: "TX", "Lead source": "Web", car: { make: "VW" } },
};

test("columns and keys of metadata are found by the id of the field", () => {
  expect(fieldValue(contact, { id: "email" })).toBe("m@example.com");
  expect(fieldValue(contact, { id: "metadata.car.make" })).toBe("VW");
  expect(fieldValue(contact, { id: 'metadata["Lead source"]' })).toBe("Web");
  expect(fieldValue(contact, { id: "metadata.gone.deeper" })).toBeUndefined();
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
