import { expect, test } from "vitest";
import type { TemplateContent } from "@/api/types";
import { asRead, blockChangeWord, fieldWord, toFillIn } from "./templates";

const sms = (body: string): TemplateContent => ({ channel: "sms", subject: null, preheader: "", body, email: null });

test("what stands in square brackets is to be filled in, each place once", () => {
  expect(toFillIn(sms("Hi, this is [Company]. See [link]. Bye, [Company]"))).toEqual(["[Company]", "[link]"]);
});

test("a field of the contact is not to be filled in, whatever is in its brackets", () => {
  expect(toFillIn(sms('Hi {{ metadata["Lead source"] | default: "[x]" }}, {% if a[b] %}yes{% endif %} [1] []'))).toEqual([]);
});

test("a mail is read in its lines and in all its blocks", () => {
  const blocks = [
    { id: "a", type: "heading", text: "News of [month]" },
    { id: "c", type: "columns", columns: [{ width: 100, blocks: [{ id: "d", type: "text", html: "<p>From <b>[Your name]</b></p>" }] }] },
  ];
  const mail: TemplateContent = { channel: "email", subject: "[Discount] off", preheader: "", body: "", email: { kind: "blocks", blocks } };
  expect(toFillIn(mail)).toEqual(["[Discount]", "[month]", "[Your name]"]);
});

test("what has changed is named as a person names it", () => {
  expect(fieldWord("subject")).toBe("Subject");
  expect(fieldWord("style.button_color")).toBe("Button color");
  expect(blockChangeWord({ change: "changed", id: "a", type: "heading", has_moved: true, fields: [] })).toBe("Heading changed and moved");
  expect(blockChangeWord({ change: "moved", id: "a", type: "social", has_moved: true, fields: [] })).toBe("Social links moved");
});

test.each([
  ['Hi {{ first_name | default: "there" }}, hello', "Hi there, hello"],
  ["Hi {{first_name|default:'you'}}", "Hi you"],
  ['Number {{ metadata.invoice | default: "" }}.', "Number ."],
  ["Hi {{ first_name }}", "Hi ‹first name›"],
  ['{{ metadata["Lead source"] }} {{ metadata.appointment }}', "‹Lead source› ‹appointment›"],
  ["{{ first_name | upcase }} {{ broken", "{{ first_name | upcase }} {{ broken"],
])("a text is shown as somebody without values reads it: %s", (text, shown) => {
  expect(asRead(text)).toBe(shown);
});
