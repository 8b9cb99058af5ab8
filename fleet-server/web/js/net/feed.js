// @ts-check
/**
 * The live feed: one WebSocket, closed after silence, opened again with growing, jittered waits.
 *
 * Leaves to others: what the messages mean (`model/picture.js`), how silence is told (`model/link.js`).
 */
import { backoff_ms, LINK_SILENCE_MS } from "../model/link.js";

/** How often silence is looked for, in milliseconds. */
const WATCH_MS = 500;

/** Commands: `start`, `nudge`. It never gives up. */
export class Feed {
  /**
   * @param {string} url
   * @param {() => number} now_ms
   * @param {(message: import("../types.js").FeedMessage) => void} on_message
   */
  constructor(url, now_ms, on_message) {
    this.url = url;
    this.now_ms = now_ms;
    this.on_message = on_message;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.failures = 0;
    this.heard_ms = 0;
    this.retry_at_ms = 0;
  }

  start() {
    setInterval(() => this.watch(), WATCH_MS);
    addEventListener("online", () => this.nudge());
    document.addEventListener("visibilitychange", () => this.nudge());
    this.open();
  }

  /** Something speaks for trying now: the network is back, or a person looks at the page. */
  nudge() {
    this.retry_at_ms = 0;
    this.watch();
  }

  watch() {
    const now_ms = this.now_ms();
    if (this.socket === null) {
      if (now_ms >= this.retry_at_ms) this.open();
    } else if (now_ms - this.heard_ms > LINK_SILENCE_MS) {
      this.drop(this.socket);
    }
  }

  open() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heard_ms = this.now_ms();
    socket.addEventListener("message", (event) => this.hear(socket, event.data));
    socket.addEventListener("close", () => this.drop(socket));
    socket.addEventListener("error", () => this.drop(socket));
  }

  /**
   * @param {WebSocket} socket
   * @param {unknown} data
   */
  hear(socket, data) {
    if (socket !== this.socket) return;
    const message = parse(data);
    if (message === null) {
      console.warn("the feed sent a message that cannot be read; the feed is opened anew");
      this.drop(socket);
      return;
    }
    this.failures = 0;
    this.heard_ms = this.now_ms();
    this.on_message(message);
  }

  /**
   * A frozen server never answers the closing handshake, so the socket is forgotten at once.
   * @param {WebSocket} socket
   */
  drop(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.failures += 1;
    this.retry_at_ms = this.now_ms() + backoff_ms(this.failures, Math.random());
    socket.close();
  }
}

/**
 * A message of a known type; other types are of a newer server and pass as pings.
 * @param {unknown} data
 * @returns {import("../types.js").FeedMessage | null}
 */
function parse(data) {
  try {
    const message = JSON.parse(String(data));
    if (message?.type === "hello" || message?.type === "delta") return message;
    return typeof message?.type === "string" ? { type: "ping", rev: message.rev } : null;
  } catch {
    return null;
  }
}
