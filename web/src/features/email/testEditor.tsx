/** The editor with somebody who keeps its value, and answers of a made-up server, for tests. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { vi } from "vitest";
import { field, words } from "@/lib/filter/testWords";
import type { CheckedEmail } from "./check";
import { plainStyle, type Block, type BlocksDocument, type EmailDocument } from "./document";
import { Editor, type EmailEditorProps } from "./Editor";
import type { EmailValue } from "./value";

export const pageOf = (...blocks: Block[]): BlocksDocument => ({ kind: "blocks", style: plainStyle, blocks });

export const aValue = (email: EmailDocument | null): EmailValue => ({ subject: "Hello", preheader: "", email, text_part: null, from_name: null, reply_to: null });

export interface Asked extends EmailValue {
  contact: { first_name?: string } | null;
}

const answerTo = (asked: Asked): CheckedEmail => ({
  subject: asked.subject, preheader: asked.preheader, html: `<p>For ${asked.contact?.first_name ?? "nobody"}</p>`, text: "", text_made: "Made {{ first_name }}",
  missing: [], links: [], checks: [], errors: [],
});

interface Given extends Partial<Omit<EmailEditorProps, "value" | "onChange" | "fields">> {
  value: EmailValue;
  check?: (asked: Asked) => Partial<CheckedEmail>;
  /** By method and path, besides the check. */
  answers?: Record<string, (request: Request) => unknown>;
}

const fields = [field("first_name", "First name", "text"), ...words.fields];

export async function showEditor({ value: start, check = () => ({}), answers = {}, ...props }: Given) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    if (path === "/content/email/check") {
      const body = (await request.json()) as Asked;
      asked.push(body);
      return Response.json({ ...answerTo(body), ...check(body) });
    }
    const answer = answers[`${request.method} ${path}`]?.(request);
    if (answer === undefined) throw new TypeError("offline");
    return answer instanceof Response ? answer : Response.json(answer);
  });
  let value = start;
  let give: (next: EmailValue) => void = () => undefined;
  let read: (as: EmailEditorProps["preview"]) => void = () => undefined;
  function Page() {
    const [kept, setKept] = useState(start);
    value = kept;
    const [as, setAs] = useState(props.preview);
    give = setKept;
    read = setAs;
    return <Editor {...props} {...(as === undefined ? {} : { preview: as })} value={kept} fields={fields} onChange={(change) => setKept((now) => ({ ...now, ...change }))} />;
  }
  const view = render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <Page />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByLabelText("Subject");
  return {
    ...view,
    user: userEvent.setup(),
    asked,
    value: () => value,
    blocks: () => (value.email?.kind === "blocks" ? value.email.blocks : []),
    read: (as: EmailEditorProps["preview"]) => read(as),
    give: (next: EmailValue) => give(next),
    tab: (name: string) => screen.getByRole("tab", { name }),
    heard: () => view.container.querySelector("[aria-live=assertive].mantine-VisuallyHidden-root")?.textContent,
  };
}
