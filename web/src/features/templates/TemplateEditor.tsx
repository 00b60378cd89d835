/** Edits a template until somebody saves; when somebody else saved first, neither text is lost. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ApiProblem, hasStatus, inWords } from "@/api/problem";
import { templateQuery, useChangeTemplate } from "@/api/templates";
import type { Template } from "@/api/types";
import { soon } from "@/lib/format";
import { asRead } from "@/lib/templates";
import { Bubble } from "@/ui/Bubble";
import { MailPreview } from "@/ui/MailPreview";
import { Notice } from "@/ui/Notice";
import { FillIn } from "./FillIn";
import { TemplateFields } from "./TemplateFields";
import { Writing } from "./Writing";
import type { TemplateEmailEditor } from "./emailEditor";
import { changesOf, editOf, isSame, keepUnsaved, unsavedOf, type Edit, type Unsaved } from "./unsaved";
import classes from "./Templates.module.css";

export function TemplateEditor({ template, EmailEditor, aside }: { template: Template; EmailEditor: TemplateEmailEditor; aside: ReactNode }) {
  const { id, channel, version } = template;
  const cache = useQueryClient();
  const change = useChangeTemplate(id);
  const [kept, setKept] = useState<Unsaved | null>(() => unsavedOf(id));
  const saved = editOf(template);
  const edit = kept?.mine ?? saved;
  const isEdited = kept !== null && !isSame(kept.before, kept.mine);
  const isOvertaken = isEdited && kept.version !== version;

  // What comes from elsewhere (a version that was brought back, theirs, what was saved before) is shown by an editor that begins anew.
  const [shown, setShown] = useState({ version, generation: 0 });
  if (!isEdited && shown.version !== version) setShown({ version, generation: shown.generation + 1 });

  const keep = (next: Unsaved | null) => {
    setKept(next);
    keepUnsaved(id, next);
  };
  const write = (what: Partial<Edit>) => {
    if (change.isError) change.reset();
    const began = kept !== null && !isSame(kept.before, kept.mine) ? kept : { version, before: saved, mine: saved };
    keep({ ...began, mine: { ...began.mine, ...what } });
  };
  const save = (from: number) => {
    if (kept === null) return;
    const { subject, ...others } = changesOf(kept);
    change.mutate(
      { version: from, ...others, ...(subject === undefined ? {} : { subject }) },
      {
        onSuccess: (saved) => {
          setShown((before) => ({ ...before, version: saved.version }));
          keep(null);
        },
        onError: (error) => {
          if (hasStatus(error, 409)) void cache.invalidateQueries({ queryKey: templateQuery(id).queryKey });
        },
      },
    );
  };
  const giveUp = () => {
    setShown((before) => ({ version, generation: before.generation + 1 }));
    keep(null);
  };
  const saveEdits = () => {
    if (isEdited) save(kept.version);
  };
  const faults = change.error instanceof ApiProblem ? change.error.faults : [];
  const isPlaced = faults.some(({ pointer }) => pointer !== "/version");
  const content = { channel, email: edit.email, subject: edit.subject, preheader: edit.preheader, body: edit.body };
  const isOwnHtml = channel === "email" && edit.email === null;

  return (
    <div className={classes["columns"]}>
      <Writing isForm={channel === "sms"} onSave={saveEdits}>
        {isOvertaken && <Overtaken theirs={template} isSaving={change.isPending} onLoad={giveUp} onKeep={() => save(version)} />}
        <TemplateFields key={shown.generation} channel={channel} EmailEditor={EmailEditor} edit={edit} faults={faults} onEdit={write} />
        <FillIn content={content} />
        <div className={classes["saveRow"]}>
          <Button {...(channel === "sms" ? { type: "submit" } : { onClick: saveEdits })} disabled={!isEdited || isOvertaken} loading={change.isPending}>
            Save version {version + 1}
          </Button>
          {isEdited && (
            <Button variant="subtle" color="gray" onClick={giveUp}>
              Discard changes
            </Button>
          )}
          <Text size="xs" c="dimmed" role="status">
            {isEdited ? "Not saved yet" : <SavedWord />}
          </Text>
        </div>
        {change.isError && !isPlaced && !hasStatus(change.error, 409) && <Notice kind="bad" isAlert>{inWords(change.error)}</Notice>}
        {isOwnHtml && (
          <section aria-label="Preview" className={classes["preview"]}>
            <MailPreview body={edit.body} email={null} title={`Preview of ${template.name}`} />
          </section>
        )}
      </Writing>
      <div className={classes["column"]}>
        {channel === "sms" && (
          <section aria-label="Preview" className={classes["panel"]}>
            <Bubble text={asRead(edit.body)} />
          </section>
        )}
        {aside}
      </div>
    </div>
  );
}

const SavedWord = () => (
  <Group gap={4} component="span">
    <IconCheck size={14} aria-hidden /> Saved
  </Group>
);

interface OvertakenProps {
  theirs: Template;
  isSaving: boolean;
  onLoad: () => void;
  onKeep: () => void;
}

function Overtaken({ theirs, isSaving, onLoad, onKeep }: OvertakenProps) {
  return (
    <Notice kind="care" isAlert>
      <Stack gap={8}>
        <Text fw={550}>
          {theirs.updated_by} saved version {theirs.version} at {soon(theirs.updated_at)}, after you began.
        </Text>
        <Group gap={8}>
          <Button variant="default" onClick={onLoad}>
            Load theirs
          </Button>
          <Button variant="default" loading={isSaving} onClick={onKeep}>
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Notice>
  );
}
