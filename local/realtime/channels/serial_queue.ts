import type { Message } from "../wire/frames.ts";

const MAX_PENDING_BYTES = 16_000_000;

/** Handles the messages of a channel one after the other; synchronous ones at once. */
export class SerialQueue {
  #pending: { message: Message; size: number }[] | undefined;
  #pendingBytes = 0;

  /** `fail` is called with errors, `overflow` when too much is queued. */
  constructor(
    readonly handle: (message: Message) => void | Promise<void>,
    readonly fail: (error: unknown) => void,
    readonly overflow: () => void,
  ) {}

  /** Handles a message after those before it; `size` is in bytes. */
  add(message: Message, size: number): void {
    if (!this.#pending) return this.run(() => this.handle(message));
    this.#pending.push({ message, size });
    this.#pendingBytes += size;
    if (this.#pendingBytes <= MAX_PENDING_BYTES) return;
    this.#takePending();
    this.overflow();
  }

  /** Runs work now, and handles the messages that are received during it afterwards. */
  run(work: () => void | Promise<void>): void {
    const doing = work();
    if (!doing) return;
    this.#pending = [];
    doing.catch(this.fail).finally(() => {
      const pending = this.#takePending();
      this.#pending = undefined;
      for (const { message, size } of pending) this.add(message, size);
    });
  }

  #takePending() {
    const pending = this.#pending ?? [];
    this.#pending = [];
    this.#pendingBytes = 0;
    return pending;
  }
}
