/** Keeps what was written as a template, under a name. */
import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useCreateTemplate } from "@/api/templates";
import type { TemplateCategory, TemplateContent } from "@/api/types";
import { categories, categoryWord, isCategory } from "@/lib/templates";
import { TextLink } from "./links";
import { Notice } from "./Notice";

const categoryChoices = categories.map((category) => ({ value: category, label: categoryWord(category) }));

export function SaveAsTemplate({ content }: { content: TemplateContent }) {
  const [isOpen, setOpen] = useState(false);
  const isEmpty = content.channel === "sms" ? content.body.trim() === "" : content.email === null;
  return (
    <>
      <Button variant="subtle" leftSection={<IconTemplate size={16} aria-hidden />} disabled={isEmpty} onClick={() => setOpen(true)}>
        Save as template
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Save as template" closeButtonProps={{ "aria-label": "Close" }}>
        <Naming content={content} onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Naming({ content, onDone }: { content: TemplateContent; onDone: () => void }) {
  const [name, setName] = useState("");
  const [category, setCategory] = useState<TemplateCategory>("other");
  const create = useCreateTemplate();
  const faults = create.error instanceof ApiProblem ? create.error.faults : [];
  const ofName = faults.find(({ pointer }) => pointer === "/name")?.detail;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        create.mutate(
          { name, category, ...content },
          {
            onSuccess: ({ id }) => {
              notifications.show({
                closeButtonProps: { "aria-label": "Close" },
                message: (
                  <Group justify="space-between" wrap="nowrap">
                    {name.trim()} is among your templates
                    <TextLink to="/templates/$id" params={{ id }}>
                      Open it
                    </TextLink>
                  </Group>
                ),
              });
              onDone();
            },
          },
        );
      }}
    >
      <Stack gap={12}>
        <TextInput label="Name" data-autofocus autoComplete="off" maxLength={200} value={name} error={ofName} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label="Category"
          data={categoryChoices}
          allowDeselect={false}
          value={category}
          onChange={(next) => setCategory(isCategory(next) ? next : category)}
        />
        {create.isError && ofName === undefined && <Notice kind="bad" isAlert>{inWords(create.error)}</Notice>}
        <div>
          <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
            Save template
          </Button>
        </div>
      </Stack>
    </form>
  );
}
