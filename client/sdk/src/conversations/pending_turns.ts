import type { ConversationMessage } from "./conversation_rows.ts";
import { answered, type PendingTurn } from "./entries.ts";
import type { Reply } from "./reply.ts";

/** The pending turns of an open conversation, and the replies that were requested here. */
export class PendingTurns {
  list: readonly PendingTurn[] = [];
  readonly replies = new Map<string, Reply>();

  find(clientId: string | null): PendingTurn | undefined {
    return this.list.find((turn) => turn.clientId === clientId);
  }

  /** Adds or replaces a turn, and appends a part to its reply. */
  put(turn: PendingTurn, part = ""): void {
    const next = { ...turn, text: turn.text + part, parts: turn.parts + (part ? 1 : 0) };
    const held = this.find(turn.clientId);
    this.list = held ? this.list.map((each) => each === held ? next : each) : [...this.list, next];
  }

  update(clientId: string, fields: Partial<PendingTurn>): void {
    const turn = this.find(clientId);
    if (!turn) return;
    // Events of the reply may have arrived before it was known as that of this turn.
    if (fields.questionId) {
      this.list = this.list.filter((each) => each === turn || each.questionId !== fields.questionId);
    }
    this.put({ ...turn, ...fields });
  }

  drop(clientId: string | null): PendingTurn | undefined {
    const turn = this.find(clientId);
    if (turn) this.list = this.list.filter((each) => each !== turn);
    return turn;
  }

  /** Removes earlier turns of a question: it is being asked again. */
  dropQuestion(questionId: number | null): void {
    this.list = this.list.filter((turn) => turn.questionId === null || turn.questionId !== questionId);
  }

  /** Removes turns of other devices: none of them is running. */
  dropOthers(): void {
    this.list = this.list.filter(({ clientId, error }) => error || this.replies.has(clientId));
  }

  /** Removes turns whose replies are in the log, and adds question ids from the log. */
  settle(messages: readonly ConversationMessage[], added: readonly ConversationMessage[]): void {
    this.list = this.list.filter((turn) => this.replies.has(turn.clientId) || !answered(messages, turn));
    // The event of a question may arrive before the response to its request.
    for (const { client_id, id } of added) {
      if (client_id) this.update(client_id, { questionId: id });
    }
  }

  /** Whether the reply to a question was requested here. */
  isOwn(questionId: number): boolean {
    return this.list.some((turn) => turn.questionId === questionId && this.replies.has(turn.clientId));
  }

  /** Whether the reply to a question is shown as failed. */
  hasFailed(questionId: number): boolean {
    return this.list.some((turn) => turn.questionId === questionId && turn.error);
  }

  /** The questions whose replies are being written for other devices. */
  get others(): number[] {
    const running = this.list.filter(({ clientId, error }) => !error && !this.replies.has(clientId));
    return running.flatMap(({ questionId }) => questionId ?? []);
  }

  /** Whether a reply is being written. */
  get isReplying(): boolean {
    return this.replies.size > 0 || this.list.some(({ error }) => !error);
  }
}
