/** Broadcasts or segments, chosen by name. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { nameKey, useNamed, type NamedKind } from "@/api/named";
import { inWords } from "@/api/problem";
import { day } from "@/lib/format";
import { useEditing } from "./catalogue";
import { PickMany } from "./PickMany";
import type { ValueInputProps } from "./ValueInput";

const SEARCH_AFTER_MS = 100;

const words: Record<NamedKind, { label: string; placeholder: string; none: string; notFound: string }> = {
  broadcast: { label: "Broadcasts", placeholder: "Type a broadcast’s name", none: "Nothing has been sent yet", notFound: "No broadcast has that name" },
  segment: { label: "Segments", placeholder: "Type a segment’s name", none: "No segment is saved yet", notFound: "No segment has that name" },
};

export function NamedMany({ kind, value, isReadOnly, hasFault, onChange }: ValueInputProps & { kind: NamedKind }) {
  const { nameOf } = useEditing();
  const cache = useQueryClient();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS);
  const { data, error, isPending, fetchStatus } = useNamed(kind, search, isOpen);
  const said = words[kind];
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const change = (ids: string[]) => {
    for (const one of data ?? []) {
      if (ids.includes(one.id)) cache.setQueryData(nameKey(kind, one.id), one);
    }
    onChange(ids.length === 0 ? undefined : ids);
  };
  return (
    <PickMany
      label={said.label}
      placeholder={said.placeholder}
      chosen={chosen.map((id) => ({ key: id, label: nameOf(kind, id) ?? "…" }))}
      options={(data ?? []).map(({ id, name, contacts, at }) => ({ key: id, label: name, contacts, note: at === undefined ? undefined : day(at) }))}
      isWaiting={isPending}
      problem={error === null && fetchStatus !== "paused" ? null : inWords(error)}
      nothing={search === "" ? said.none : said.notFound}
      footer={null}
      takesOther={false}
      search={typed}
      hasFault={hasFault}
      isReadOnly={isReadOnly}
      onOpen={() => setOpen(true)}
      onSearch={setTyped}
      onChange={change}
    />
  );
}
