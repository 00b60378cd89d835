import { expect, test } from "vitest";
import { conditionSaid, dayWord, fullTitleOf, howSaid, messagesSaid, titleOf, weekdaysSaid, whenSaid, windowSaid } from "./words";

const both = { channel: "sms_email", both_how: "both", first_channel: "email", second_after_hours: 24 } as const;

test("a step without a name is called by its number", () => {
  expect(titleOf({ name: "", position: 2 })).toBe("Step 2");
  expect(fullTitleOf({ name: "Reminder", position: 2 })).toBe("Step 2, Reminder");
});

test("how a person is reached is a sentence", () => {
  expect(howSaid({ ...both, channel: "email" })).toBe("Email");
  expect(howSaid(both)).toBe("SMS and email, both at once");
  expect(howSaid({ ...both, both_how: "preferred", first_channel: "sms" })).toBe("SMS or email, as each person prefers; else SMS");
  expect(howSaid({ ...both, both_how: "second_if_needed", second_after_hours: 1 })).toBe("Email first, SMS if that fails or gets no reaction in 1 hour");
  expect(howSaid({ ...both, both_how: "second_if_needed", first_channel: "sms" })).toBe("SMS first, email if that fails or gets no reaction in 24 hours");
});

test("when it is due is a date, or a day while there is none", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  expect(whenSaid({ day: 3, date: "2026-11-29", time: "09:00" }, false, now)).toBe("Sun 29 Nov 9:00");
  expect(whenSaid({ day: 3, date: null, time: "14:05" }, false, now)).toBe("Day 3 14:05");
  expect(whenSaid({ day: 1, date: "2026-11-24", time: null }, true, now)).toBe("At once");
  expect(whenSaid({ day: null, date: null, time: null }, false, now)).toBe("No time yet");
  expect(dayWord("2027-01-04", now)).toBe("Mon 4 Jan 2027");
});

test("days of the week are said as a run where they are one", () => {
  expect(weekdaysSaid([5, 1, 2, 3, 4])).toBe("Mon to Fri");
  expect(weekdaysSaid([6, 7])).toBe("Sat and Sun");
  expect(weekdaysSaid([1, 3, 5])).toBe("Mon, Wed and Fri");
  expect(weekdaysSaid([2])).toBe("Tue");
  expect(weekdaysSaid([1, 2, 3, 4, 5, 6, 7])).toBeNull();
  expect(windowSaid({ window_from: "09:00", window_until: "17:00", weekdays: [1, 2, 3, 4, 5] })).toBe("only 9:00 to 17:00, Mon to Fri");
  expect(windowSaid({ window_from: null, window_until: null, weekdays: [1, 2, 3, 4, 5, 6, 7] })).toBeNull();
});

test("who gets it is a sentence", () => {
  const clicked = { did: "clicked", negated: false, of: "previous" } as const;
  expect(conditionSaid(null)).toBeNull();
  expect(conditionSaid({ only_if: [], still_matches: false })).toBeNull();
  expect(conditionSaid({ only_if: [clicked], still_matches: true })).toBe("Only who has clicked in the step before and still matches the audience");
  expect(conditionSaid({ only_if: [{ did: "replied", negated: true, of: "any" }, clicked], still_matches: false })).toBe(
    "Only who has not replied to any step before and has clicked in the step before",
  );
});

test("messages are counted by channel", () => {
  expect(messagesSaid([{ channel: "sms", messages: 12_408 }, { channel: "email", messages: 9_200 }])).toBe("12,408 SMS and 9,200 emails");
  expect(messagesSaid([{ channel: "sms", messages: 0 }, { channel: "email", messages: 1 }])).toBe("1 email");
  expect(messagesSaid([{ channel: "email", messages: 0 }])).toBe("0 emails");
});
