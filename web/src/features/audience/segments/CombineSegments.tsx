/** Two or more segments made into one: in any, in all, or in one but not in the others. */
import { Button, Radio, Select, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";
import { useLiveAudience } from "@/api/liveAudience";
import { nameKey, useNamed, useNames } from "@/api/named";
import { ApiProblem, inWords } from "@/api/problem";
import { useCreateSegment, type Combination } from "@/api/segments";
import { combined, combinedWords, listed } from "@/lib/segments";
import type { Group } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { PickMany } from "../PickMany";
import { BackToSegments } from "./BackToSegments";
import { LivePeople } from "./LivePeople";
import { isAboutName, SaveFields } from "./SaveFields";
import classes from "./Segments.module.css";

const ways: { value: Combination; label: string; description: string }[] = [
  { value: "union", label: "In any of them", description: "Everybody of all segments, each person once" },
  { value: "intersection", label: "In all of them", description: "Only who is in every one" },
  { value: "difference", label: "In one, but not in the others", description: "Who is in the first, without those of the others" },
];

export function CombineSegments() {
  useDocumentTitle("Combine segments · Clarion");
  const { of = [], how = "union" } = useSearch({ from: "/segments/combine" });
  const navigate = useNavigate({ from: "/segments/combine" });
  const filter = combined(how, of);
  const nameOf = useNames(combined("union", of));
  const name = (id: string) => nameOf("segment", id) ?? "…";
  const isReady = of.length > 1;
  const go = (search: { of?: string[]; how?: Combination }) => void navigate({ search: { of, how, ...search }, replace: true });

  return (
    <div className={classes["page"]}>
      <BackToSegments />
      <Title order={1}>Combine segments</Title>
      <Text c="dimmed" mb="lg">
        A dynamic combination follows the segments that it is made of.
      </Text>
      <div className={classes["columns"]}>
        <Stack gap="lg" className={classes["card"]}>
          <PickSegments of={of} name={name} onChange={(next) => go({ of: next })} />
          <Radio.Group label="Who is in the new one" value={how} onChange={(next) => go({ how: next })}>
            <Stack gap={0} mt={4}>
              {ways.map((way) => (
                <Radio key={way.value} className={classes["choice"]} {...way} />
              ))}
            </Stack>
          </Radio.Group>
          {how === "difference" && isReady && (
            <Select
              label="Begin with"
              description={`Without those who are in ${listed(of.slice(1).map(name), "or")}`}
              allowDeselect={false}
              data={of.map((id) => ({ value: id, label: name(id) }))}
              value={of[0] ?? null}
              onChange={(base) => base !== null && go({ of: [base, ...of.filter((id) => id !== base)] })}
            />
          )}
        </Stack>
        <div className={classes["card"]}>
          <Save how={how} of={of} />
        </div>
      </div>
      <Stack mt="lg">
        {isReady && <Preview filter={filter} said={combinedWords(how, of.map(name))} />}
        {!isReady && <Notice kind="todo">Choose at least two segments to see how many people that makes.</Notice>}
      </Stack>
    </div>
  );
}

function PickSegments({ of, name, onChange }: { of: string[]; name: (id: string) => string; onChange: (ids: string[]) => void }) {
  const cache = useQueryClient();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [search] = useDebouncedValue(typed.trim(), 100);
  const { data = [], error, isPending } = useNamed("segment", search, isOpen);
  const change = (ids: string[]) => {
    for (const each of data) if (ids.includes(each.id)) cache.setQueryData(nameKey("segment", each.id), each);
    onChange(ids);
  };
  return (
    <div>
      <Text fw={600} mb={4} aria-hidden>
        Segments
      </Text>
      <PickMany
        label="Segments"
        placeholder="Type a segment’s name"
        chosen={of.map((id) => ({ key: id, label: name(id) }))}
        options={data.map(({ id, name: label, contacts }) => ({ key: id, label, ...(contacts === undefined ? {} : { contacts }) }))}
        isWaiting={isPending}
        problem={error === null ? null : inWords(error)}
        nothing={search === "" ? "No segment is saved yet" : "No segment has that name"}
        footer={null}
        takesOther={false}
        search={typed}
        hasFault={false}
        isReadOnly={false}
        onOpen={() => setOpen(true)}
        onSearch={setTyped}
        onChange={change}
      />
    </div>
  );
}

function Preview({ filter, said }: { filter: Group; said: string }) {
  const live = useLiveAudience("combination", filter);
  return <LivePeople live={live} filter={filter} said={said} />;
}

function Save({ how, of }: { how: Combination; of: string[] }) {
  const navigate = useNavigate();
  const create = useCreateSegment();
  const [choice, setChoice] = useState({ name: "", frozen: false });
  const [missing, setMissing] = useState<"name" | "segments" | null>(null);
  const isName = isAboutName(create.error instanceof ApiProblem ? create.error.faults : []);
  const said = create.isError ? inWords(create.error) : null;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const name = choice.name.trim();
    const lacks = of.length < 2 ? "segments" : name === "" ? "name" : null;
    setMissing(lacks);
    if (lacks !== null || create.isPending) return;
    create.mutate(
      { ...choice, name, combine: { operation: how, segments: of } },
      { onSuccess: ({ id }) => void navigate({ to: "/segments/$id", params: { id } }) },
    );
  };
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <SaveFields
          value={choice}
          onChange={(next) => {
            setChoice(next);
            setMissing(null);
            if (create.isError) create.reset();
          }}
          fault={missing === "name" ? "Give the segment a name." : isName ? said : null}
        />
        {missing === "segments" && of.length < 2 && <Notice kind="bad" isAlert>Choose at least two segments first.</Notice>}
        {said !== null && !isName && <Notice kind="bad" isAlert>{said}</Notice>}
        <Button type="submit" loading={create.isPending}>
          Save the combination
        </Button>
      </Stack>
    </form>
  );
}
