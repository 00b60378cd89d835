/** What a person writes in a template: its name, and an SMS with fields of the contact or an email. */
import { Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useRef } from "react";
import { useAudienceFields } from "@/api/audience";
import type { Template, Fault } from "@/api/types";
import { countOf } from "@/lib/format";
import { insertAt } from "@/lib/insert";
import { categories, categoryWord, isCategory } from "@/lib/templates";
import { InsertField } from "@/ui/InsertField";
import type { TemplateEmailEditor } from "./emailEditor";
import { EmailFields } from "./EmailFields";
import type { Edit } from "./unsaved";
import classes from "./Templates.module.css";

const LONGEST_SMS = 10_000;
const LONGEST = 100_000;

const categoryChoices = categories.map((category) => ({ value: category, label: categoryWord(category) }));

interface TemplateFieldsProps {
  channel: Template["channel"];
  EmailEditor: TemplateEmailEditor;
  edit: Edit;
  faults: Fault[];
  onEdit: (change: Partial<Edit>) => void;
}

export function TemplateFields({ channel, EmailEditor, edit, faults, onEdit }: TemplateFieldsProps) {
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  return (
    <Stack gap={12}>
      <div className={classes["fields"]}>
        <TextInput label="Name" maxLength={200} autoComplete="off" value={edit.name} error={faultAt("/name")} onChange={(event) => onEdit({ name: event.currentTarget.value })} />
        <Select
          label="Category"
          data={categoryChoices}
          allowDeselect={false}
          value={edit.category}
          onChange={(next) => onEdit({ category: isCategory(next) ? next : edit.category })}
        />
      </div>
      {channel === "email" && edit.email !== null ? (
        <EmailFields Editor={EmailEditor} edit={edit} faults={faults} onEdit={onEdit} />
      ) : (
        <>
          {channel === "email" && <Lines edit={edit} faultAt={faultAt} onEdit={onEdit} />}
          <Message isHtml={channel === "email"} text={edit.body} fault={faultAt("/body")} onWrite={(body) => onEdit({ body })} />
        </>
      )}
    </Stack>
  );
}

/** Of an e-mail whose HTML a program has saved: a job sends it as it is. */
function Lines({ edit, faultAt, onEdit }: Pick<TemplateFieldsProps, "edit" | "onEdit"> & { faultAt: (pointer: string) => string | undefined }) {
  return (
    <>
      <TextInput label="Subject" maxLength={2_000} value={edit.subject} error={faultAt("/subject")} onChange={(event) => onEdit({ subject: event.currentTarget.value })} />
      <TextInput
        label="Preheader"
        description="The line that inboxes show after the subject."
        maxLength={2_000}
        value={edit.preheader}
        error={faultAt("/preheader")}
        onChange={(event) => onEdit({ preheader: event.currentTarget.value })}
      />
    </>
  );
}

function Message({ isHtml, text, fault, onWrite }: { isHtml: boolean; text: string; fault: string | undefined; onWrite: (text: string) => void }) {
  const { data: words } = useAudienceFields();
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (token: string) => {
    const field = area.current;
    const { text: next, cursor } = insertAt(text, field?.selectionStart ?? text.length, field?.selectionEnd ?? text.length, token);
    onWrite(next);
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(cursor, cursor);
    });
  };
  return (
    <>
      <Textarea
        ref={area}
        label={isHtml ? "HTML" : "Message"}
        placeholder={isHtml ? undefined : "Hi {{ first_name }}, …"}
        autosize
        minRows={6}
        maxRows={18}
        maxLength={isHtml ? LONGEST : LONGEST_SMS}
        value={text}
        error={fault}
        onChange={(event) => onWrite(event.currentTarget.value)}
      />
      <Group gap={8}>
        {words !== undefined && <InsertField fields={words.fields} onInsert={insert} />}
        <Text size="xs" c="dimmed" className="figure">
          {countOf(text.length, "character")} before fields are replaced
        </Text>
      </Group>
    </>
  );
}
