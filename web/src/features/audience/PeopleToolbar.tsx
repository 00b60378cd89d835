/** Above the matched people: search, order on phones, columns, one person, and the file. */
import { Button, Checkbox, CloseButton, NativeSelect, Popover, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconColumns, IconSearch, IconUserSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { SortBy } from "@/api/audience";
import type { Column } from "@/ui/DataTable";
import type { AudienceField, Contact, Group } from "@/api/types";
import { ExportButton } from "@/ui/ExportButton";
import { usePerson } from "@/ui/People";
import classes from "./Audience.module.css";

interface ToolbarProps {
  filter: Group;
  name: string;
  columns: Column<Contact>[];
  offered: AudienceField[];
  chosen: string[];
  search: string;
  sort: SortBy | null;
  onSearch: (search: string) => void;
  onSort: (sort: SortBy | null) => void;
  onColumns: (columns: string[]) => void;
}

export function PeopleToolbar({ filter, name, columns, offered, chosen, search, sort, onSearch, onSort, onColumns }: ToolbarProps) {
  const { openCheck } = usePerson();
  const orders = columns.flatMap(({ label, sortBy }) =>
    sortBy === undefined ? [] : [{ value: sortBy, label: `${label}, up` }, { value: `-${sortBy}`, label: `${label}, down` }],
  );
  return (
    <div className={classes["toolbar"]}>
      <Search search={search} onSearch={onSearch} />
      <NativeSelect
        className={classes["sortBy"]}
        aria-label="Sort by"
        data={[{ value: "", label: "As they come" }, ...orders]}
        value={sort === null ? "" : `${sort.descending ? "-" : ""}${sort.field}`}
        onChange={({ currentTarget: { value } }) =>
          onSort(value === "" ? null : { field: value.replace(/^-/, ""), descending: value.startsWith("-") })
        }
      />
      <span className={classes["grow"]} />
      <Button variant="default" leftSection={<IconUserSearch size={16} aria-hidden />} onClick={openCheck}>
        Check a person
      </Button>
      <Columns offered={offered} chosen={chosen} onChange={onColumns} />
      <ExportButton filter={filter} name={name} />
    </div>
  );
}

function Search({ search, onSearch }: Pick<ToolbarProps, "search" | "onSearch">) {
  const [text, setText] = useState(search);
  const later = useDebouncedCallback((next: string) => onSearch(next.trim()), 200);
  const type = (next: string) => {
    setText(next);
    later(next);
  };
  return (
    <TextInput
      className={classes["search"]}
      type="search"
      aria-label="Search the matched contacts"
      placeholder="Name, number or email"
      maxLength={200}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}

function Columns({ offered, chosen, onChange }: { offered: AudienceField[]; chosen: string[]; onChange: (columns: string[]) => void }) {
  const choices = [{ id: "phone", label: "Phone" }, { id: "email", label: "Email" }, ...offered];
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns size={16} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes["columns"]}>
        <Checkbox.Group label="Columns" value={chosen} onChange={onChange}>
          <Stack gap={0} mt={8}>
            {choices.map(({ id, label }) => (
              <Checkbox key={id} value={id} label={label} className={classes["column"]} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}
