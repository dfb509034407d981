import type { ReplyDelta, ReplyDone } from "../contract/events.ts";
import { asChatError } from "../util/errors.ts";
import type { ConversationLog } from "./conversation_log.ts";
import type { RunningReply } from "./conversation_rows.ts";
import { answered, type PendingTurn } from "./entries.ts";
import { PendingTurns } from "./pending_turns.ts";
import type { Reply } from "./reply.ts";

/** What an open conversation does when its replies change. */
export interface RepliesListener {
  /** The pending turns have changed. */
  onChanged(): void;
  /** Reads the log. */
  read(): Promise<void>;
  /** A reply has finished elsewhere, or failed: what was read before may say that it is still being written. */
  onEnded(): void;
  /** Parts of a reply may have been missed. */
  onGap(): void;
  /** Whether the conversation was closed. */
  isClosed(): boolean;
}

/** How long to wait between checks whether the database has stored a finished reply. */
const SETTLE_DELAY_MS = 500;
/** How long a reply may be silent before its state is read. */
const SILENCE_TIMEOUT_MS = 5_000;

/** The pending replies: those requested here, which stream, and those of other devices, which arrive as events. */
export class ConversationReplies {
  readonly turns = new PendingTurns();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly log: ConversationLog, readonly listener: RepliesListener) {}

  /** Returns a new turn that waits for a reply after the current end of the log. */
  newTurn(clientId: string): PendingTurn {
    const after = this.log.messages.at(-1)?.id ?? 0;
    const createdAt = new Date().toISOString();
    return { clientId, question: null, questionId: null, text: "", parts: 0, after, createdAt };
  }

  /** Shows a turn, and its reply as it grows. */
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

  /** Removes a turn. */
  drop(clientId: string | null): PendingTurn | undefined {
    const turn = this.turns.drop(clientId);
    this.listener.onChanged();
    return turn;
  }

  /**
   * Stops the replies requested here.
   * @returns the questions of the other pending replies
   */
  stop(): number[] {
    for (const reply of this.turns.replies.values()) reply.stop();
    return this.turns.others;
  }

  /** Stops reading the replies requested here. */
  end(): void {
    clearTimeout(this.#silence);
    for (const reply of this.turns.replies.values()) reply.leave();
  }

  /** Applies what the database knows about the running reply. */
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

  /** Applies an event about a reply that was requested elsewhere. */
  receive(event: ReplyDelta | ReplyDone): void {
    if (this.turns.isOwn(event.reply_to_id)) return;
    if (event.event === "reply.delta") this.#receivePart(event);
    else this.#receiveEnd(event);
  }

  #receivePart({ reply_to_id: questionId, index, delta }: ReplyDelta): void {
    const clientId = `reply:${questionId}`;
    const turn = this.turns.find(clientId);
    const parts = turn?.parts ?? 0;
    // It began before this client subscribed, or parts were lost.
    if (index > parts) return this.listener.onGap();
    if (index < parts) return;
    if (!turn) this.turns.dropQuestion(questionId);
    this.turns.put(turn ?? { ...this.newTurn(clientId), questionId }, delta);
    this.#watch();
    this.listener.onChanged();
  }

  /** If a reply stays silent for a while, its end may have been missed. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (this.turns.others.length === 0 || this.listener.isClosed()) return;
    this.#silence = setTimeout(() => {
      this.listener.onGap();
      this.#watch();
    }, SILENCE_TIMEOUT_MS);
  }

  /** The id of the last message of the log before a time. */
  #lastBefore(time: string): number {
    const last = this.log.messages.findLast(({ created_at }) => Date.parse(created_at) <= Date.parse(time));
    return last?.id ?? 0;
  }

  #receiveEnd({ reply_to_id: questionId, message_id, error }: ReplyDone): void {
    const clientId = `reply:${questionId}`;
    this.turns.drop(clientId);
    // A partial text is stored as a reply, even if the reply failed or was stopped.
    if (error && error !== "cancelled" && !message_id && !this.turns.hasFailed(questionId)) {
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
      this.listener.onEnded();
    }
  }

  /** Shows the text from the turn until the database has stored it. */
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
