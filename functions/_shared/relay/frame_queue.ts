import { settings } from "../settings/settings.ts";
import { CLOSE } from "./close_codes.ts";
import type { Connection } from "./connection.ts";
import { errorFrame, FrameError, refusalOf } from "./frame_error.ts";

const MAX_WAITING = 256;
/** Beyond ten times a limit we assume abuse and close the socket. */
const ABUSE_FACTOR = 10;

/** The frames of a client, handled one after the other and rate-limited. */
export class FrameQueue {
  readonly #rate = settings.relayFramesPerSecond();
  readonly #maxFrame = settings.relayMaxFrame();
  #allowance = this.#rate * 2;
  #counted = Date.now();
  #refused = 0;
  #waiting: string[] = [];
  #isBusy = false;

  constructor(readonly connection: Connection) {}

  receive(data: string | ArrayBuffer | Blob): void {
    try {
      this.#admit(data);
    } catch (error) {
      this.#refuse(error, data);
    }
  }

  /** @throws FrameError when the frame is refused. */
  #admit(data: string | ArrayBuffer | Blob): void {
    this.#count();
    if (!this.connection.isOpen) return;
    if (typeof data !== "string") throw new FrameError("invalid_json", "Frames are texts.");
    if (data.length > this.#maxFrame * ABUSE_FACTOR) return this.connection.close(CLOSE.tooLarge);
    if (data.length > this.#maxFrame) {
      throw new FrameError("frame_too_large", `A frame has at most ${this.#maxFrame} characters.`);
    }
    this.#waiting.push(data);
    if (!this.#isBusy) void this.#work();
  }

  #count(): void {
    const now = Date.now();
    const earned = (now - this.#counted) / 1000 * this.#rate;
    this.#allowance = Math.min(this.#rate * 2, this.#allowance + earned);
    this.#refused = Math.max(0, this.#refused - earned);
    this.#counted = now;
    if (this.#allowance >= 1 && this.#waiting.length < MAX_WAITING) return void this.#allowance--;
    if (++this.#refused > this.#rate * ABUSE_FACTOR) return this.connection.close(CLOSE.tooManyFrames);
    throw new FrameError("too_many_frames", "Too many frames, send more slowly.");
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let text; (text = this.#waiting.shift()) !== undefined && this.connection.isOpen;) {
      let frame: unknown = text;
      try {
        frame = parse(text);
        await this.connection.protocol.receive(frame as Record<string, unknown>, this.connection);
      } catch (error) {
        this.#refuse(error, frame);
      }
    }
    this.#isBusy = false;
  }

  #refuse(error: unknown, frame: unknown): void {
    const { fields, refuse = errorFrame } = this.connection.protocol;
    this.connection.send(refuse(refusalOf(error, frame, fields)));
  }
}

/** @throws FrameError */
function parse(text: string): Record<string, unknown> {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    throw new FrameError("invalid_json", `JSON parse error - ${(error as Error).message}`);
  }
  if (typeof frame === "object" && frame !== null && !Array.isArray(frame)) return frame as Record<string, unknown>;
  throw new FrameError("invalid_json", "A frame is a JSON object.");
}
