/** Narrows the list of broadcasts and puts it in order; the address keeps all of it. */
import { CloseButton, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconArrowsSort, IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useBroadcastAuthors } from "@/api/broadcasts";
import { orderChoices, orderInAddress, orderOf } from "@/lib/broadcastOrder";
import { broadcastTypeWord } from "@/lib/format";
import { broadcastStatuses, broadcastStatusWord } from "@/ui/Status";
import classes from "./BroadcastList.module.css";

const statusChoices = broadcastStatuses.map((status) => ({ value: status, label: broadcastStatusWord(status) }));
const typeChoices = (["sms", "email", "sms_email"] as const).map((type) => ({ value: type, label: broadcastTypeWord(type) }));
const places = [
  { value: "current", label: "Current" },
  { value: "archive", label: "Archive" },
];

export function BroadcastFilters() {
  const { status, type, author, order, archived = false } = useSearch({ from: "/broadcasts" });
  const navigate = useNavigate({ from: "/broadcasts" });
  const { data } = useBroadcastAuthors();
  const authors = [...new Set([...(data?.authors ?? []), ...(author === undefined ? [] : [author])])];
  return (
    <Group gap="sm" mb="md">
      <SearchField />
      <Select
        className={classes["choice"]}
        aria-label="Status"
        placeholder="Any status"
        clearable
        data={statusChoices}
        value={status ?? null}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, status: next ?? undefined }) })}
      />
      <Select
        className={classes["choice"]}
        aria-label="Type"
        placeholder="Any type"
        clearable
        data={typeChoices}
        value={type ?? null}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, type: next ?? undefined }) })}
      />
      {authors.length > 1 && (
        <Select
          className={classes["choice"]}
          aria-label="Made by"
          placeholder="Made by anybody"
          clearable
          searchable
          data={authors}
          value={author ?? null}
          onChange={(next) => void navigate({ search: (others) => ({ ...others, author: next ?? undefined }) })}
        />
      )}
      <Select
        className={classes["choice"]}
        aria-label="Order"
        leftSection={<IconArrowsSort size={16} aria-hidden />}
        allowDeselect={false}
        data={orderChoices}
        value={orderOf(order)}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, order: orderInAddress(next) }) })}
      />
      <SegmentedControl
        aria-label="Which broadcasts"
        data={places}
        value={archived ? "archive" : "current"}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, archived: next === "archive" ? true : undefined }) })}
      />
    </Group>
  );
}

function SearchField() {
  const { q = "" } = useSearch({ from: "/broadcasts" });
  const navigate = useNavigate({ from: "/broadcasts" });
  const [text, setText] = useState(q);
  const [before, setBefore] = useState(q);
  if (q !== before) {
    setBefore(q);
    // "Show all broadcasts" empties the field, too.
    if (q === "") setText("");
  }
  const search = useDebouncedCallback((next: string) => {
    void navigate({ search: (others) => ({ ...others, q: next.trim() === "" ? undefined : next.trim() }), replace: true });
  }, 200);
  const type = (next: string) => {
    setText(next);
    search(next);
  };
  return (
    <TextInput
      className={classes["search"]}
      type="search"
      aria-label="Search broadcasts"
      placeholder="Search by name"
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
