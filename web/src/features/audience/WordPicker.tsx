/** A word of a condition that opens the list of others: it stands as text in the row. */
import { Combobox, useCombobox } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import type { Choice } from "./catalogue";
import classes from "./Builder.module.css";
import values from "./Values.module.css";

interface WordPickerProps {
  /** What is picked: "Field", "Operator". */
  label: string;
  /** As it reads in the row. */
  word: string;
  value: string;
  choices: { heading?: string; items: Choice[] }[];
  isStrong?: boolean;
  isReadOnly: boolean;
  nothingFound: string;
  onChoose: (value: string) => void;
}

const SEARCHED_FROM = 9;

export function WordPicker({ label, word, value, choices, isStrong = false, isReadOnly, nothingFound, onChoose }: WordPickerProps) {
  const [search, setSearch] = useState("");
  const isSearched = choices.reduce((sum, { items }) => sum + items.length, 0) >= SEARCHED_FROM;
  const combobox = useCombobox({
    onDropdownOpen: (source) => {
      if (isSearched) combobox.focusSearchInput();
      else if (source === "keyboard") combobox.selectActiveOption();
      combobox.updateSelectedOptionIndex("active");
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      if (isSearched) combobox.focusTarget();
      setSearch("");
    },
  });
  if (isReadOnly) return <span className={classes["word"]} data-strong={isStrong || undefined} data-plain>{word}</span>;

  const wanted = search.trim().toLowerCase();
  const groups = choices
    .map(({ heading, items }) => ({ heading, items: items.filter((item) => item.label.toLowerCase().includes(wanted)) }))
    .filter(({ items }) => items.length > 0);
  const options = (items: Choice[]) =>
    items.map((item) => (
      <Combobox.Option key={item.value} className={values["choice"]} value={item.value} active={item.value === value} aria-selected={item.value === value}>
        {item.label}
      </Combobox.Option>
    ));

  return (
    <Combobox
      store={combobox}
      width="max-content"
      position="bottom-start"
      onOptionSubmit={(next) => {
        combobox.closeDropdown();
        if (next !== value) onChoose(next);
      }}
    >
      <Combobox.Target targetType="button" withExpandedAttribute>
        <button
          type="button"
          className={classes["word"]}
          data-strong={isStrong || undefined}
          aria-label={`${label}: ${word}`}
          onClick={() => combobox.toggleDropdown()}
          onBlur={() => !isSearched && combobox.closeDropdown()}
        >
          <span>{word}</span>
          <IconChevronDown size={14} aria-hidden className={classes["chevron"]} />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown className={values["dropdown"]}>
        {isSearched && (
          <Combobox.Search
            aria-label={`Search: ${label.toLowerCase()}`}
            placeholder="Type to search"
            value={search}
            onBlur={() => combobox.closeDropdown()}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.selectFirstOption();
              combobox.updateSelectedOptionIndex();
            }}
          />
        )}
        <Combobox.Options mah={300} style={{ overflowY: "auto" }} aria-label={label}>
          {groups.length === 0 && <Combobox.Empty>{nothingFound}</Combobox.Empty>}
          {groups.map(({ heading, items }) =>
            heading === undefined ? (
              options(items)
            ) : (
              <Combobox.Group key={heading} label={heading}>
                {options(items)}
              </Combobox.Group>
            ),
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
