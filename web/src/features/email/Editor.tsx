/** Writing an email: what stands above it, its blocks or its HTML, its text part, and how it will look. */
import { Tabs, VisuallyHidden } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import type { AudienceField, Fault } from "@/api/types";
import { useEmailPreview } from "./check";
import { Checks } from "./Checks";
import { Design } from "./Design";
import { newDocument, plainStyle, type BlocksDocument } from "./document";
import { EmailPreview } from "./EmailPreview";
import { Envelope } from "./Envelope";
import { HistoryButtons } from "./HistoryButtons";
import { OwnHtml } from "./OwnHtml";
import { targetOf, type Tab } from "./places";
import { Start } from "./Start";
import { TextPart } from "./TextPart";
import { labelsOf } from "./tokens";
import { useBlocks } from "./useBlocks";
import { useEmailDocument } from "./useEmailDocument";
import type { EmailValue, PreviewAs } from "./value";
import classes from "./Editor.module.css";

export interface EmailEditorProps {
  value: EmailValue;
  /** What has changed, to be put over the value. */
  onChange: (change: Partial<EmailValue>) => void;
  fields: AudienceField[];
  /** Who the preview can be read as; without it, it shows what stands in for missing values. */
  preview?: PreviewAs;
  /** What was refused when the value was saved. */
  faults?: Fault[];
  readOnly?: boolean;
  /** Whether who writes is chosen here. */
  hasSender?: boolean;
}

const noBlocks: BlocksDocument = { kind: "blocks", style: plainStyle, blocks: [] };
const noFaults: Fault[] = [];

export function Editor({ value, onChange, fields, preview, faults = noFaults, readOnly = false, hasSender = true }: EmailEditorProps) {
  const root = useRef<HTMLDivElement>(null);
  const [tab, setTab] = useState<Tab>(value.email?.kind === "html" ? "html" : "design");
  const history = useEmailDocument(value.email, (email) => onChange({ email }));
  const { document, edit } = history;
  const page = document?.kind === "blocks" ? document : noBlocks;
  const { spoken, open, ...blocks } = useBlocks({ document: page, root, edit });
  const looked = useEmailPreview({ ...value, email: document }, preview?.contact ?? null);
  const { shown, isStale } = looked;
  const labelOf = useMemo(() => labelsOf(fields), [fields]);

  const wrong = [...faults, ...(shown?.errors ?? [])];
  const faultsOfBlocks = new Map(
    wrong.toReversed().flatMap(({ pointer, detail }) => {
      const block = targetOf(shown?.of ?? document, pointer)?.block;
      return block === undefined ? [] : [[block.id, detail] as const];
    }),
  );
  const errorAt = (pointer: string) => wrong.find((fault) => fault.pointer.startsWith(pointer))?.detail;
  const openPlace = (pointer: string) => {
    const target = targetOf(shown?.of ?? document, pointer);
    if (target === undefined) return;
    if (target.tab !== null) setTab(target.tab);
    open(target.block === undefined ? { field: target.field } : { block: target.block.id });
  };

  return (
    <div ref={root} className={classes["editor"]}>
      <Envelope value={value} onChange={onChange} fields={fields} shown={shown} isStale={isStale} faults={wrong} isReadOnly={readOnly} hasSender={hasSender} />
      {document === null && !readOnly ? (
        <Start
          onBlocks={() => {
            edit(newDocument(), "begin with blocks");
            setTab("design");
          }}
          onHtml={() => {
            edit({ kind: "html", html: "" }, "begin with HTML");
            setTab("html");
          }}
        />
      ) : (
        <Tabs value={tab} onChange={(next) => setTab(next as Tab)} keepMounted={false}>
          <div className={classes["head"]}>
            <Tabs.List>
              <Tabs.Tab value="design">Design</Tabs.Tab>
              <Tabs.Tab value="html">HTML</Tabs.Tab>
              <Tabs.Tab value="text">Text part</Tabs.Tab>
              <Tabs.Tab value="preview">Preview</Tabs.Tab>
            </Tabs.List>
            {!readOnly && <HistoryButtons root={root} {...history} />}
          </div>
          <Tabs.Panel value="design" className={classes["panel"]}>
            {document?.kind === "html" ? (
              <Start isHtml onBlocks={readOnly ? undefined : () => edit(newDocument(), "begin with blocks")} />
            ) : (
              <Design
                editing={{ ...blocks, document: page, fields, labelOf, isReadOnly: readOnly, faultOf: (id) => faultsOfBlocks.get(id) }}
              />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="html" className={classes["panel"]}>
            <OwnHtml
              document={document}
              fields={fields}
              error={errorAt("/email/html")}
              isReadOnly={readOnly}
              onStart={() => edit({ kind: "html", html: "" }, "begin with HTML")}
              onChange={(html) => edit({ kind: "html", html }, "change the HTML", "html")}
            />
          </Tabs.Panel>
          <Tabs.Panel value="text" className={classes["panel"]}>
            <TextPart
              written={value.text_part}
              made={shown?.text_made}
              isStale={isStale}
              error={errorAt("/text_part")}
              isReadOnly={readOnly}
              onChange={(text) => onChange({ text_part: text })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="preview" className={classes["panel"]}>
            <EmailPreview preview={looked} as={preview} fromName={value.from_name} />
          </Tabs.Panel>
        </Tabs>
      )}
      <Checks shown={shown} isStale={isStale} placeName={(pointer) => targetOf(shown?.of ?? document, pointer)?.name} onOpen={openPlace} />
      <VisuallyHidden role="status" aria-live="assertive">
        {spoken}
      </VisuallyHidden>
    </div>
  );
}
