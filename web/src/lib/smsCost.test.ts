import { expect, it } from "vitest";
import { characterSaid, dearerSaid, sharesSaid } from "./smsCost";

const cost = { amount: "92.30", currency: "USD" };

it("says what one change costs", () => {
  const dearer = { recipients: 11_204, segments: 11_204, cost, changes: [{ segments: 2, would_take: 1, recipients: 11_204 }], without_emoji: false };
  expect(dearerSaid(dearer, 1, true)).toBe("makes 11,204 messages cost two segments instead of one: +$92.30");
  expect(dearerSaid({ ...dearer, recipients: 1 }, 2, false)).toBe("make about 1 message cost two segments instead of one: +$92.30");
});

it("adds up several changes", () => {
  const changes = [
    { segments: 2, would_take: 1, recipients: 10 },
    { segments: 3, would_take: 1, recipients: 5 },
  ];
  expect(dearerSaid({ recipients: 15, segments: 20, cost, changes, without_emoji: false }, 2, true)).toBe("make 15 messages cost 20 segments more: +$92.30");
});

it("tells the segments of everybody", () => {
  expect(sharesSaid([{ segments: 1, recipients: 9_120 }, { segments: 2, recipients: 311 }]).map(({ said }) => said)).toEqual(["9,120 one segment", "311 two"]);
  expect(sharesSaid([{ segments: 12, recipients: 1 }])[0]?.said).toBe("1 12 segments");
});

it("names a character that cannot be seen", () => {
  expect(characterSaid({ character: "’", name: "right single quotation mark" })).toBe("’");
  expect(characterSaid({ character: "\u00a0", name: "no-break space" })).toBe("no-break space");
});
