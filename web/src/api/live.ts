/** A WebSocket that comes back by itself: backoff with jitter, at once when the network returns. */
import { signedOut } from "./signedOut";

export type LiveState = "connecting" | "open" | "offline";

interface LiveOptions {
  onMessage: (message: unknown) => void;
  onState: (state: LiveState) => void;
}

/** The close codes with which the server refuses. */
const NOT_SIGNED_IN = 4401;
const NOT_FOUND = 4404;

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private closed = false;
  private readonly path: string;
  private readonly options: LiveOptions;

  constructor(path: string, options: LiveOptions) {
    this.path = path;
    this.options = options;
    window.addEventListener("online", this.reconnect);
    this.connect();
  }

  /** False when there is no connection; what matters is sent again from `onState("open")`. */
  send(message: unknown): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.reconnect);
    this.socket?.close();
  }

  private readonly reconnect = () => {
    if (this.closed || this.socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect() {
    const url = new URL(this.path, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.failures = 0;
      this.options.onState("open");
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket === this.socket && !this.closed) this.options.onMessage(JSON.parse(event.data));
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.closed) return;
      if (code === NOT_SIGNED_IN) signedOut.set(true);
      if (code === NOT_SIGNED_IN || code === NOT_FOUND) {
        // Asking again would be answered the same.
        this.close();
        this.options.onState("offline");
        return;
      }
      this.failures += 1;
      this.options.onState("offline");
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
      this.timer = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    };
  }
}
