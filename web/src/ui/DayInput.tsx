/** A date input that takes what people type: "24 Nov 2026", "2026-11-24", "24.11.2026". */
import { DateInput, type DateInputProps } from "@mantine/dates";
import "@mantine/dates/styles.css";
import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat";

dayjs.extend(customParseFormat);

const SHOWN = "ddd D MMM YYYY";
const typed = ["YYYY-MM-DD", "D MMM YYYY", "D MMMM YYYY", "MMM D YYYY", "D.M.YYYY", "D MMM"];

export function readDay(text: string): string | null {
  const plain = text.trim().replace(/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+/i, "").replaceAll(",", "");
  const read = typed.map((format) => dayjs(plain, format, true)).find((day) => day.isValid());
  return read?.format("YYYY-MM-DD") ?? null;
}

export function DayInput(props: Omit<DateInputProps, "valueFormat" | "dateParser">) {
  return <DateInput placeholder="24 Nov 2026" {...props} valueFormat={SHOWN} dateParser={readDay} firstDayOfWeek={1} />;
}
