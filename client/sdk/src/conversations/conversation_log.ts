import type { ConversationMessage } from "./conversation_rows.ts";
import type { Conversations } from "./conversations.ts";

/** The newest messages of a conversation, without gaps, oldest first. Stored messages never change. */
export class ConversationLog {
  messages: readonly ConversationMessage[] = [];
  hasOlder = false;

  constructor(readonly conversations: Conversations, readonly id: string, readonly pageSize: number) {}

  /** Reads the newest messages, at least as many as are loaded. */
  async read(): Promise<ConversationMessage[]> {
    const limit = Math.max(this.pageSize, Math.min(this.messages.length, 1_000));
    const page = await this.conversations.messages(this.id, { limit });
    if (page.length === limit && !this.#reaches(page)) {
      this.messages = [];
      this.hasOlder = true;
    }
    this.add(page);
    return page;
  }

  /** Reads the page before the loaded messages. */
  async readOlder(limit = this.pageSize): Promise<ConversationMessage[]> {
    const [first] = this.messages;
    const page = await this.conversations.messages(this.id, { before: first!.id, limit });
    if (this.messages[0] !== first) return []; // the log was replaced
    this.hasOlder = page.length === limit;
    this.add(page);
    return page;
  }

  add(messages: readonly ConversationMessage[]): void {
    const held = new Map(this.messages.map((message) => [message.id, message]));
    for (const message of messages) if (!held.has(message.id)) held.set(message.id, message);
    if (held.size === this.messages.length) return;
    this.messages = [...held.values()].sort((one, other) => one.id - other.id);
  }

  /** Whether the loaded messages and a page of the newest ones overlap. */
  #reaches(page: readonly ConversationMessage[]): boolean {
    return this.messages.some(({ id }) => id === page[0]!.id);
  }
}
