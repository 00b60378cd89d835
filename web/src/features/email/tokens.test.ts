import { describe, expect, it } from "vitest";
import { tokenText } from "@/lib/insert";
import { fromEditorHtml, labelsOf, pieces, readToken, toEditorHtml } from "./tokens";

describe("reading a token", () => {
  it.each([
    ["{{ first_name }}", { token: "first_name", fallback: "" }],
    ["{{metadata.state}}", { token: "metadata.state", fallback: "" }],
    ["{{- first_name | default: 'you' -}}", { token: "first_name", fallback: "you" }],
    ['{{ metadata["Lead source"] | default: "a | b" }}', { token: 'metadata["Lead source"]', fallback: "a | b" }],
    ["{{ first_name | upcase }}", undefined],
    ["first_name", undefined],
  ])("understands %s", (liquid, read) => expect(readToken(liquid)).toEqual(read));

  it.each(["there", 'say "hi"', "it’s"])("understands what is inserted with %s", (fallback) =>
    expect(readToken(tokenText("first_name", fallback))).toEqual({ token: "first_name", fallback }),
  );
});

it("cuts a text where Liquid stands", () => {
  expect(pieces("Hi {{ a }}, {{ b }}!")).toEqual([
    { kind: "text", text: "Hi " },
    { kind: "token", liquid: "{{ a }}" },
    { kind: "text", text: ", " },
    { kind: "token", liquid: "{{ b }}" },
    { kind: "text", text: "!" },
  ]);
  expect(pieces("{% if a %}x{% endif %}")).toEqual([
    { kind: "token", liquid: "{% if a %}" },
    { kind: "text", text: "x" },
    { kind: "token", liquid: "{% endif %}" },
  ]);
  expect(pieces("")).toEqual([]);
});

it("says what a chip stands for", () => {
  const labelOf = labelsOf([{ token: "first_name", label: "First name" }]);
  expect(labelOf('{{ first_name | default: "there" }}')).toBe("First name, or “there”");
  expect(labelOf("{{ first_name }}")).toBe("First name");
  expect(labelOf("{{ nickname }}")).toBe("nickname");
  expect(labelOf("{{ first_name | upcase }}")).toBe("first_name | upcase");
});

it.each([
  ["{% render 'opening_hours' %}", "Snippet: Opening hours"],
  ['{% if metadata.city == "St. Louis" %}', "if City is “St. Louis”"],
  ["{% if metadata.city != 'a \"b\"' %}", "if City is not “a \"b\"”"],
  ['{% if metadata["Lead source"] == 3 %}', "if Source is 3"],
  ["{% if metadata.city != blank %}", "if City has a value"],
  ["{%- if metadata.city == blank -%}", "if City has no value"],
  ["{% else %}", "otherwise"],
  ["{% endif %}", "end of if"],
  ["{% if a and b %}", "if a and b"],
  ["{% assign a = 1 %}", "assign a = 1"],
])("says what an instruction does: %s", (liquid, word) =>
  expect(labelsOf([{ token: "metadata.city", label: "City" }, { token: 'metadata["Lead source"]', label: "Source" }])(liquid)).toBe(word),
);

describe("a stored text in the editor", () => {
  it.each([
    '<p>Hi {{ first_name | default: "there" }}, <strong>come</strong></p>',
    "<p>{{ a }}{{ b }}</p><ul><li><p>{{ c }}</p></li></ul>",
    "<p>A &amp; B &lt;b&gt;</p>",
    '<p><a href="https://a.example/?c={{ id }}">Book</a></p>',
    "<p>{% if first_name %}Hi{% endif %}</p>",
    "",
  ])("is stored again as it was: %s", (html) => expect(fromEditorHtml(toEditorHtml(html))).toBe(html));

  it("has an element for each piece of Liquid in its words, and none in its links", () => {
    const page = new DOMParser().parseFromString(toEditorHtml('<p>Hi {{ a }} <a href="{{ b }}">x</a></p>'), "text/html");
    expect([...page.querySelectorAll("[data-liquid]")].map((chip) => chip.getAttribute("data-liquid"))).toEqual(["{{ a }}"]);
    expect(page.querySelector("a")?.getAttribute("href")).toBe("{{ b }}");
  });

  it("is empty when nobody has written anything", () => expect(fromEditorHtml("<p></p>")).toBe(""));

  it("keeps a field that stands alone", () =>
    expect(fromEditorHtml('<p><span data-liquid="{{ a }}">A</span></p>')).toBe("<p>{{ a }}</p>"));
});
