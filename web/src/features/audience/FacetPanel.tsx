/** Where the matched people are: how many have each value, given the rest of the filter. A click makes a condition of it. */
import { Button, Checkbox, Popover, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconChevronDown } from "@tabler/icons-react";
import { useEffect } from "react";
import type { Facet } from "@/api/facets";
import { canChoose } from "@/lib/filter/choose";
import { fieldChoice } from "@/lib/filter/words";
import type { AudienceField, AudienceFields } from "@/api/types";
import { FacetList } from "./FacetList";
import { countedFields, firstFields, useFacetChoice } from "./facetFields";
import type { FilterEditing } from "./useFilterEditing";
import classes from "./Facets.module.css";

interface FacetPanelProps {
  editing: FilterEditing;
  words: AudienceFields;
  /** Of the fields that `onLook` named last; null while they cannot be counted. */
  facets: Facet[] | null;
  /** The fields that can be counted. */
  countable: string[] | null;
  isStale: boolean;
  /** Called with the fields whose counts are on the screen. */
  onLook: (fields: string[]) => void;
}

export function FacetPanel({ editing: { editing }, words, facets, countable, isStale, onLook }: FacetPanelProps) {
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const { kept, change } = useFacetChoice();
  const isOpen = kept.isOpen ?? !isPhone;
  const counted = countedFields(words, countable ?? []);
  const chosen = kept.fields ?? firstFields(counted);
  const shown = chosen.flatMap((id) => counted.filter((field) => field.id === id));
  const { tree, isReadOnly } = editing;
  const inSight = isOpen ? shown.map(({ id }) => id).filter((id) => !kept.closed.includes(id)).join("\n") : "";
  useEffect(() => onLook(inSight === "" ? [] : inSight.split("\n")), [inSight, onLook]);
  const facetOf = (field: AudienceField) => facets?.find((facet) => facet.field === field.id);
  const toggle = (id: string) => change({ closed: kept.closed.includes(id) ? kept.closed.filter((each) => each !== id) : [...kept.closed, id] });
  return (
    <section aria-label="Where they are" className={`surface ${classes["panel"] ?? ""}`}>
      <div className={classes["head"]}>
        <Title order={2}>
          <UnstyledButton className={classes["fold"]} aria-expanded={isOpen} onClick={() => change({ isOpen: !isOpen })}>
            <IconChevronDown size={18} aria-hidden className={classes["chevron"]} />
            Where they are
          </UnstyledButton>
        </Title>
        {isOpen && counted.length > 0 && <ChooseFields counted={counted} chosen={chosen} onChange={(fields) => change({ fields })} />}
      </div>
      {isOpen && (
        <>
          {!canChoose(tree) && !isReadOnly && (
            <Text c="dimmed" px={16} pb={8}>
              Choose “All” at the top of the filter to narrow it by a click here.
            </Text>
          )}
          <div className={classes["fields"]} data-waiting={facets === null || undefined}>
            {facets === null && <Text c="dimmed">Counted by value as soon as the contacts are read into memory.</Text>}
            {facets !== null && shown.length === 0 && <Text c="dimmed">No field chosen.</Text>}
            {facets !== null &&
              shown.map((field) => (
                <FacetList
                  key={field.id}
                  field={field}
                  facet={facetOf(field)}
                  editing={editing}
                  isOpen={!kept.closed.includes(field.id)}
                  isStale={isStale}
                  onToggle={() => toggle(field.id)}
                />
              ))}
          </div>
        </>
      )}
    </section>
  );
}

interface ChooseFieldsProps {
  counted: AudienceField[];
  chosen: string[];
  onChange: (fields: string[]) => void;
}

function ChooseFields({ counted, chosen, onChange }: ChooseFieldsProps) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}>
          Fields
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes["choice"]}>
        <Checkbox.Group label="Fields to count by" value={chosen} onChange={onChange}>
          <Stack gap={0} mt={8}>
            {counted.map((field) => (
              <Checkbox key={field.id} value={field.id} label={fieldChoice(field)} className={classes["choose"]} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}
