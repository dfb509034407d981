import type { Message } from "./frames.ts";

const maxPending = 1_000;

/** Does one thing after the other for a channel; what can be done at once is done at once. */
export class Turns {
  #pending: Message[] | undefined;

  constructor(readonly handle: (message: Message) => void | Promise<void>, readonly fail: (error: unknown) => void) {}

  /** Takes a message, after those that came before it; too many of them are not kept. */
  take(message: Message): void {
    if (!this.#pending) this.run(() => this.handle(message));
    else if (this.#pending.length < maxPending) this.#pending.push(message);
  }

  /** Does something now, and what comes meanwhile afterwards. */
  run(work: () => void | Promise<void>): void {
    const doing = work();
    if (!doing) return;
    this.#pending = [];
    doing.catch(this.fail).finally(() => {
      const pending = this.#pending ?? [];
      this.#pending = undefined;
      for (const message of pending) this.take(message);
    });
  }
}
