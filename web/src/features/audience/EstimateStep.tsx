/** Who of the matched people an SMS reaches, and why the others are left out. */
import { Text, Title } from "@mantine/core";
import { useLiveAudience } from "@/api/liveAudience";
import { useDraft } from "@/api/useDraft";
import { count, share } from "@/lib/format";
import { leftOutOrder, leftOutTotal, reasonWords } from "@/lib/reasons";
import type { Estimate } from "@/api/types";
import { Announce } from "@/ui/Announce";
import { Bar } from "@/ui/Bar";
import { Figure } from "@/ui/Figure";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { usePeople, type People } from "@/ui/People";
import { WaitingRows } from "@/ui/States";
import { StepPage } from "@/ui/StepPage";
import classes from "./Estimate.module.css";

export function EstimateStep() {
  const { broadcast } = useDraft();
  const live = useLiveAudience(broadcast.id, broadcast.filter);
  const isOffline = live.connection === "offline";
  return (
    <StepPage title="Estimated Audience" hint="Counted from your contacts as they are now. Each number opens its people.">
      {isOffline && <Notice kind="offline">Offline: these numbers may be old. Clarion reconnects by itself.</Notice>}
      {live.problem !== null && <Notice kind="bad" isAlert>{live.problem.detail}</Notice>}
      {live.estimate === null && live.problem === null && <WaitingRows rows={7} />}
      {live.estimate !== null && <Numbers estimate={live.estimate} isStale={live.arePeopleStale || isOffline} />}
      <NextStep after="estimate" />
    </StepPage>
  );
}

interface NumbersProps {
  estimate: Estimate;
  isStale: boolean;
}

function Numbers({ estimate, isStale }: NumbersProps) {
  const { open } = usePeople();
  const { matched, total, sms } = estimate;
  const leftOut = leftOutTotal(sms.left_out);
  const tile = (people: People, label: string, value: number, note: string) => (
    <button type="button" className={classes["tile"]} onClick={() => open(people)} aria-label={`${label} ${count(value)}, show the people`}>
      <span>{label}</span>
      <span className={classes["number"]}>
        <Figure value={value} isStale={isStale} />
      </span>
      <Text span size="xs" c="dimmed">
        {note}
      </Text>
    </button>
  );
  return (
    <>
      <div className={classes["tiles"]}>
        {tile("matched", "Matched", matched, `of ${count(total)} contacts`)}
        {tile("reachable", "Reachable by SMS", sms.reachable, `${share(sms.reachable, matched)} of the matched`)}
      </div>
      <section className={classes["reasons"]} aria-label="Left out">
        <Title order={2} mb={4}>
          <Figure value={leftOut} isStale={isStale} /> left out
        </Title>
        <Bar
          whole={matched}
          height={10}
          parts={[
            { id: "reachable", value: sms.reachable, tone: "accent" },
            { id: "left_out", value: leftOut, tone: "skip" },
          ]}
        />
        <table className={classes["table"]}>
          <thead className={classes["tableHead"]}>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">Contacts</th>
            </tr>
          </thead>
          <tbody>
            {leftOutOrder.map((reason) => {
              const contacts = sms.left_out.find((entry) => entry.reason === reason)?.contacts ?? 0;
              const { label, explanation } = reasonWords(reason);
              return (
                <tr key={reason} data-zero={contacts === 0 || undefined}>
                  <th scope="row">
                    {label}
                    <Text span size="xs" c="dimmed" display="block">
                      {explanation}
                    </Text>
                  </th>
                  <td className={classes["barCell"]}>
                    <Bar whole={Math.max(leftOut, 1)} height={6} parts={[{ id: reason, value: contacts, tone: "skip" }]} />
                  </td>
                  <td className={classes["count"]}>
                    {contacts === 0 ? (
                      <Figure value={0} isStale={isStale} />
                    ) : (
                      <button type="button" className="number-link" onClick={() => open(reason)} aria-label={`${label} ${count(contacts)}, show the people`}>
                        <Figure value={contacts} isStale={isStale} />
                      </button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <Announce>{`${count(sms.reachable)} of ${count(matched)} reachable by SMS`}</Announce>
    </>
  );
}
