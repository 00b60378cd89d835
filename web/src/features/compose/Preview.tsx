/** A phone with the message of a real recipient. */
import { Skeleton, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useMe } from "@/api/session";
import { inWords } from "@/api/problem";
import type { PreviewPage } from "@/api/types";
import { Bubble } from "@/ui/Bubble";
import { Later } from "@/ui/States";
import type { PreviewPeople } from "./usePreviewPeople";
import classes from "./Compose.module.css";

export interface SmsOfPerson {
  page: PreviewPage | undefined;
  failure: Error | null;
  isStale: boolean;
}

interface PreviewProps {
  people: PreviewPeople;
  sms: SmsOfPerson;
  isEmpty: boolean;
  /** Why the person shown gets no SMS. */
  unreached: string | null;
  stepper: ReactNode;
}

export function Preview({ stepper, ...screen }: PreviewProps) {
  const { data: me } = useMe();
  return (
    <section aria-label="Preview of the SMS" className={classes["preview"]}>
      <div className={classes["phone"]}>
        <div className={classes["sender"]}>{me?.sms.sender ?? "Sender"}</div>
        <div className={classes["screen"]}>
          <Screen {...screen} />
        </div>
      </div>
      {stepper}
    </section>
  );
}

function Screen({ people, sms, isEmpty, unreached }: Omit<PreviewProps, "stepper">) {
  const failure = people.failure ?? sms.failure;
  const shown = sms.page?.recipients[0]?.sms ?? null;
  if (isEmpty) return <Text c="dimmed">What you write appears here, as each person will read it.</Text>;
  if (failure !== null && shown === null) return <Text c="dimmed">{inWords(failure)}</Text>;
  if (people.isWaiting || (people.person !== undefined && sms.page === undefined)) {
    return (
      <Later>
        <Skeleton h={64} w="80%" radius={18} />
      </Later>
    );
  }
  if (people.person === undefined) {
    return <Text c="dimmed">{people.search === "" ? "Nobody would get this message yet. Choose an audience first." : "Nobody here has this name, number or email."}</Text>;
  }
  if (unreached !== null) return <Text c="dimmed">{unreached}</Text>;
  if (shown === null) return <Text c="dimmed">The preview comes back when the message can be read.</Text>;
  return (
    <>
      <Bubble text={shown.text} isStale={sms.isStale} />
      {shown.missing.length > 0 && (
        <Text size="xs" c="var(--app-care)">
          Missing here: {shown.missing.join(", ")}
        </Text>
      )}
    </>
  );
}
