/** A message in the file. */
export interface Message {
  line: number;
  roomId: string;
  uri: string;
  sentAt: string;
  userId: string;
  username: string;
  messageId: string;
  text: string;
}

/** A record that cannot be loaded: its first line and the reason. */
export interface Malformed {
  line: number;
  reason: string;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;
const MAX_TEXT_LENGTH = 10_000;

/** Reads the seven columns: room id, room uri, sent at, user id, username, message id, text. */
export function readMessage(line: number, columns: string[]): Message | Malformed {
  if (columns.length !== 7) return { line, reason: `${columns.length} columns instead of 7` };
  const [roomId = "", uri = "", sentAt = "", userId = "", username = "", messageId = "", text = ""] = columns;
  const reason = idProblem({ "room id": roomId, "room uri": uri, "user id": userId, "message id": messageId }) ??
    timeProblem(sentAt) ?? textProblem(text);
  return reason ? { line, reason } : { line, roomId, uri, sentAt, userId, username, messageId, text };
}

function idProblem(ids: Record<string, string>): string | undefined {
  for (const [name, id] of Object.entries(ids)) {
    if (id.trim() === "") return `no ${name}`;
    if (id.length > 255) return `a ${name} of ${id.length} characters (at most 255)`;
  }
}

function timeProblem(sentAt: string): string | undefined {
  const date = TIMESTAMP.exec(sentAt)?.[1];
  // Date turns February 30 into March 1.
  const exists = date && new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) && !Number.isNaN(Date.parse(sentAt));
  if (!exists) return `"${sentAt.slice(0, 40)}" is not an ISO 8601 timestamp`;
}

function textProblem(text: string): string | undefined {
  if (text.length <= MAX_TEXT_LENGTH) return;
  const length = [...text].length;
  if (length > MAX_TEXT_LENGTH) return `a text of ${length} characters (at most ${MAX_TEXT_LENGTH})`;
}
