import { expect, it } from "vitest";
import { hasOwnDark, inScheme } from "./scheme";

const own = "<head><style>@media (prefers-color-scheme: dark) { p { color: white } } @media (prefers-color-scheme:light) { p { color: black } }</style></head><p>Hi</p>";

it("shows the email's own colours of the night, whatever the screen is set to", () => {
  expect(hasOwnDark(own)).toBe(true);
  expect(inScheme(own, true)).toBe(
    "<head><style>@media (min-width: 0px) { p { color: white } } @media (max-width: 0px) { p { color: black } }</style></head><p>Hi</p>",
  );
  expect(inScheme(own, false)).toBe(
    "<head><style>@media (max-width: 0px) { p { color: white } } @media (min-width: 0px) { p { color: black } }</style></head><p>Hi</p>",
  );
});

it("turns the colours of an email that has none of its own", () => {
  const plain = "<html><head><title>x</title></head><body>Hi</body></html>";
  expect(inScheme(plain, false)).toBe(plain);
  const dark = inScheme(plain, true);
  expect(dark).toContain("invert(1)");
  expect(dark.indexOf("invert(1)")).toBeLessThan(dark.indexOf("</head>"));
  expect(inScheme("Hi", true)).toMatch(/<\/style>Hi$/);
});
