/** Begins a message as a saved template, found by name or text. */
import { Button, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useTemplates } from "@/api/templates";
import type { Template, TemplateChannel } from "@/api/types";
import { asRead, categoryWord } from "@/lib/templates";
import { TextLink } from "./links";
import { LoadMore } from "./LoadMore";
import { Notice } from "./Notice";
import { WaitingRows } from "./States";
import classes from "./TemplatePicker.module.css";

interface TemplatePickerProps {
  channel: TemplateChannel;
  /** There is something that the template takes the place of. */
  willReplace: boolean;
  onChoose: (template: Template) => void;
}

export function TemplatePicker({ channel, willReplace, onChoose }: TemplatePickerProps) {
  const [isOpen, setOpen] = useState(false);
  const choose = (template: Template) => {
    setOpen(false);
    onChoose(template);
  };
  return (
    <>
      <Button variant="default" leftSection={<IconTemplate size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Use a template
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Use a template" closeButtonProps={{ "aria-label": "Close" }}>
        <Choices channel={channel} willReplace={willReplace} onChoose={choose} />
      </Modal>
    </>
  );
}

function Choices({ channel, willReplace, onChoose }: TemplatePickerProps) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 200);
  const list = useTemplates({ search, channel, archived: false });
  const templates = list.data?.pages.flatMap((page) => page.templates);
  return (
    <Stack gap={12}>
      {willReplace && <Notice kind="info">The text of the template takes the place of what you have written.</Notice>}
      <TextInput
        type="search"
        data-autofocus
        aria-label="Search templates"
        placeholder="Search by name or text"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {list.isError && <Notice kind="bad" isAlert>{inWords(list.error)}</Notice>}
      {templates === undefined && !list.isError && <WaitingRows rows={3} height={72} />}
      {templates?.length === 0 && (
        <Text c="dimmed">
          {search === "" ? "You have no templates for this channel yet." : "No template matches."}{" "}
          {search === "" && (
            <TextLink to="/templates" search={{ view: "library" }}>
              Look at the library
            </TextLink>
          )}
        </Text>
      )}
      {templates !== undefined && templates.length > 0 && (
        <ul className={classes["choices"]} aria-label="Templates">
          {templates.map((template) => (
            <li key={template.id}>
              <UnstyledButton className={classes["choice"]} onClick={() => onChoose(template)}>
                <span className={classes["name"]}>{template.name}</span>
                <Text span size="xs" c="dimmed">
                  {categoryWord(template.category)}
                </Text>
                <span className={classes["text"]}>{asRead(template.subject ?? template.body)}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Stack>
  );
}
