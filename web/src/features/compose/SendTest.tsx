/** "Send a test to me": what a step says, as one contact gets it, to one's own address. */
import { Button, Modal, SegmentedControl, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue, useInterval } from "@mantine/hooks";
import { IconSend } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useContacts } from "@/api/audience";
import { useHeld } from "@/api/ofStep";
import { ApiProblem, inWords } from "@/api/problem";
import { useKeepTestAddress, useSendTest, useStepTests, useTestAddresses, type TestChannel } from "@/api/stepTests";
import type { StepTest, TestAddresses } from "@/api/types";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import { agoWords, saidOf } from "@/lib/stepTests";
import { Notice } from "@/ui/Notice";
import classes from "./SendTest.module.css";

const FIRST = "first";
const SEARCH_AFTER_MS = 250;

const channelWords: Record<TestChannel, string> = { sms: "SMS", email: "Email" };

interface SendTestProps {
  channel: TestChannel;
  /** Whom the preview beside it shows. */
  shown: { id: string; name: string } | undefined;
}

export function SendTest({ channel, shown }: SendTestProps) {
  const { broadcast, step } = useDraft();
  const place = { broadcast: broadcast.id, step: step.id };
  const { data: tests } = useStepTests(place);
  const [isOpen, setOpen] = useState(false);
  const newest = tests?.find((each) => each.channel === channel);
  return (
    <div className={classes["test"]}>
      <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Send a test to me
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Send a test to me" size="sm" closeButtonProps={{ "aria-label": "Close" }}>
        <Form channel={channel} place={place} shown={shown} onSent={() => setOpen(false)} />
      </Modal>
      {newest !== undefined && <Progress test={newest} />}
    </div>
  );
}

interface FormProps extends SendTestProps {
  place: { broadcast: string; step: string };
  onSent: () => void;
}

function Form({ channel: first, place, shown, onSent }: FormProps) {
  const { step, flush } = useDraft();
  const held = useHeld();
  const [channel, setChannel] = useState(first);
  const [who, setWho] = useState<{ id: string; name: string } | undefined>(shown);
  const { data: addresses, error } = useTestAddresses(true);
  const [to, setTo] = useState<string | null>(null);
  const [isChanging, setChanging] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const { mutate: send, isPending, error: refused, reset } = useSendTest(place);
  const keep = useKeepTestAddress();
  if (error !== null && addresses === undefined) return <Notice kind="bad">{inWords(error)}</Notice>;
  if (addresses === undefined) return <Text c="dimmed">Looking up where your tests go…</Text>;
  const own = channel === "email" ? addresses.email : addresses.phone;
  const isAsked = own === null || isChanging;
  const isUnsaved = held !== null && !held.isEmpty;
  const problem = refused ?? keep.error;
  const atField = problem instanceof ApiProblem && problem.faults.some(({ pointer }) => ["/to", "/email", "/phone"].includes(pointer)) ? inWords(problem) : undefined;

  const begin = (next: TestChannel) => {
    setChannel(next);
    setTo(null);
    setChanging(false);
    reset();
    keep.reset();
  };
  const press = async () => {
    setSaving(true);
    try {
      await flush();
      if (isChanging && to !== null) {
        await keep.mutateAsync(channel === "email" ? { email: to } : { phone: to });
        setChanging(false);
      }
      send({ channel, to: isChanging ? null : to, contact_id: who?.id ?? null }, { onSuccess: onSent });
    } catch {
      // It stands at the field.
    } finally {
      setSaving(false);
    }
  };

  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        void press();
      }}
    >
      {step.channel === "sms_email" && (
        <SegmentedControl
          aria-label="Channel of the test"
          value={channel}
          onChange={begin}
          data={(["sms", "email"] as const).map((value) => ({ value, label: channelWords[value] }))}
        />
      )}
      <Whom channel={channel} who={who} onWho={setWho} />
      {isAsked ? (
        <TextInput
          label={channel === "email" ? "Your e-mail address" : "Your mobile number"}
          description="It is kept for your next tests."
          type={channel === "email" ? "email" : "tel"}
          autoComplete={channel === "email" ? "email" : "tel"}
          required
          withAsterisk={false}
          value={to ?? ""}
          error={atField}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      ) : (
        <GoesTo
          channel={channel}
          own={own}
          addresses={addresses}
          to={to}
          onTo={setTo}
          onChange={() => {
            setTo(own);
            setChanging(true);
          }}
        />
      )}
      {problem !== null && (atField === undefined || !isAsked) && (
        <Notice kind="bad" isAlert>
          {inWords(problem)}
        </Notice>
      )}
      {isUnsaved && <Notice kind="care">Save the change of this step first: a test says what is saved.</Notice>}
      <Button type="submit" loading={isPending || isSaving} disabled={isUnsaved}>
        {channel === "email" ? "Send this email to me" : "Send this SMS to me"}
      </Button>
      <Text size="xs" c="dimmed">
        {channel === "email" ? "The subject begins with [Test]. " : ""}It leaves at any hour and counts nowhere.
      </Text>
    </form>
  );
}

