/** A stand-in for the API, only for looking at the app while it is built: `npm run dev:api`, then `npm run dev`. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import * as store from "./broadcasts.ts";
import * as sequence from "./steps.ts";
import { estimate, fields, freshness, matching, operators, values, waterfall, type Group } from "./contacts.ts";

const port = Number(process.env["PORT"] ?? 8787);
const dist = join(import.meta.dirname, "../dist");
const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const rooms = new Map<string, Set<WebSocket>>();
let isSignedIn = true;

class Problem extends Error {
  status: number;
  errors: { pointer: string; detail: string }[];
  constructor(status: number, detail: string, errors: { pointer: string; detail: string }[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

const tell = (id: string, message: unknown) => rooms.get(id)?.forEach((socket) => socket.send(JSON.stringify(message)));

function announce(broadcast: store.Broadcast) {
  tell(broadcast.id, { type: "broadcast", broadcast });
  tell(broadcast.id, broadcast.status === "draft" ? store.outlook(broadcast) : store.tracking(broadcast));
}

setInterval(() => {
  for (const broadcast of store.broadcasts.values()) {
    if (broadcast.status !== "sending") continue;
    store.advance(broadcast, 400);
    announce(broadcast);
  }
}, 700);

function page<T>(all: T[], after: unknown, limit: number) {
  const start = Number(after ?? 0);
  return { part: all.slice(start, start + limit), next: start + limit < all.length ? String(start + limit) : null };
}

type Body = Record<string, unknown>;

function change(broadcast: store.Broadcast, body: Body, target: Body) {
  if (body["version"] !== broadcast.version) throw new Problem(409, "Somebody else changed this broadcast.");
  const { version: _, ...edits } = body;
  if (typeof edits["scheduled_for"] === "string" && Date.parse(`${edits["scheduled_for"]}-06:00`) < Date.now()) {
    throw new Problem(422, "The time has passed.", [{ pointer: "/scheduled_for", detail: "This time has passed in that time zone." }]);
  }
  Object.assign(target, edits);
  if (edits["scheduled_for"] !== undefined) target["scheduled_at"] = new Date(Date.parse(`${String(edits["scheduled_for"])}-06:00`)).toISOString();
  broadcast.version += 1;
  broadcast.updated_at = new Date().toISOString();
  announce(broadcast);
  return broadcast;
}

function touched(broadcast: store.Broadcast) {
  broadcast.version += 1;
  announce(broadcast);
  return broadcast;
}

function line(broadcast: store.Broadcast) {
  const { recipients, delivered, failed, pending } = store.tracking(broadcast);
  const { id, name, broadcast_type, status, updated_at, launched_at } = broadcast;
  return { id, name, broadcast_type, status, updated_at, launched_at, scheduled_at: broadcast.steps[0]?.["scheduled_at"] ?? null, recipients, delivered, failed, pending };
}

function ofBroadcast(method: string, broadcast: store.Broadcast, rest: string, query: URLSearchParams, body: Body): unknown {
  const all = store.messages.get(broadcast.id) ?? [];
  const [, stepId = "", verb = ""] = rest.split("/");
  switch (`${method} ${rest.replace(/^steps\/.*/, verb === "" && stepId !== "order" ? "steps/one" : `steps/${verb || stepId}`)}`) {
    case "GET ": return broadcast;
    case "PATCH ": return change(broadcast, body, broadcast as unknown as Body);
    case "PATCH steps/one": return change(broadcast, body, broadcast.steps.find((each) => each["id"] === stepId) ?? {});
    case "POST steps": sequence.addStep(broadcast); return touched(broadcast);
    case "POST steps/duplicate": sequence.addStep(broadcast, stepId); return touched(broadcast);
    case "POST steps/effects": return { effects: ["It is sent as you say from now on."], people: null };
    case "DELETE steps/one": sequence.removeStep(broadcast, stepId); return touched(broadcast);
    case "PUT steps/order": sequence.orderSteps(broadcast, body["order"] as string[]); return touched(broadcast);
    case "DELETE ": store.broadcasts.delete(broadcast.id); return undefined;
    case "GET outlook": return store.outlook(broadcast);
    case "GET tracking": return store.tracking(broadcast);
    case "POST preview": {
      const text = String(body["body"] ?? broadcast.steps[0]?.["body"] ?? "");
      if (/\{\{[^}]*$/.test(text)) return { recipients: [], next: null, errors: [{ pointer: "/body", detail: "A field is opened with {{ and never closed." }] };
      const { part, next } = page(matching(broadcast.filter).filter((person) => person.left_out === null), body["after"], Number(body["limit"]));
      const shown = body["contact_id"] === undefined ? part : matching(broadcast.filter).filter((person) => person.id === body["contact_id"]);
      return {
        recipients: shown.map((person) => ({ contact_id: person.id, name: `${person.first_name ?? ""} ${person.last_name ?? ""}`, phone_number: person.phone_number, email_address: person.email, contact: person, sms: store.render(text, person), email: null })),
        next,
        errors: [],
      };
    }
    case "POST launch": {
      const { will_send } = store.outlook(broadcast);
      if (Math.abs(will_send - Number(body["expected_recipients"])) > will_send / 100) throw new Problem(409, "The audience has changed.");
      store.launch(broadcast);
      break;
    }
    case "POST pause": broadcast.status = "paused"; break;
    case "POST resume": broadcast.status = "sending"; break;
    case "POST cancel":
      broadcast.status = "cancelled";
      broadcast.completed_at = new Date().toISOString();
      for (const message of all) if (message.status === "pending") message.status = "cancelled";
      break;
    case "GET messages": {
      const status = query.getAll("status");
      const search = (query.get("search") ?? "").toLowerCase();
      const found = all.filter((message) => (status.length === 0 || status.includes(message.status)) && `${message.name} ${message.address}`.toLowerCase().includes(search));
      const { part, next } = page(found, query.get("after"), 50);
      return { messages: part, next };
    }
    case "GET recipients": {
      const reason = query.get("left_out");
      const found = (store.people.get(broadcast.id) ?? []).filter((person) => (reason === null || person.left_out === reason) && (query.get("reachable") !== "true" || person.left_out === null));
      const { part, next } = page(found, query.get("after"), 50);
      return { recipients: part.map((contact) => ({ contact_id: contact.id, name: `${contact.first_name ?? ""} ${contact.last_name ?? ""}`, address: contact.phone_number, left_out: contact.left_out, contact })), next };
    }
    default: throw new Problem(404, "There is no such thing.");
  }
  announce(broadcast);
  return broadcast;
}

function answer(method: string, url: URL, body: Body): unknown {
  const path = url.pathname.slice("/api/v1/".length);
  const query = url.searchParams;
  if (path === "session") { isSignedIn = method === "POST"; return undefined; }
  if (!isSignedIn) throw new Problem(401, "Nobody is signed in.");
  if (path === "me") return { person: { id: "p1", name: "Ada Moreno", role: "admin" }, workspace: { id: "w1", name: "Moreno Motors", time_zone: "America/Chicago", currency: "USD" }, sms: { provider: "sandbox", leaves_machine: false, sender: "+1 512 555 0100", rate_per_second: 100, price_per_segment: "0.0079" }, broadcast_types: ["sms"], queue_service: "built_in" };
  if (path === "audience/fields") return { fields, operators };
  if (path === "audience/values") return { values: values(query.get("field") ?? "", query.get("search") ?? "") };
  if (path === "audience/waterfall") return waterfall(body["filter"] as Group);
  if (path === "audience/contacts") {
    const found = matching(body["filter"] as Group).filter((person) => (body["left_out"] === undefined || person.left_out === body["left_out"]) && (body["reachable"] !== true || person.left_out === null));
    const { part, next } = page(found, body["after"], Number(body["limit"]));
    return { contacts: part, next };
  }
  const [noun, id, ...rest] = path.split("/");
  if (noun !== "broadcasts") throw new Problem(404, "There is no such page.");
  if (id === undefined && method === "POST") return store.create(String(body["name"] ?? ""));
  if (id === undefined) {
    const status = query.getAll("status");
    const found = [...store.broadcasts.values()].reverse().filter((each) => (status.length === 0 || status.includes(each.status)) && each.name.toLowerCase().includes((query.get("search") ?? "").toLowerCase()));
    const { part, next } = page(found, query.get("after"), 25);
    return { broadcasts: part.map(line), next };
  }
  const broadcast = store.broadcasts.get(id);
  if (broadcast === undefined) throw new Problem(404, "This broadcast does not exist, or was deleted.");
  return ofBroadcast(method, broadcast, rest.join("/"), query, body);
}

async function serveFile(path: string, response: ServerResponse) {
  const wanted = path === "/api/v1/docs" ? "/docs.html" : path;
  const file = extname(wanted) === "" ? "/index.html" : normalize(wanted);
  const content = await readFile(join(dist, file)).catch(() => null);
  response.writeHead(content === null ? 404 : 200, { "content-type": types[extname(file)] ?? "text/plain", "content-security-policy": csp });
  response.end(content ?? "");
}

async function serve(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://local");
  if (!url.pathname.startsWith("/api/v1/") || url.pathname === "/api/v1/docs") { await serveFile(url.pathname, response); return; }
  if (url.pathname === "/api/v1/openapi.json") { response.end(await readFile(join(import.meta.dirname, "../openapi.json"))); return; }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const send = (status: number, body: unknown) => { response.writeHead(status, { "content-type": "application/json" }); response.end(body === undefined ? "" : JSON.stringify(body)); };
  try {
    if (request.method !== "GET" && request.headers["x-clarion"] !== "1") throw new Problem(403, "The header X-Clarion is missing.");
    const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Body);
    const result = answer(request.method ?? "GET", url, body);
    send(result === undefined ? 204 : request.method === "POST" && url.pathname.endsWith("/broadcasts") ? 201 : 200, result);
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, String(error));
    send(problem.status, { type: "about:blank", title: "This did not work", status: problem.status, detail: problem.message, errors: problem.errors });
  }
}

const server = createServer((request, response) => void serve(request, response));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => {
  const [, , , , noun, id] = (request.url ?? "").split("/");
  if (noun === "audience") {
    socket.on("message", (data: Buffer) => {
      const ask = JSON.parse(data.toString()) as { id: number; filter: Group; limit: number };
      const people = matching(ask.filter);
      const { matched, total, sms, email } = estimate(people);
      socket.send(JSON.stringify({ type: "matched", id: ask.id, matched, total, sms_reachable: sms.reachable, email_reachable: email.reachable, took_ms: 0.6, freshness: freshness() }));
      const { part, next } = page(people, null, ask.limit);
      socket.send(JSON.stringify({ type: "audience", id: ask.id, estimate: estimate(people), contacts: part, next }));
    });
    return;
  }
  const room = rooms.get(id ?? "") ?? new Set();
  rooms.set(id ?? "", room.add(socket));
  socket.on("close", () => room.delete(socket));
  const broadcast = store.broadcasts.get(id ?? "");
  if (broadcast !== undefined) announce(broadcast);
});

function samples() {
  const [past, paused] = [store.create("Autumn offer, Texas"), store.create("Trade fair follow-up")];
  past.filter = { match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "TX" }, { field: "metadata.score", operator: "greater_than", value: 80 }] };
  paused.filter = { match: "all", conditions: [{ field: "metadata.source", operator: "is", value: "Trade fair" }, { field: "metadata.state", operator: "is", value: "CA" }] };
  for (const broadcast of [past, paused]) {
    store.launch(broadcast);
    for (let turn = 0; turn < (broadcast === past ? 40 : 3); turn += 1) store.advance(broadcast, 400);
  }
  paused.status = "paused";
  const draft = store.create("Holiday hours");
  draft.filter = { match: "all", conditions: [{ field: "metadata.tags", operator: "has_any_of", value: ["vip", "newsletter"] }] };
}
if (process.env["EMPTY"] === undefined) samples();
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
