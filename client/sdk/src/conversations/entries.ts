import type { ConversationMessage } from "./conversation_rows.ts";

/** A message of a conversation as shown: stored, or still being written. */
export interface Entry {
  /** Stays the same from the moment of asking: use it as the `key` of a list. */
  key: string;
  /** `null` until the server has stored it. */
  id: number | null;
  client_id: string | null;
  /** `user`, `assistant`, or another role that the log contains. */
  role: string;
  content: string;
  metadata: ConversationMessage["metadata"];
  reply_to_id: number | null;
  created_at: string;
  /** `streaming`: a reply that is being written. */
  state: "sending" | "sent" | "streaming" | "failed";
  /** Whether the reply was cut short: `continue()` requests the rest. */
  partial: boolean;
  /** Why it failed: the code of a ChatError. */
  error?: string;
  /** The message of that ChatError. */
  errorMessage?: string;
}

/** A question, and its reply as far as it is written. */
export interface PendingTurn {
  clientId: string;
  /** `null` if the question was asked earlier. */
  question: string | null;
  /** `null` until the server has stored the question. */
  questionId: number | null;
  text: string;
  /** The number of parts in the text. */
  parts: number;
  /** The awaited reply has a higher id than this. */
  after: number;
  createdAt: string;
  error?: string;
  errorMessage?: string;
}

const views = new WeakMap<ConversationMessage, Entry>();

/**
 * Merges the log with the pending turns: each question with its newest reply, or the one being written. Returns the
 * previous list if nothing differs.
 */
export function entries(
  messages: readonly ConversationMessage[],
  turns: readonly PendingTurn[],
  before: readonly Entry[],
): readonly Entry[] {
  const replies = new Map(messages.flatMap((message) => message.reply_to_id ? [[message.reply_to_id, message]] : []));
  const ids = new Set(messages.map(({ id }) => id));
  const list = messages.flatMap((message) => {
    if (message.reply_to_id && ids.has(message.reply_to_id)) return [];
    return [kept(message), ...answer(replies.get(message.id), turns.find((turn) => turn.questionId === message.id))];
  });
  for (const turn of turns) {
    if (turn.questionId && ids.has(turn.questionId)) continue;
    list.push(...asked(turn), ...answer(undefined, turn));
  }
  const isSame = list.length === before.length && list.every((entry, index) => entry === before[index]);
  return isSame ? before : list;
}

/** Whether the reply that a turn waits for is stored. */
export function answered(messages: readonly ConversationMessage[], { questionId, after }: PendingTurn): boolean {
  return questionId !== null && messages.some(({ id, reply_to_id }) => reply_to_id === questionId && id > after);
}

function kept(message: ConversationMessage): Entry {
  const held = views.get(message);
  if (held) return held;
  const { conversation_id: _, ...row } = message;
  const key = row.reply_to_id ? replyKey(row.reply_to_id) : row.client_id ?? String(row.id);
  const isPartial = (row.metadata as { partial?: boolean }).partial === true && row.role === "assistant";
  const entry: Entry = { ...row, key, state: "sent", partial: isPartial };
  views.set(message, entry);
  return entry;
}

const replyKey = (questionId: number) => `reply:${questionId}`;

function asked({ clientId, question, questionId, createdAt, error, errorMessage }: PendingTurn): Entry[] {
  if (question === null) return [];
  const state = questionId ? "sent" : error ? "failed" : "sending";
  return [{
    key: clientId,
    id: questionId,
    client_id: clientId,
    role: "user",
    content: question,
    metadata: {},
    reply_to_id: null,
    created_at: createdAt,
    state,
    partial: false,
    ...(state === "failed" && { error: error!, errorMessage }),
  }];
}

/** What follows a question: the newest reply, or the pending one; a failed one follows the previous reply. */
function answer(reply: ConversationMessage | undefined, turn: PendingTurn | undefined): Entry[] {
  const held = reply ? [kept(reply)] : [];
  if (!turn?.questionId || reply && reply.id > turn.after) return held;
  const { clientId, questionId, text, createdAt, error, errorMessage } = turn;
  const entry: Entry = {
    key: replyKey(questionId) + (error && reply ? ":failed" : ""),
    id: null,
    client_id: clientId,
    role: "assistant",
    content: text,
    metadata: {},
    reply_to_id: questionId,
    created_at: createdAt,
    state: error ? "failed" : "streaming",
    partial: false,
    ...(error && { error, errorMessage }),
  };
  return error ? [...held, entry] : [entry];
}
