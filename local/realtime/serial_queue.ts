import type { Message } from "./frames.ts";

const maxPendingBytes = 16_000_000;

/** Does one thing after the other for a channel; what can be done at once is done at once. */
export class Turns {
  #pending: { message: Message; size: number }[] | undefined;
  #pendingBytes = 0;

  /** `fail` is called with what goes wrong, `overflow` when more waits than can be kept. */
  constructor(
    readonly handle: (message: Message) => void | Promise<void>,
    readonly fail: (error: unknown) => void,
    readonly overflow: () => void,
  ) {}

  /** Takes a message of so many bytes, after those that came before it. */
  take(message: Message, size: number): void {
    if (!this.#pending) return this.run(() => this.handle(message));
    this.#pending.push({ message, size });
    this.#pendingBytes += size;
    if (this.#pendingBytes <= maxPendingBytes) return;
    this.#takePending();
    this.overflow();
  }

  /** Does something now, and what comes meanwhile afterwards. */
  run(work: () => void | Promise<void>): void {
    const doing = work();
    if (!doing) return;
    this.#pending = [];
    doing.catch(this.fail).finally(() => {
      const pending = this.#takePending();
      this.#pending = undefined;
      for (const { message, size } of pending) this.take(message, size);
    });
  }

  #takePending() {
    const pending = this.#pending ?? [];
    this.#pending = [];
    this.#pendingBytes = 0;
    return pending;
  }
}
