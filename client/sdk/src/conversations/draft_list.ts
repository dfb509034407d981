import type { ConversationMessage } from "./conversation_rows.ts";
import { answered, type Draft } from "./drafts.ts";
import type { Reply } from "./reply.ts";

/** The drafts of an open conversation, and the replies that are asked for here. */
export class DraftList {
  drafts: readonly Draft[] = [];
  readonly replies = new Map<string, Reply>();

  find(clientId: string | null): Draft | undefined {
    return this.drafts.find((draft) => draft.clientId === clientId);
  }

  /** Puts a draft in its place, with one more part of the reply. */
  put(draft: Draft, part = ""): void {
    const next = { ...draft, text: draft.text + part, parts: draft.parts + (part ? 1 : 0) };
    const held = this.find(draft.clientId);
    this.drafts = held ? this.drafts.map((each) => each === held ? next : each) : [...this.drafts, next];
  }

  update(clientId: string, fields: Partial<Draft>): void {
    const draft = this.find(clientId);
    if (draft) this.put({ ...draft, ...fields });
  }

  drop(clientId: string | null): Draft | undefined {
    const draft = this.find(clientId);
    if (draft) this.drafts = this.drafts.filter((each) => each !== draft);
    return draft;
  }

  /** Asked for again, what had failed shows no more. */
  dropQuestion(questionId: number | null): void {
    this.drafts = this.drafts.filter((draft) => draft.questionId === null || draft.questionId !== questionId);
  }

  /** No reply is being written that was asked for elsewhere. */
  dropOthers(): void {
    this.drafts = this.drafts.filter(({ clientId, error }) => error || this.replies.has(clientId));
  }

  /** Takes what the log has: question ids, and replies instead of their drafts. */
  settle(messages: readonly ConversationMessage[], added: readonly ConversationMessage[]): void {
    this.drafts = this.drafts.filter((draft) => this.replies.has(draft.clientId) || !answered(messages, draft));
    // Before the request that asked is answered, its event may tell the question's id.
    for (const { client_id, id } of added) {
      if (client_id) this.update(client_id, { questionId: id });
    }
  }

  /** Whether the reply to a question comes by a request made here. */
  own(questionId: number): boolean {
    return this.drafts.some((draft) => draft.questionId === questionId && this.replies.has(draft.clientId));
  }

  /** The questions whose replies come from elsewhere, and are being written. */
  get others(): number[] {
    const running = this.drafts.filter(({ clientId, error }) => !error && !this.replies.has(clientId));
    return running.flatMap(({ questionId }) => questionId ?? []);
  }

  /** Whether a reply is being written. */
  get replying(): boolean {
    return this.replies.size > 0 || this.drafts.some(({ error }) => !error);
  }
}
