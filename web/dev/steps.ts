/** The steps of a made-up broadcast: one more, one less, another order. */
import type { Broadcast } from "./broadcasts.ts";

let more = 0;

export const newStep = (id: string, position: number): Record<string, unknown> => ({
  id, position, name: "", channel: "sms", both_how: "both", first_channel: "email", second_after_hours: 24, body: "", subject: "", preheader: "",
  email: null, text_part: null, from_name: null, reply_to: null, send_mode: position === 1 ? "now" : "later", scheduled_for: null,
  day_number: position === 1 ? null : position, day_time: position === 1 ? null : "09:00", zone_mode: "account", window_from: null, window_until: null,
  weekdays: [1, 2, 3, 4, 5, 6, 7], condition: null, due_for: null, scheduled_at: null, time_zone: "America/Chicago", status: "draft",
  launched_at: null, completed_at: null,
});

const numbered = (steps: Record<string, unknown>[]) => steps.map((each, index) => ({ ...each, position: index + 1 }));

export function addStep(broadcast: Broadcast, copied?: string) {
  more += 1;
  const place = copied === undefined ? broadcast.steps.length : broadcast.steps.findIndex(({ id }) => id === copied) + 1;
  const step = newStep(`s0${more}`, broadcast.steps.length + 1);
  const before = broadcast.steps.find(({ id }) => id === copied);
  const { send_mode, scheduled_for, day_number, day_time } = step;
  broadcast.steps = numbered(broadcast.steps.toSpliced(place, 0, before === undefined ? step : { ...before, id: step["id"], send_mode, scheduled_for, day_number, day_time }));
}

export function removeStep(broadcast: Broadcast, id: string) {
  broadcast.steps = numbered(broadcast.steps.filter((each) => each["id"] !== id));
}

/** The times stay at their places. */
export function orderSteps(broadcast: Broadcast, order: string[]) {
  const times = broadcast.steps.map(({ send_mode, scheduled_for, day_number, day_time }) => ({ send_mode, scheduled_for, day_number, day_time }));
  broadcast.steps = numbered(order.map((id, place) => ({ ...broadcast.steps.find((each) => each["id"] === id), ...times[place] })));
}
