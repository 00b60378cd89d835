import { expect, test } from "vitest";
import type { AudienceField } from "@/api/types";
import { forMessage, inUse } from "./fields";

const columns = ["id", "created_at", "email", "first_name", "phone_number", "last_name"];
const all: Pick<AudienceField, "id" | "source">[] = [
  { id: "metadata.id", source: "metadata" },
  ...columns.map((id) => ({ id, source: "column" as const })),
];
const ids = (some: { id: string }[]) => some.map(({ id }) => id);

test("names and addresses stand before other columns, and these before metadata", () => {
  expect(ids(inUse(all))).toEqual(["first_name", "last_name", "phone_number", "email", "id", "created_at", "metadata.id"]);
});

test("a message offers no id of the contact, but a key that is called so", () => {
  expect(ids(forMessage(all))).toEqual(["first_name", "last_name", "phone_number", "email", "created_at", "metadata.id"]);
});