interface WhomProps {
  channel: TestChannel;
  who: { id: string; name: string } | undefined;
  onWho: (who: { id: string; name: string } | undefined) => void;
}

function Whom({ channel, who, onWho }: WhomProps) {
  const { broadcast } = useDraft();
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search === who?.name ? "" : search, SEARCH_AFTER_MS);
  const { data } = useContacts({ filter: broadcast.filter, channel, reachable: true, search: asked.trim() === "" ? null : asked.trim() }, { isWanted: true });
  const found = data?.pages.flatMap(({ contacts }) => contacts).map((contact) => ({ value: contact.id, label: nameOf(contact) })) ?? [];
  const options = [{ value: FIRST, label: "The first of the audience" }, ...(who === undefined || found.some(({ value }) => value === who.id) ? [] : [{ value: who.id, label: who.name }]), ...found];
  return (
    <Select
      label="As this person gets it"
      searchable
      allowDeselect={false}
      nothingFoundMessage="Nobody in the audience is called so."
      comboboxProps={{ withinPortal: false }}
      maxDropdownHeight={220}
      data={options}
      filter={({ options: all }) => all}
      value={who?.id ?? FIRST}
      onSearchChange={setSearch}
      onChange={(id) => {
        const chosen = options.find(({ value }) => value === id);
        onWho(chosen === undefined || chosen.value === FIRST ? undefined : { id: chosen.value, name: chosen.label });
      }}
    />
  );
}

interface GoesToProps {
  channel: TestChannel;
  own: string | null;
  addresses: TestAddresses;
  to: string | null;
  onTo: (to: string | null) => void;
  onChange: () => void;
}

function GoesTo({ channel, own, addresses, to, onTo, onChange }: GoesToProps) {
  const others = channel === "email" ? addresses.members.filter(({ email }) => email !== own) : [];
  if (others.length > 0) {
    return (
      <div>
        <Select
          label="To"
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          data={[{ value: own ?? "", label: `${own ?? ""} (you)` }, ...others.map(({ name, email }) => ({ value: email, label: `${name}, ${email}` }))]}
          value={to ?? own}
          onChange={onTo}
        />
        <Button variant="subtle" size="compact-sm" onClick={onChange}>
          Change my address
        </Button>
      </div>
    );
  }
  return (
    <div className={classes["goes"]}>
      <Text style={{ overflowWrap: "anywhere" }}>
        To <strong>{own}</strong>
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={onChange} aria-label={channel === "email" ? "Change my e-mail address" : "Change my number"}>
        Change
      </Button>
    </div>
  );
}

/** The time beside it moves on; only what became of the test is announced. */
function Progress({ test }: { test: StepTest }) {
  const { kind, words, at } = saidOf(test);
  const [now, setNow] = useState(() => Date.now());
  const ticking = useInterval(() => setNow(Date.now()), 1_000);
  const { start, stop } = ticking;
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  return (
    <div className={classes["said"]}>
      <Notice kind={kind}>
        <span role="status">{words}</span>
        {at === null ? "…" : <span className="figure">, {agoWords(at, Math.max(now, Date.parse(at)))}</span>}
      </Notice>
    </div>
  );
}
