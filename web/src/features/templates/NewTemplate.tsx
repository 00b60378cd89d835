/** A new template, an SMS or an email; it is saved when it has a name and something to say. */
import { Button, Input, SegmentedControl, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useCreateTemplate } from "@/api/templates";
import type { Template } from "@/api/types";
import { asRead, channelWord, isChannel } from "@/lib/templates";
import { Bubble } from "@/ui/Bubble";
import { Notice } from "@/ui/Notice";
import { BackToTemplates } from "./BackToTemplates";
import type { TemplateEmailEditor } from "./emailEditor";
import { FillIn } from "./FillIn";
import { TemplateFields } from "./TemplateFields";
import type { Edit } from "./unsaved";
import { Writing } from "./Writing";
import classes from "./Templates.module.css";

const channels = (["sms", "email"] as const).map((channel) => ({ value: channel, label: channelWord(channel) }));

interface NewTemplateProps {
  EmailEditor: TemplateEmailEditor;
  /** What an email begins as. */
  beginning: () => object;
}

export function NewTemplate(props: NewTemplateProps) {
  useDocumentTitle("New template · Clarion");
  const { channel = "sms" } = useSearch({ from: "/templates/new" });
  const navigate = useNavigate({ from: "/templates/new" });
  return (
    <div className={classes["page"]}>
      <BackToTemplates />
      <Title order={1} mb="md">
        New template
      </Title>
      <Input.Wrapper label="It is sent as" labelElement="div" mb="md">
        <div>
          <SegmentedControl
            aria-label="It is sent as"
            data={channels}
            value={channel}
            onChange={(next) => void navigate({ search: { channel: isChannel(next) ? next : "sms" }, replace: true })}
          />
        </div>
      </Input.Wrapper>
      <Fresh key={channel} channel={channel} {...props} />
    </div>
  );
}

function Fresh({ channel, EmailEditor, beginning }: NewTemplateProps & Pick<Template, "channel">) {
  const isEmail = channel === "email";
  const [edit, setEdit] = useState<Edit>(() => ({
    name: "",
    category: "other",
    subject: "",
    preheader: "",
    body: "",
    email: isEmail ? (beginning() as Template["email"]) : null,
  }));
  const create = useCreateTemplate();
  const navigate = useNavigate();
  const faults = create.error instanceof ApiProblem ? create.error.faults : [];
  const isReady = edit.name.trim() !== "" && (isEmail ? edit.subject : edit.body).trim() !== "";
  const content = { channel, subject: isEmail ? edit.subject : null, preheader: edit.preheader, body: edit.body, email: edit.email };
  const save = () => {
    if (!isReady) return;
    create.mutate(
      { name: edit.name, category: edit.category, ...content },
      { onSuccess: ({ id }) => void navigate({ to: "/templates/$id", params: { id }, replace: true }) },
    );
  };
  return (
    <div className={isEmail ? undefined : classes["columns"]}>
      <Writing isForm={!isEmail} onSave={save}>
        <TemplateFields channel={channel} EmailEditor={EmailEditor} edit={edit} faults={faults} onEdit={(change) => setEdit((before) => ({ ...before, ...change }))} />
        <FillIn content={content} />
        <div className={classes["saveRow"]}>
          <Button {...(isEmail ? { onClick: save } : { type: "submit" })} loading={create.isPending} disabled={!isReady}>
            Save template
          </Button>
          {!isReady && (isEmail ? "Give it a name and a subject." : "Give it a name and write the message.")}
        </div>
        {create.isError && faults.length === 0 && <Notice kind="bad" isAlert>{inWords(create.error)}</Notice>}
      </Writing>
      {!isEmail && (
        <section aria-label="Preview" className={classes["panel"]}>
          <Bubble text={edit.body === "" ? "What you write appears here." : asRead(edit.body)} />
        </section>
      )}
    </div>
  );
}
