import type { ConversationMessage } from "./conversation_rows.ts";
import { answered, type PendingTurn } from "./entries.ts";
import type { Reply } from "./reply.ts";

/** The drafts of an open conversation, and the replies that are asked for here. */
export class PendingTurns {
  list: readonly PendingTurn[] = [];
  readonly replies = new Map<string, Reply>();

  find(clientId: string | null): PendingTurn | undefined {
    return this.list.find((turn) => turn.clientId === clientId);
  }

  /** Puts a draft in its place, with one more part of the reply. */
  put(turn: PendingTurn, part = ""): void {
    const next = { ...turn, text: turn.text + part, parts: turn.parts + (part ? 1 : 0) };
    const held = this.find(turn.clientId);
    this.list = held ? this.list.map((each) => each === held ? next : each) : [...this.list, next];
  }

  update(clientId: string, fields: Partial<PendingTurn>): void {
    const turn = this.find(clientId);
    if (turn) this.put({ ...turn, ...fields });
  }

  drop(clientId: string | null): PendingTurn | undefined {
    const turn = this.find(clientId);
    if (turn) this.list = this.list.filter((each) => each !== turn);
    return turn;
  }

  /** Asked for again, what had failed shows no more. */
  dropQuestion(questionId: number | null): void {
    this.list = this.list.filter((turn) => turn.questionId === null || turn.questionId !== questionId);
  }

  /** No reply is being written that was asked for elsewhere. */
  dropOthers(): void {
    this.list = this.list.filter(({ clientId, error }) => error || this.replies.has(clientId));
  }

  /** Takes what the log has: question ids, and replies instead of their drafts. */
  settle(messages: readonly ConversationMessage[], added: readonly ConversationMessage[]): void {
    this.list = this.list.filter((turn) => this.replies.has(turn.clientId) || !answered(messages, turn));
    // Before the request that asked is answered, its event may tell the question's id.
    for (const { client_id, id } of added) {
      if (client_id) this.update(client_id, { questionId: id });
    }
  }

  /** Whether the reply to a question comes by a request made here. */
  isOwn(questionId: number): boolean {
    return this.list.some((turn) => turn.questionId === questionId && this.replies.has(turn.clientId));
  }

  /** The questions whose replies come from elsewhere, and are being written. */
  get others(): number[] {
    const running = this.list.filter(({ clientId, error }) => !error && !this.replies.has(clientId));
    return running.flatMap(({ questionId }) => questionId ?? []);
  }

  /** Whether a reply is being written. */
  get isReplying(): boolean {
    return this.replies.size > 0 || this.list.some(({ error }) => !error);
  }
}
