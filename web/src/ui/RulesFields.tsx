/** How a broadcast is sent: its speed limit, what follows when its time is missed, and when it stops by itself. */
import { NumberInput, Radio } from "@mantine/core";
import { useId, useState } from "react";
import type { Fault, SendingRules } from "@/api/types";
import { latePolicies, lateWords, percentOf, shareOf } from "@/lib/sendingRules";
import classes from "./RulesFields.module.css";

const FIRST_LIMIT = 600;
const FIRST_PERCENT = 25;
const MOST_PER_MINUTE = 10_000_000;

interface RulesFieldsProps {
  rules: SendingRules;
  onChange: (change: Partial<SendingRules>) => void;
  faults: Fault[];
  isReadOnly?: boolean;
}

export function RulesFields({ rules, onChange, faults, isReadOnly = false }: RulesFieldsProps) {
  const { max_per_minute: limit, stop_at_failure_rate: stop, late_policy: policy } = rules;
  const faultAt = (name: keyof SendingRules) => faults.find(({ pointer }) => pointer === `/${name}`)?.detail;
  const policyFault = faultAt("late_policy");
  return (
    <div className={classes["groups"]}>
      <MaybeNumber
        label="Speed limit"
        none={{ word: "As fast as the sender allows", isFirst: true }}
        amount={{ before: "At most", after: "messages per minute", name: "Messages per minute", least: 1, most: MOST_PER_MINUTE, decimals: 0, first: FIRST_LIMIT }}
        value={limit}
        fault={faultAt("max_per_minute")}
        isReadOnly={isReadOnly}
        onChange={(next) => onChange({ max_per_minute: next })}
      />
      <Radio.Group
        label="If its time is missed"
        description="Only if Clarion was not running for more than 15 minutes at that time."
        value={policy}
        error={policyFault}
        onChange={(value) => {
          const next = latePolicies.find((each) => each === value);
          if (next !== undefined) onChange({ late_policy: next });
        }}
      >
        <div className={classes["choices"]}>
          {latePolicies.map((each) => (
            <Radio key={each} className={classes["choice"]} value={each} label={lateWords(each).label} description={lateWords(each).description} disabled={isReadOnly} />
          ))}
        </div>
      </Radio.Group>
      <MaybeNumber
        label="Stop by itself"
        none={{ word: "Never", isFirst: false }}
        amount={{ before: "When more than", after: "% fail", name: "Per cent that fail", least: 0.1, most: 100, decimals: 1, first: FIRST_PERCENT }}
        value={stop === null ? null : percentOf(stop)}
        fault={faultAt("stop_at_failure_rate")}
        isReadOnly={isReadOnly}
        onChange={(next) => onChange({ stop_at_failure_rate: next === null ? null : shareOf(next) })}
      />
    </div>
  );
}

interface Amount {
  before: string;
  after: string;
  name: string;
  least: number;
  most: number;
  decimals: number;
  /** What stands there when it is chosen for the first time. */
  first: number;
}

interface MaybeNumberProps {
  label: string;
  none: { word: string; isFirst: boolean };
  amount: Amount;
  value: number | null;
  fault: string | undefined;
  isReadOnly: boolean;
  onChange: (value: number | null) => void;
}

/** A number, or none of it. What is no such number is said and not kept. */
function MaybeNumber({ label, none, amount, value, fault, isReadOnly, onChange }: MaybeNumberProps) {
  const [typed, setTyped] = useState<number | string>(value ?? amount.first);
  const radioId = useId();
  const { least, most } = amount;
  const fits = typeof typed === "number" && typed >= least && typed <= most;
  const kept = value === null ? "" : `; ${value.toLocaleString("en-US")} is kept`;
  const isChosen = value !== null;
  const said = isChosen && !fits ? `Give a number from ${least} to ${most.toLocaleString("en-US")}${kept}.` : fault;
  const type = (next: number | string) => {
    setTyped(next);
    if (typeof next === "number" && next >= least && next <= most && next !== value) onChange(next);
  };
  const choose = (which: string) => {
    const last = fits ? typed : amount.first;
    setTyped(last);
    onChange(which === "none" ? null : last);
  };
  const withoutOne = <Radio key="none" className={classes["choice"]} value="none" label={none.word} disabled={isReadOnly} />;
  return (
    <Radio.Group label={label} value={isChosen ? "number" : "none"} onChange={choose}>
      <div className={classes["choices"]}>
        {none.isFirst && withoutOne}
        <div className={classes["amount"]}>
          <Radio id={radioId} className={classes["choice"]} value="number" aria-label={`${amount.before} ${String(typed)} ${amount.after}`} disabled={isReadOnly} />
          <div className={classes["sentence"]}>
            <label htmlFor={radioId}>{amount.before}</label>
            <NumberInput
              classNames={{ root: classes["parts"] ?? "", wrapper: classes["number"] ?? "", error: classes["fault"] ?? "" }}
              aria-label={amount.name}
              value={isChosen || fits ? typed : amount.first}
              min={least}
              max={most}
              clampBehavior="none"
              decimalScale={amount.decimals}
              allowNegative={false}
              thousandSeparator=","
              hideControls
              disabled={!isChosen || isReadOnly}
              error={said}
              errorProps={{ role: "alert" }}
              onChange={type}
            />
            <span>{amount.after}</span>
          </div>
        </div>
        {!none.isFirst && withoutOne}
      </div>
    </Radio.Group>
  );
}
