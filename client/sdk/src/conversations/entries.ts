import type { ConversationMessage } from "./conversation_rows.ts";

/** A message of a conversation as it is shown, kept or being written. */
export interface Entry {
  /** The same from the moment of asking on: for the `key` of a list. */
  key: string;
  /** `null` until the server has it. */
  id: number | null;
  client_id: string | null;
  /** `user`, `assistant`, or another that the log holds. */
  role: string;
  content: string;
  metadata: ConversationMessage["metadata"];
  reply_to_id: number | null;
  created_at: string;
  /** `streaming`: a reply that is being written. */
  state: "sending" | "sent" | "streaming" | "failed";
  /** A reply that was cut short: the rest can be asked for. */
  partial: boolean;
  /** Why it failed: the code of a ChatError, */
  error?: string;
  /** and its sentence. */
  errorMessage?: string;
}

/** A question that was asked, and the reply to it as far as it is written. */
export interface PendingTurn {
  clientId: string;
  /** `null` when it was asked before. */
  question: string | null;
  /** `null` until the server has the question. */
  questionId: number | null;
  text: string;
  /** How many parts the text has. */
  parts: number;
  /** A reply with a higher id is the one that was waited for. */
  after: number;
  createdAt: string;
  error?: string;
  errorMessage?: string;
}

const views = new WeakMap<ConversationMessage, Entry>();

/**
 * The log with the drafts: each question with the newest reply to it, or the one that is being written. The list
 * before, when nothing differs.
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
  const same = list.length === before.length && list.every((entry, index) => entry === before[index]);
  return same ? before : list;
}

/** Whether the reply that a turn waits for is kept. */
export function answered(messages: readonly ConversationMessage[], { questionId, after }: PendingTurn): boolean {
  return questionId !== null && messages.some(({ id, reply_to_id }) => reply_to_id === questionId && id > after);
}

function kept(message: ConversationMessage): Entry {
  const held = views.get(message);
  if (held) return held;
  const { conversation_id: _, ...row } = message;
  const key = row.reply_to_id ? replyKey(row.reply_to_id) : row.client_id ?? String(row.id);
  const partial = (row.metadata as { partial?: boolean }).partial === true && row.role === "assistant";
  const entry: Entry = { ...row, key, state: "sent", partial };
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

/** What stands after a question: the newest reply, or the one on its way; a failed one after the one before. */
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
