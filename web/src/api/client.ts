/** One typed client for the whole API; throws an ApiProblem for every answer that is not a success. */
import createClient, { type Middleware } from "openapi-fetch";
import { problemFrom } from "./problem";
import type { paths } from "./schema";
import { signedOut } from "./signedOut";

/** Another site can make a browser send a cookie, but not this header. */
const ownRequest: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-Clarion", "1");
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== "/api/v1/session") signedOut.set(true);
    return response;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin", fetch: (request) => fetch(request) });
api.use(ownRequest);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export async function answerOf<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemFrom(error, response);
  return data as T;
}
