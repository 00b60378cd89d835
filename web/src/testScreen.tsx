/** A screen with a made-up server, for tests. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { words } from "@/lib/filter/testWords";

interface Asked {
  path: string;
  method: string;
  body: unknown;
}

export class Refusal {
  readonly status: number;
  readonly detail: string;
  readonly pointers: string[];

  constructor(status: number, detail: string, pointers: string[] = []) {
    this.status = status;
    this.detail = detail;
    this.pointers = pointers;
  }
}

type Server = (asked: Asked) => unknown;

const answered = (result: unknown): Response => {
  if (!(result instanceof Refusal)) return result === undefined ? new Response(null, { status: 204 }) : Response.json(result);
  const { status, detail, pointers } = result;
  return Response.json({ type: "", title: "Refused", status, detail, errors: pointers.map((pointer) => ({ pointer, detail })) }, { status });
};

/** Never answers: numbers stay unknown. */
class SilentSocket {
  static readonly OPEN = 1;
  readyState = 0;
  send() {}
  close() {}
}

export async function showScreen(path: string, screens: Record<string, () => ReactNode>, server: Server) {
  const requests: Asked[] = [];
  vi.stubGlobal("WebSocket", SilentSocket);
  vi.stubGlobal("scrollTo", () => undefined);
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    const asked = { path: pathname.replace("/api/v1", "") + search, method: request.method, body: text === "" ? null : (JSON.parse(text) as unknown) };
    requests.push(asked);
    if (asked.path === "/audience/fields") return Response.json(words);
    return answered(server(asked));
  });
  const root = createRootRoute();
  const elsewhere = (at: string) => createRoute({ getParentRoute: () => root, path: at, component: () => <p>Screen {at}</p> });
  const routes = Object.entries(screens).map(([at, component]) => createRoute({ getParentRoute: () => root, path: at, component }));
  const others = ["/segments", "/segments/new", "/segments/combine", "/segments/$id", "/templates", "/templates/new", "/templates/$id", "/broadcasts/$id/type", "/broadcasts/$id/audience", "/broadcasts/$id/compose", "/broadcasts/$id/schedule"].filter((at) => !(at in screens));
  const router = createRouter({
    routeTree: root.addChildren([...routes, ...others.map(elsewhere)]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  const view = render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <RouterProvider router={router as never} />
        <Notifications />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByRole("heading", { level: 1 });
  return { ...view, user: userEvent.setup(), requests, router, sent: (method: string) => requests.filter((each) => each.method === method) };
}
