import { z } from "zod";
import { claimChecks, heldChecked, type HeldMessage } from "../db/db.ts";
import { needed, settings } from "../settings/settings.ts";

const BATCH = 10;
const MOST_MS = 20_000;
const ANSWER_TIMEOUT_MS = 5000;

const Verdict = z.object({ allowed: z.boolean(), reason: z.string().max(500).optional() });

/**
 * Asks the checker about held messages, and sends those that it allows. What it does not answer about is asked again later, and
 * waits for a moderator meanwhile.
 * @returns about how many it has answered, and how many of them were sent.
 */
export async function checkHeld(): Promise<{ checked: number; sent: number }> {
  const counts = { checked: 0, sent: 0 };
  if (!settings.checkerUrl()) return counts;
  const until = Date.now() + MOST_MS;
  for (let isFull = true; isFull && Date.now() < until;) {
    const held = await claimChecks(BATCH);
    isFull = held.length === BATCH;
    const verdicts = await Promise.all(held.map(verdictOn));
    // One after the other, so that the messages of a person are sent in their order.
    for (const [index, verdict] of verdicts.entries()) {
      if (!verdict) continue;
      counts.checked++;
      if (await heldChecked(held[index]!.id, verdict.allowed, verdict.reason ?? "")) counts.sent++;
    }
  }
  return counts;
}

/** Returns what the checker says; undefined when it does not answer as it should. */
const verdictOn = (held: HeldMessage) =>
  ask(held).catch((cause) => {
    console.error(`The checker has not answered about the held message ${held.id}:`, cause);
    return undefined;
  });

async function ask({ id, room_id, sender_id, content, attachments, created_at }: HeldMessage) {
  const files = attachments.map(({ name, mime_type, bytes }) => ({ name, mime_type, bytes }));
  const response = await fetch(needed(settings.checkerUrl), {
    method: "POST",
    headers: { "Authorization": `Bearer ${needed(settings.checkerKey)}`, "Content-Type": "application/json" },
    body: JSON.stringify({ id, room_id, sender_id, content, files, created_at }),
    redirect: "error",
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return Verdict.parse(JSON.parse(text));
}
