import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Broadcast, StepFile } from "@/api/types";
import { aBroadcast, showStep } from "@/testDraft";
import { Attachments } from "./Attachments";

const PATH = "/broadcasts/b1/steps/s1/files";
const MB = 1024 * 1024;

const aFile = (name: string, bytes = MB): StepFile => ({ id: name, name, content_type: "application/pdf", bytes, created_at: "2026-11-24T12:00:00Z" });

function open(files: StepFile[], answers: Record<string, (body: unknown) => unknown> = {}, broadcast: Broadcast = aBroadcast) {
  const known = [...files];
  const listed = () => ({ files: known, bytes: known.reduce((sum, { bytes }) => sum + bytes, 0), most_bytes: 5 * MB, most_files: 5 });
  return {
    ...showStep(<Attachments />, broadcast, {
      [`GET ${PATH}`]: listed,
      [`POST ${PATH}`]: () => {
        known.push(aFile("offer.pdf", 1024));
        return Response.json(known.at(-1), { status: 201 });
      },
      [`DELETE ${PATH}/plan.pdf`]: () => {
        known.splice(0, 1);
        return new Response(null, { status: 204 });
      },
      ...answers,
    }),
    section: async () => within(await screen.findByRole("region", { name: "Attachments" })),
  };
}

// What a file holds is JSON here, since the made-up server reads nothing else.
const pdf = (name = "offer.pdf") => new File(['"x"'], name, { type: "application/pdf" });

it("takes a dropped file and says what the files take together", async () => {
  const { section, requests } = open([]);
  const shown = await section();
  expect(shown.getByText("Up to 5 files, 5.0 MB together")).toBeVisible();
  fireEvent.drop(shown.getByRole("group", { name: "Attach files" }), { dataTransfer: { files: [pdf()] } });
  expect(await shown.findByRole("button", { name: "Remove offer.pdf" })).toBeVisible();
  expect(shown.getByText("1 KB of 5.0 MB · 1 of 5 files")).toBeVisible();
  await waitFor(() => expect(shown.getByRole("status")).toHaveTextContent("offer.pdf is attached."));
  expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

it("removes a file and gives the focus back to what stays", async () => {
  const { section, user } = open([aFile("plan.pdf")]);
  const shown = await section();
  await user.click(shown.getByRole("button", { name: "Remove plan.pdf" }));
  await waitFor(() => expect(shown.queryByText("plan.pdf")).toBeNull());
  expect(shown.getByRole("status")).toHaveTextContent("plan.pdf was removed.");
  expect(shown.getByRole("button", { name: "Attach files" })).toHaveFocus();
});

it("sends nothing that mailboxes refuse, and goes on with the rest", async () => {
  const { section, requests } = open([]);
  const shown = await section();
  fireEvent.drop(shown.getByRole("group", { name: "Attach files" }), { dataTransfer: { files: [pdf("setup.exe"), pdf()] } });
  expect(await shown.findByRole("alert")).toHaveTextContent("setup.exe: mailboxes refuse .exe files");
  expect(shown.getByText("offer.pdf")).toBeVisible();
  expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

it("says why the server refused a file", async () => {
  const detail = "“offer.pdf” is a program, whatever its name says, and mailboxes refuse such files.";
  const { section } = open([], { [`POST ${PATH}`]: () => Response.json({ title: "Not valid", detail, errors: [] }, { status: 422 }) });
  const shown = await section();
  fireEvent.drop(shown.getByRole("group", { name: "Attach files" }), { dataTransfer: { files: [pdf()] } });
  expect(await shown.findByRole("alert")).toHaveTextContent(detail);
});

it("takes no sixth file", async () => {
  const { section } = open(["a", "b", "c", "d", "e"].map((name) => aFile(name, 10)));
  const shown = await section();
  expect(shown.getByRole("button", { name: "Attach files" })).toBeDisabled();
  expect(shown.getByText(/takes no more files/)).toBeVisible();
});

it("shows the files of a step that has begun and lets none go", async () => {
  const begun = { ...aBroadcast, status: "sending" as const, steps: aBroadcast.steps.map((step) => ({ ...step, status: "sending" as const })) };
  const { section } = open([aFile("plan.pdf")], {}, begun);
  const shown = await section();
  expect(shown.getByText("plan.pdf")).toBeVisible();
  expect(shown.queryByRole("button")).toBeNull();
});
