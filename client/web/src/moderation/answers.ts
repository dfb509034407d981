import { displayName, type QueuedReport } from "parley-client";
import type { IconName } from "../ui/icon.tsx";

/** An answer to a report. */
export type Answer = NonNullable<QueuedReport["action"]>;

export const ANSWER_ICONS = {
  dismiss: "check",
  delete: "trash",
  warn: "warning",
  mute: "mute",
  ban_from_room: "leave",
  suspend: "stop",
} as const satisfies Record<Answer, IconName>;

/** Whether an answer takes something from a person. */
export const isSevere = (answer: Answer) => answer !== "dismiss" && answer !== "warn";

/** What moderators can do about a report. */
export function answersTo({ kind, user_id, snapshot }: QueuedReport): Answer[] {
  const isGroup = snapshot.room?.kind === "group";
  const possible: Record<Answer, boolean> = {
    dismiss: true,
    delete: kind === "message" || kind === "room" && isGroup,
    warn: user_id !== null,
    mute: user_id !== null,
    ban_from_room: kind === "message" && isGroup && user_id !== null,
    suspend: user_id !== null,
  };
  return (Object.keys(possible) as Answer[]).filter((answer) => possible[answer]);
}

/** The words for an answer: what a word rule holds is sent or rejected. */
export const answerWords = ({ snapshot: { message } }: QueuedReport, answer: Answer) =>
  message?.held && answer === "dismiss"
    ? "act.approve"
    : message?.held && answer === "delete"
    ? "act.reject"
    : `act.${answer}` as const;

/** Whom or what a report is about, by the name that it had then. */
export const subjectOf = ({ snapshot: { user, room } }: QueuedReport): string =>
  user ? displayName(user) : room?.name ?? "";
