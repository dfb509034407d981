import type { ConversationLog } from "./conversation_log.ts";
import { DraftList } from "./draft_list.ts";
import { answered, type Draft } from "./drafts.ts";
import { asChatError } from "../util/errors.ts";
import type { RunningReply } from "./conversation_rows.ts";
import type { Reply } from "./reply.ts";
import type { Payload } from "../connection/topic.ts";

/** What replies change in an open conversation. */
export interface RepliesReader {
  /** The drafts are others. */
  changed(): void;
  /** The log is to be read. */
  read(): Promise<void>;
  /** A reply that was asked for elsewhere is done. */
  ended(): void;
  /** What is written of a reply is to be read. */
  missed(): void;
  /** Whether nobody looks any more. */
  closed(): boolean;
}

/** How long the database may take to have a reply that is done. */
const SETTLE_MS = 500;
/** How long nothing may be heard of a reply. */
const SILENCE_MS = 5_000;

/** The replies on their way: those asked for here, which stream, and those of other devices, which events tell. */
export class ConversationReplies {
  readonly list = new DraftList();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly log: ConversationLog, readonly reader: RepliesReader) {}

  /** A draft that waits for what comes after the log as it is. */
  draft(clientId: string): Draft {
    const after = this.log.messages.at(-1)?.id ?? 0;
    const createdAt = new Date().toISOString();
    return { clientId, question: null, questionId: null, text: "", parts: 0, after, createdAt };
  }

  /** Shows a draft, and the reply to it as it grows. */
  follow(draft: Draft, reply: Reply): void {
    const { clientId } = draft;
    this.list.dropQuestion(draft.questionId);
    this.list.replies.set(clientId, reply);
    this.list.put(draft);
    this.reader.changed();
    reply.asked.then(({ id }) => id && this.#update(clientId, { questionId: id }), () => {});
    void this.#grow(clientId, reply).finally(() => {
      this.list.replies.delete(clientId);
      this.reader.changed();
    });
  }

  /** Takes a draft away. */
  drop(clientId: string | null): Draft | undefined {
    const draft = this.list.drop(clientId);
    this.reader.changed();
    return draft;
  }

  /**
   * Stops the replies asked for here.
   * @returns the questions of the others
   */
  stop(): number[] {
    for (const reply of this.list.replies.values()) reply.stop();
    return this.list.others;
  }

  /** Reads no more of the replies asked for here. */
  end(): void {
    clearTimeout(this.#silence);
    for (const reply of this.list.replies.values()) reply.leave();
  }

  /** Takes what the database has of the reply that is being written. */
  take(running: RunningReply | null): void {
    if (!running) this.list.dropOthers();
    else if (!this.list.own(running.question_id)) {
      const { question_id: questionId, text, parts, created_at: createdAt } = running;
      const draft = { ...this.draft(`reply:${questionId}`), questionId, text, parts, createdAt };
      this.list.dropQuestion(questionId);
      this.list.put({ ...draft, after: this.#lastBefore(createdAt) });
    }
    this.#watch();
    this.reader.changed();
  }

  /** Takes what is told of replies asked for elsewhere. */
  hear(event: string, payload: Payload): void {
    const { reply_to_id } = payload;
    if (typeof reply_to_id !== "number" || this.list.own(reply_to_id)) return;
    if (event === "reply.delta") this.#hearPart(reply_to_id, payload);
    else if (event === "reply.done") this.#hearEnd(reply_to_id, payload);
  }

  #hearPart(questionId: number, { index, delta }: Payload): void {
    const clientId = `reply:${questionId}`;
    const draft = this.list.find(clientId);
    const parts = draft?.parts ?? 0;
    // It began before we listened, or parts were lost.
    if (index > parts) return this.reader.missed();
    if (index < parts) return;
    if (!draft) this.list.dropQuestion(questionId);
    this.list.put(draft ?? { ...this.draft(clientId), questionId }, delta);
    this.#watch();
    this.reader.changed();
  }

  /** When nothing is heard of a reply for a while, its end was perhaps missed. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (this.list.others.length === 0 || this.reader.closed()) return;
    this.#silence = setTimeout(() => {
      this.reader.missed();
      this.#watch();
    }, SILENCE_MS);
  }

  /** The last message of the log from before a time. */
  #lastBefore(time: string): number {
    const last = this.log.messages.findLast(({ created_at }) => Date.parse(created_at) <= Date.parse(time));
    return last?.id ?? 0;
  }

  #hearEnd(questionId: number, { message_id, error }: Payload): void {
    const clientId = `reply:${questionId}`;
    this.list.drop(clientId);
    // What came before it failed or was stopped is kept as a reply.
    if (error && error !== "cancelled" && !message_id) {
      this.list.put({ ...this.draft(clientId), questionId, error: "responder_failed" });
    }
    this.reader.changed();
    this.reader.ended();
  }

  async #grow(clientId: string, reply: Reply): Promise<void> {
    try {
      for await (const part of reply) {
        const draft = this.list.find(clientId);
        if (draft) this.list.put(draft, part);
        this.reader.changed();
      }
      await this.#settle(clientId);
    } catch (error) {
      const { code, message } = asChatError(error);
      this.#update(clientId, { error: code, errorMessage: message });
    }
  }

  /** What was written is shown from the draft until the database has it. */
  async #settle(clientId: string): Promise<void> {
    for (let tries = 0; tries < 5 && !this.reader.closed(); tries++) {
      await this.reader.read().catch(() => {});
      const draft = this.list.find(clientId);
      if (!draft || answered(this.log.messages, draft)) break;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    this.drop(clientId);
  }

  #update(clientId: string, fields: Partial<Draft>): void {
    this.list.update(clientId, fields);
    this.reader.changed();
  }
}
