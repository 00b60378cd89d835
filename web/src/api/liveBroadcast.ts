/** What the server tells by itself about one broadcast, put where the queries keep it. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Draft } from "./draft";
import { LiveSocket, type LiveState } from "./live";
import type { Broadcast, Outlook, Problem, Tracking } from "./types";

type Told = Outlook | Tracking | { type: "broadcast"; broadcast: Broadcast } | Problem;

export function useLiveBroadcast(id: string, draft: Draft): LiveState {
  const cache = useQueryClient();
  const [connection, setConnection] = useState<LiveState>("connecting");

  useEffect(() => {
    let wasOffline = false;
    const socket = new LiveSocket(`/api/v1/live/broadcasts/${id}`, {
      onMessage: (message) => {
        const told = message as Told;
        if ("detail" in told) return;
        if (told.type === "broadcast") draft.receive(told.broadcast);
        else cache.setQueryData([told.type, id], told);
      },
      onState: (state) => {
        setConnection(state);
        if (state === "offline") {
          wasOffline = true;
          // A closed socket does not say why; the answer to this request does (deleted, signed out).
          void cache.invalidateQueries({ queryKey: ["broadcast", id] });
        } else if (state === "open" && wasOffline) {
          wasOffline = false;
          for (const key of ["broadcast", "outlook", "tracking", "messages"]) {
            void cache.invalidateQueries({ queryKey: [key, id] });
          }
        }
      },
    });
    return () => socket.close();
  }, [id, draft, cache]);

  return connection;
}
