import { expect, test } from "vitest";
import { addFallback, insertAt, onlyIfText, snippetName, snippetsIn, snippetTag, snippetWord, tokenText, withFallback, type OnlyIf } from "./insert";

test("a field is written with its fallback only when there is one", () => {
  expect(tokenText("first_name")).toBe("{{ first_name }}");
  expect(tokenText("first_name", " there ")).toBe('{{ first_name | default: "there" }}');
});

test("quotes in a fallback do not end it", () => {
  expect(tokenText("first_name", 'the "boss"')).toBe(`{{ first_name | default: 'the "boss"' }}`);
});

test("text goes in at the cursor, which then stands behind it", () => {
  expect(insertAt("Hi !", 3, 3, "{{ a }}")).toEqual({ text: "Hi {{ a }}!", cursor: 10 });
});

test("a selection is replaced", () => {
  expect(insertAt("Hi NAME!", 3, 7, "{{ a }}")).toEqual({ text: "Hi {{ a }}!", cursor: 10 });
});

test("a cursor from another text is brought inside", () => {
  expect(insertAt("Hi", 40, 50, " you")).toEqual({ text: "Hi you", cursor: 6 });
});

test("a fallback is added to each use of the field that has none", () => {
  const text = 'Hi {{first_name}}, {{ first_name }} {{ first_name | default: "you" }} {{ last_name }}';
  expect(addFallback(text, "first_name", "there")).toBe(
    'Hi {{ first_name | default: "there" }}, {{ first_name | default: "there" }} {{ first_name | default: "you" }} {{ last_name }}',
  );
  expect(addFallback('{{ metadata["Lead source"] }}', 'metadata["Lead source"]', "us")).toBe('{{ metadata["Lead source"] | default: "us" }}');
});

test("gives a token its fallback in all texts of an email", () => {
  const email = { subject: "Hi {{ first_name }}", email: { blocks: [{ text: "{{ first_name }}", width: 3 }, { html: null }] } };
  expect(withFallback(email, "first_name", "there")).toEqual({
    subject: 'Hi {{ first_name | default: "there" }}',
    email: { blocks: [{ text: '{{ first_name | default: "there" }}', width: 3 }, { html: null }] },
  });
});

const only = (over: Partial<OnlyIf>) => onlyIfText({ token: "city", comparison: "is", value: "Austin", then: "Howdy", otherwise: "", ...over });

test.each<[Partial<OnlyIf>, string | undefined]>([
  [{}, '{% if city == "Austin" %}Howdy{% endif %}'],
  [{ otherwise: "Hello" }, '{% if city == "Austin" %}Howdy{% else %}Hello{% endif %}'],
  [{ comparison: "is not", value: 'the "Big" one' }, `{% if city != 'the "Big" one' %}Howdy{% endif %}`],
  [{ value: 720 }, "{% if city == 720 %}Howdy{% endif %}"],
  [{ value: true }, "{% if city == true %}Howdy{% endif %}"],
  [{ comparison: "has a value" }, "{% if city != blank %}Howdy{% endif %}"],
  [{ comparison: "has no value" }, "{% if city == blank %}Howdy{% endif %}"],
  [{ value: `it's "so"` }, undefined],
  [{ value: "a %} b" }, undefined],
])("words for some people only: %o", (over, text) => expect(only(over)).toBe(text));

test("a snippet has a name that a message can hold", () => {
  expect(snippetName("  Öffnungs Hours! (2) ")).toBe("offnungs_hours_2");
  expect(snippetName("!")).toBe("");
  expect(snippetName("a".repeat(59) + " b")).toBe("a".repeat(59));
  expect(snippetTag("opening_hours")).toBe("{% render 'opening_hours' %}");
  expect(snippetWord("opening_hours-2")).toBe("Opening hours 2");
  expect(snippetsIn(`a {% render 'b' %} {%- render "c-d" -%} {% render 'b' %} {{ render }}`)).toEqual(["b", "c-d"]);
});
