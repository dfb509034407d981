import type { ConversationMessage } from "./conversations.ts";

/** A message of a conversation as it is shown, written or being written. */
export interface Entry {
  key: string;
  /** `null` until the server has it. */
  id: number | null;
  /** Of what was asked here and is not kept yet. */
  client_id: string | null;
  /** `user`, `assistant`, or another that the log holds. */
  role: string;
  content: string;
  metadata: ConversationMessage["metadata"];
  reply_to_id: number | null;
  created_at: string;
  /** `streaming`: a reply that is being written. */
  state: "sending" | "sent" | "streaming" | "failed";
  /** Why it failed: the code of a ChatError. */
  error?: string;
}

/** A question that was asked, and the reply to it as far as it is written. */
export interface Draft {
  clientId: string;
  /** `null` when the question is shown by another. */
  question: string | null;
  /** `null` until the server has the question. */
  questionId: number | null;
  text: string;
  /** How many parts the text has. */
  parts: number;
  createdAt: string;
  error?: string;
}

export function draftOf(clientId: string, question: string | null = null): Draft {
  return { clientId, question, questionId: null, text: "", parts: 0, createdAt: new Date().toISOString() };
}

const shown = new WeakMap<ConversationMessage, Entry>();

/** The log with the drafts after it; the same list when nothing differs. */
export function entries(
  messages: readonly ConversationMessage[],
  drafts: readonly Draft[],
  before: readonly Entry[],
): readonly Entry[] {
  const waiting = new Set(drafts.flatMap(({ question, questionId }) => question && !questionId ? question : []));
  const last = messages.at(-1);
  // Told by its event before the answer to the question: shown once.
  const early = last?.role === "user" && waiting.has(last.content) ? last : undefined;
  const list = [
    ...messages.filter((message) => message !== early).map(kept),
    ...drafts.flatMap((draft) => written(draft, messages)),
  ];
  const same = list.length === before.length && list.every((entry, index) => entry === before[index]);
  return same ? before : list;
}

function kept(message: ConversationMessage): Entry {
  const held = shown.get(message);
  if (held) return held;
  const { id, role, content, metadata, reply_to_id, created_at } = message;
  const entry: Entry = {
    key: String(id),
    id,
    client_id: null,
    role,
    content,
    metadata,
    reply_to_id,
    created_at,
    state: "sent",
  };
  shown.set(message, entry);
  return entry;
}

function written(draft: Draft, messages: readonly ConversationMessage[]): Entry[] {
  const { clientId, question, questionId, text, createdAt, error } = draft;
  const shared = { id: null, client_id: clientId, metadata: {}, created_at: createdAt, ...(error && { error }) };
  const list: Entry[] = [];
  if (question && !messages.some(({ id }) => id === questionId)) {
    const state = error ? "failed" : questionId ? "sent" : "sending";
    list.push({ ...shared, key: clientId, id: questionId, role: "user", content: question, reply_to_id: null, state });
  }
  const answered = messages.some((message) => message.reply_to_id === questionId && message.created_at >= createdAt);
  if (questionId && !answered && (text || error || !question)) {
    const state = error ? "failed" : "streaming";
    list.push({
      ...shared,
      key: `${clientId}:reply`,
      role: "assistant",
      content: text,
      reply_to_id: questionId,
      state,
    });
  }
  return list;
}
