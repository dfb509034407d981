import type { ConversationMessage } from "./conversation_rows.ts";
import type { Conversations } from "./conversations.ts";

/** The newest messages of a conversation, without holes, oldest first. They never change once they are there. */
export class ConversationLog {
  messages: readonly ConversationMessage[] = [];
  hasOlder = false;

  constructor(readonly conversations: Conversations, readonly id: string, readonly pageSize: number) {}

  /** Reads the newest, as many as are held. */
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

  /** Reads the page before what is held. */
  async readOlder(): Promise<ConversationMessage[]> {
    const [first] = this.messages;
    const page = await this.conversations.messages(this.id, { before: first!.id, limit: this.pageSize });
    if (this.messages[0] !== first) return []; // it begins elsewhere now
    this.hasOlder = page.length === this.pageSize;
    this.add(page);
    return page;
  }

  add(messages: readonly ConversationMessage[]): void {
    const held = new Map(this.messages.map((message) => [message.id, message]));
    for (const message of messages) if (!held.has(message.id)) held.set(message.id, message);
    if (held.size === this.messages.length) return;
    this.messages = [...held.values()].sort((one, other) => one.id - other.id);
  }

  /** Whether nothing lies between what is held and a page of the newest. */
  #reaches(page: readonly ConversationMessage[]): boolean {
    return this.messages.some(({ id }) => id === page[0]!.id);
  }
}
