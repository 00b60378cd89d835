/** What carriers and readers would mind in an SMS; pressed, a check leads to its words. */
import { Text } from "@mantine/core";
import { IconAlertTriangle, IconBulb, IconCircleCheck } from "@tabler/icons-react";
import { placeInText } from "@/lib/places";
import type { ContentCheck, TextPlace } from "@/api/types";
import classes from "./SmsChecks.module.css";

interface SmsChecksProps {
  checks: ContentCheck[];
  text: string;
  isStale: boolean;
  onOpen: (place: TextPlace) => void;
}

export function SmsChecks({ checks, text, isStale, onOpen }: SmsChecksProps) {
  return (
    <section aria-label="Checks of the SMS" className={classes["checks"]} data-stale={isStale || undefined}>
      {checks.length === 0 ? (
        <Text className={classes["good"]}>
          <IconCircleCheck size={18} aria-hidden /> Nothing to mend
        </Text>
      ) : (
        <ul className={classes["list"]}>
          {checks.map((check) => (
            <li key={check.kind} data-severity={check.severity}>
              {check.severity === "problem" ? <IconAlertTriangle size={18} aria-label="Problem" role="img" /> : <IconBulb size={18} aria-label="Advice" role="img" />}
              <div>
                {check.detail}
                {check.places.map((place) => (
                  <button key={place.start} type="button" className={`number-link ${classes["word"] ?? ""}`} aria-label={`Go to “${text.slice(...placeInText(text, place))}”`} onClick={() => onOpen(place)}>
                    {text.slice(...placeInText(text, place))}
                  </button>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
