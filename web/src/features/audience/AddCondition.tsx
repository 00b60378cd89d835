/** One search box for every condition: "state", "state tx", "score > 50", or a value alone. Enter adds what is marked. */
import { Combobox, Text, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { nameKey } from "@/api/named";
import { isFinished } from "@/lib/filter/document";
import type { Suggestion } from "@/lib/filter/suggest";
import { newCondition } from "@/lib/filter/tree";
import { namedBy } from "@/lib/filter/words";
import { count } from "@/lib/format";
import type { AudienceField } from "@/api/types";
import { grouped, operatorOf, useEditing } from "./catalogue";
import { useMarkedList } from "./useMarkedList";
import { useOffers } from "./useOffers";
import classes from "./Builder.module.css";
import values from "./Values.module.css";

const MOST_SHOWN = 80;

const typeWords: Partial<Record<AudienceField["type"], string>> = { text: "Text", number: "Number", date: "Date", boolean: "Yes or no", list: "List" };

interface AddConditionProps {
  group: string;
  label: string;
  isOutermost: boolean;
  /** The box of a group inside closes when it is left empty. */
  onLeave: () => void;
}

export function AddCondition({ group, label, isOutermost, onLeave }: AddConditionProps) {
  const { words, act, say, said } = useEditing();
  const cache = useQueryClient();
  const combobox = useCombobox();
  const [typed, setTyped] = useState("");
  const isOpen = combobox.dropdownOpened;
  const isTyping = typed.trim() !== "";
  const { offers, nameOfValue, isWaiting, isOffline } = useOffers(typed, isOpen);
  const shown = offers.slice(0, MOST_SHOWN);
  const byKey = new Map(shown.map((offer) => [offer.key, offer]));

  const add = ({ field, operator, value }: Suggestion) => {
    const node = newCondition(field.id, operator, value);
    const kind = namedBy(field.id, operator);
    const [id] = Array.isArray(value) ? (value as unknown[]) : [];
    const name = nameOfValue(id);
    if (kind !== undefined && name !== undefined) cache.setQueryData(nameKey(kind, String(id)), { id: String(id), name });
    const isDone = isFinished(value, operatorOf(words, operator)?.value ?? "one");
    act({ do: "add", group, node }, isDone ? undefined : { part: node.id, at: "value" });
    say(`Added: ${said(node)}`);
    setTyped("");
    list.unmark();
    combobox.closeDropdown();
  };
  const list = useMarkedList({
    keys: [...byKey.keys()],
    isOpen,
    first: isTyping ? (shown[0]?.key ?? null) : null,
    onOpen: () => combobox.openDropdown(),
    onClose: () => combobox.closeDropdown(),
    onChoose: (key) => {
      const chosen = byKey.get(key);
      if (chosen !== undefined) add(chosen);
    },
  });

  const option = (offer: Suggestion) => (
    <Combobox.Option
      key={offer.key}
      className={values["choice"]}
      value={offer.key}
      id={list.optionId(offer.key)}
      selected={offer.key === list.marked}
      aria-selected={offer.key === list.marked}
    >
      <span className={values["option"]}>
        <span>{offer.label}</span>{" "}
        <Text span size="xs" c="dimmed" className="figure">
          {offer.kind === "field" ? typeWords[offer.field.type] : offer.contacts !== undefined && count(offer.contacts)}
        </Text>
      </span>
    </Combobox.Option>
  );

  return (
    <Combobox store={combobox} onOptionSubmit={(key) => byKey.has(key) && add(byKey.get(key) as Suggestion)}>
      <Combobox.DropdownTarget>
        <TextInput
          className={classes["add"]}
          aria-label={label}
          placeholder={isOutermost ? "Add a condition: type “state tx”, “tags”, or a value" : "Type a field or a value"}
          leftSection={<IconSearch size={16} aria-hidden />}
          // A box that was asked for is typed in at once.
          ref={isOutermost ? undefined : focusAtFirst}
          data-add={isOutermost || undefined}
          role="combobox"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-expanded={isOpen}
          aria-controls={isOpen ? (combobox.listId ?? undefined) : undefined}
          aria-activedescendant={list.markedId}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            list.unmark();
            combobox.openDropdown();
          }}
          onClick={() => combobox.openDropdown()}
          onBlur={() => {
            combobox.closeDropdown();
            if (!isTyping) onLeave();
          }}
          onKeyDown={list.onKey}
        />
      </Combobox.DropdownTarget>
      <Combobox.Dropdown>
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label="Conditions to add">
          {isTyping ? shown.map(option) : grouped(shown, ({ field }) => field.source).map(({ heading, items }) => (
            <Combobox.Group key={heading} label={heading}>
              {items.map(option)}
            </Combobox.Group>
          ))}
          {shown.length === 0 && <Combobox.Empty>{isWaiting ? "Looking through the values" : "No field and no value is like that"}</Combobox.Empty>}
        </Combobox.Options>
        {(offers.length > shown.length || isOffline) && (
          <Combobox.Footer>
            <Text size="xs" c="dimmed">
              {isOffline ? "Offline: values are not looked up now. What you type is taken as it is." : `${count(offers.length - shown.length)} more: type to find them`}
            </Text>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

const focusAtFirst = (input: HTMLInputElement | null) => input?.focus();
