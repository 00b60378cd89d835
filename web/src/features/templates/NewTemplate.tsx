/** A new SMS template; it is saved when it has a name and a text. */
import { Button, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useCreateTemplate } from "@/api/templates";
import { asRead } from "@/lib/templates";
import { Bubble } from "@/ui/Bubble";
import { Notice } from "@/ui/Notice";
import { BackToTemplates } from "./BackToTemplates";
import { TemplateFields } from "./TemplateFields";
import type { Edit } from "./unsaved";
import classes from "./Templates.module.css";

const empty: Edit = { name: "", category: "other", subject: "", preheader: "", body: "" };

export function NewTemplate() {
  useDocumentTitle("New template · Clarion");
  const [edit, setEdit] = useState(empty);
  const create = useCreateTemplate();
  const navigate = useNavigate();
  const faults = create.error instanceof ApiProblem ? create.error.faults : [];
  const save = () =>
    create.mutate(
      { name: edit.name, category: edit.category, channel: "sms", subject: null, preheader: "", body: edit.body, email: null },
      { onSuccess: ({ id }) => void navigate({ to: "/templates/$id", params: { id }, replace: true }) },
    );
  return (
    <div className={classes["page"]}>
      <BackToTemplates />
      <Title order={1} mb="md">
        New SMS template
      </Title>
      <div className={classes["columns"]}>
        <form
          className={classes["column"]}
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <TemplateFields channel="sms" hasDocument={false} edit={edit} faults={faults} onEdit={(change) => setEdit((before) => ({ ...before, ...change }))} />
          <div className={classes["saveRow"]}>
            <Button type="submit" loading={create.isPending} disabled={edit.name.trim() === "" || edit.body.trim() === ""}>
              Save template
            </Button>
            {(edit.name.trim() === "" || edit.body.trim() === "") && "Give it a name and write the message."}
          </div>
          {create.isError && faults.length === 0 && <Notice kind="bad" isAlert>{inWords(create.error)}</Notice>}
        </form>
        <section aria-label="Preview" className={classes["panel"]}>
          <Bubble text={edit.body === "" ? "What you write appears here." : asRead(edit.body)} />
        </section>
      </div>
    </div>
  );
}
