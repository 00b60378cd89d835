/** Several values of a list: chosen ones as pills, the others below with their numbers. */
import { Combobox, Pill, PillsInput, Text, useCombobox } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { useMarkedList } from "./useMarkedList";
import { WithCount } from "./WithCount";
import classes from "./Values.module.css";

export interface Pick {
  key: string;
  label: string;
  note?: string;
  contacts?: number;
}

interface PickManyProps {
  label: string;
  placeholder: string;
  chosen: Pick[];
  options: Pick[];
  isStale?: boolean;
  isWaiting: boolean;
  problem: string | null;
  nothing: string;
  footer: string | null;
  /** Whether a value that is not in the list can be typed. */
  takesOther: boolean;
  search: string;
  hasFault: boolean;
  isReadOnly: boolean;
  onOpen: () => void;
  onSearch: (search: string) => void;
  onChange: (keys: string[]) => void;
}

export function PickMany(props: PickManyProps) {
  const { chosen, options, search, takesOther, isReadOnly, onSearch, onChange } = props;
  const combobox = useCombobox({ onDropdownOpen: props.onOpen });
  const isOpen = combobox.dropdownOpened;
  const keys = chosen.map(({ key }) => key);
  const typed = search.trim();

  // Text is compared without regard to case, so "tx" is TX.
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  const isChosen = (key: string) => keys.some((other) => isSame(other, key));
  const toggle = (key: string) => {
    onChange(isChosen(key) ? keys.filter((other) => !isSame(other, key)) : [...keys, key]);
    onSearch("");
  };
  /** As a contact has it, where one has; otherwise as it was typed. */
  const takeTyped = () => {
    const key = options.find(({ label }) => isSame(label, typed))?.key ?? (takesOther ? typed : undefined);
    if (typed === "" || key === undefined) return;
    if (!isChosen(key)) onChange([...keys, key]);
    onSearch("");
  };
  const list = useMarkedList({
    keys: options.map(({ key }) => key),
    isOpen,
    first: takesOther || typed === "" ? null : (options[0]?.key ?? null),
    onOpen: () => combobox.openDropdown(),
    onClose: () => combobox.closeDropdown(),
    onChoose: (key) => {
      toggle(key);
      list.unmark();
    },
  });
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isReadOnly || list.onKey(event) || event.nativeEvent.isComposing) return;
    if ((event.key === "Enter" || (event.key === "," && takesOther)) && typed !== "") {
      event.preventDefault();
      takeTyped();
    } else if (event.key === "Backspace" && search === "" && keys.length > 0) {
      event.preventDefault();
      onChange(keys.slice(0, -1));
    }
  };

  return (
    <Combobox store={combobox} onOptionSubmit={toggle} position="bottom-start" middlewares={{ size: true, flip: true, shift: true }}>
      <Combobox.DropdownTarget>
        <PillsInput error={props.hasFault} onClick={() => !isReadOnly && combobox.openDropdown()} className={classes["many"]}>
          <Pill.Group>
            {chosen.map(({ key, label }) => (
              <Pill
                key={key}
                className={classes["pill"]}
                withRemoveButton={!isReadOnly}
                onRemove={() => toggle(key)}
                removeButtonProps={{ "aria-label": `Remove ${label}`, tabIndex: -1 }}
              >
                {label}
              </Pill>
            ))}
            <PillsInput.Field
              aria-label={props.label}
              placeholder={chosen.length === 0 ? props.placeholder : ""}
              role="combobox"
              aria-autocomplete="list"
              aria-haspopup="listbox"
              aria-expanded={isOpen}
              aria-controls={isOpen ? (combobox.listId ?? undefined) : undefined}
              aria-activedescendant={list.markedId}
              autoComplete="off"
              readOnly={isReadOnly}
              value={search}
              onChange={(event) => {
                onSearch(event.currentTarget.value);
                list.unmark();
                combobox.openDropdown();
              }}
              onFocus={() => !isReadOnly && combobox.openDropdown()}
              onBlur={() => {
                combobox.closeDropdown();
                if (takesOther) takeTyped();
                else onSearch("");
              }}
              onKeyDown={onKeyDown}
            />
          </Pill.Group>
        </PillsInput>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown>
        <Combobox.Options mah={300} style={{ overflowY: "auto" }} aria-label={props.label} aria-multiselectable>
          {options.map(({ key, label, note, contacts }) => (
            <Combobox.Option
              key={key}
              className={classes["choice"]}
              value={key}
              id={list.optionId(key)}
              selected={key === list.marked}
              active={isChosen(key)}
              aria-selected={isChosen(key)}
            >
              <span className={classes["pick"]}>
                <WithCount label={label} note={note} contacts={contacts} isStale={props.isStale} />
                <IconCheck size={14} aria-hidden style={{ visibility: isChosen(key) ? "visible" : "hidden" }} />
              </span>
            </Combobox.Option>
          ))}
          {options.length === 0 && <Combobox.Empty>{props.problem ?? (props.isWaiting ? "Looking through the contacts" : props.nothing)}</Combobox.Empty>}
        </Combobox.Options>
        {options.length > 0 && (props.problem ?? props.footer) !== null && (
          <Combobox.Footer>
            <Text size="xs" c="dimmed">
              {props.problem ?? props.footer}
            </Text>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}
