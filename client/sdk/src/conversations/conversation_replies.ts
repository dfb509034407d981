import type { ConversationLog } from "./conversation_log.ts";
import { PendingTurns } from "./pending_turns.ts";
import { answered, type PendingTurn } from "./entries.ts";
import { asChatError } from "../util/errors.ts";
import type { RunningReply } from "./conversation_rows.ts";
import type { Reply } from "./reply.ts";
import type { Payload } from "../connection/topic.ts";

/** What replies change in an open conversation. */
export interface RepliesListener {
  /** The drafts are others. */
  onChanged(): void;
  /** The log is to be read. */
  read(): Promise<void>;
  /** A reply that was asked for elsewhere is done. */
  onEnded(): void;
  /** What is written of a reply is to be read. */
  onGap(): void;
  /** Whether nobody looks any more. */
  isClosed(): boolean;
}

/** How long the database may take to have a reply that is done. */
const SETTLE_DELAY_MS = 500;
/** How long nothing may be heard of a reply. */
const SILENCE_TIMEOUT_MS = 5_000;

/** The replies on their way: those asked for here, which stream, and those of other devices, which events tell. */
export class ConversationReplies {
  readonly turns = new PendingTurns();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly log: ConversationLog, readonly listener: RepliesListener) {}

  /** A draft that waits for what comes after the log as it is. */
  newTurn(clientId: string): PendingTurn {
    const after = this.log.messages.at(-1)?.id ?? 0;
    const createdAt = new Date().toISOString();
    return { clientId, question: null, questionId: null, text: "", parts: 0, after, createdAt };
  }

  /** Shows a turn, and the reply to it as it grows. */
  follow(turn: PendingTurn, reply: Reply): void {
    const { clientId } = turn;
    this.turns.dropQuestion(turn.questionId);
    this.turns.replies.set(clientId, reply);
    this.turns.put(turn);
    this.listener.onChanged();
    reply.asked.then(({ id }) => id && this.#update(clientId, { questionId: id }), () => {});
    void this.#grow(clientId, reply).finally(() => {
      this.turns.replies.delete(clientId);
      this.listener.onChanged();
    });
  }

  /** Takes a draft away. */
  drop(clientId: string | null): PendingTurn | undefined {
    const turn = this.turns.drop(clientId);
    this.listener.onChanged();
    return turn;
  }

  /**
   * Stops the replies asked for here.
   * @returns the questions of the others
   */
  stop(): number[] {
    for (const reply of this.turns.replies.values()) reply.stop();
    return this.turns.others;
  }

  /** Reads no more of the replies asked for here. */
  end(): void {
    clearTimeout(this.#silence);
    for (const reply of this.turns.replies.values()) reply.leave();
  }

  /** Takes what the database has of the reply that is being written. */
  take(running: RunningReply | null): void {
    if (!running) this.turns.dropOthers();
    else if (!this.turns.isOwn(running.question_id)) {
      const { question_id: questionId, text, parts, created_at: createdAt } = running;
      const turn = { ...this.newTurn(`reply:${questionId}`), questionId, text, parts, createdAt };
      this.turns.dropQuestion(questionId);
      this.turns.put({ ...turn, after: this.#lastBefore(createdAt) });
    }
    this.#watch();
    this.listener.onChanged();
  }

  /** Takes what is told of replies asked for elsewhere. */
  receive(event: string, payload: Payload): void {
    const { reply_to_id } = payload;
    if (typeof reply_to_id !== "number" || this.turns.isOwn(reply_to_id)) return;
    if (event === "reply.delta") this.#receivePart(reply_to_id, payload);
    else if (event === "reply.done") this.#receiveEnd(reply_to_id, payload);
  }

  #receivePart(questionId: number, { index, delta }: Payload): void {
    const clientId = `reply:${questionId}`;
    const turn = this.turns.find(clientId);
    const parts = turn?.parts ?? 0;
    // It began before we listened, or parts were lost.
    if (index > parts) return this.listener.onGap();
    if (index < parts) return;
    if (!turn) this.turns.dropQuestion(questionId);
    this.turns.put(turn ?? { ...this.newTurn(clientId), questionId }, delta);
    this.#watch();
    this.listener.onChanged();
  }

  /** When nothing is heard of a reply for a while, its end was perhaps missed. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (this.turns.others.length === 0 || this.listener.isClosed()) return;
    this.#silence = setTimeout(() => {
      this.listener.onGap();
      this.#watch();
    }, SILENCE_TIMEOUT_MS);
  }

  /** The last message of the log from before a time. */
  #lastBefore(time: string): number {
    const last = this.log.messages.findLast(({ created_at }) => Date.parse(created_at) <= Date.parse(time));
    return last?.id ?? 0;
  }

  #receiveEnd(questionId: number, { message_id, error }: Payload): void {
    const clientId = `reply:${questionId}`;
    this.turns.drop(clientId);
    // What came before it failed or was stopped is kept as a reply.
    if (error && error !== "cancelled" && !message_id) {
      this.turns.put({ ...this.newTurn(clientId), questionId, error: "responder_failed" });
    }
    this.listener.onChanged();
    this.listener.onEnded();
  }

  async #grow(clientId: string, reply: Reply): Promise<void> {
    try {
      for await (const part of reply) {
        const turn = this.turns.find(clientId);
        if (turn) this.turns.put(turn, part);
        this.listener.onChanged();
      }
      await this.#settle(clientId);
    } catch (error) {
      const { code, message } = asChatError(error);
      this.#update(clientId, { error: code, errorMessage: message });
    }
  }

  /** What was written is shown from the draft until the database has it. */
  async #settle(clientId: string): Promise<void> {
    for (let tries = 0; tries < 5 && !this.listener.isClosed(); tries++) {
      await this.listener.read().catch(() => {});
      const turn = this.turns.find(clientId);
      if (!turn || answered(this.log.messages, turn)) break;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_DELAY_MS));
    }
    this.drop(clientId);
  }

  #update(clientId: string, fields: Partial<PendingTurn>): void {
    this.turns.update(clientId, fields);
    this.listener.onChanged();
  }
}
