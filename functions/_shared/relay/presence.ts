import type { Claims } from "../auth/tokens.ts";
import { asUser } from "../db/db.ts";
import { closeOf } from "./refusal.ts";

/** A person counts as online for 60 seconds after they were seen. */
const TOUCH_INTERVAL_MS = 45_000;
/** A reconnect within this time is not an absence. */
const GRACE_MS = 1000;
/** How often a write is tried, and the delay between two tries. */
const MAX_TRIES = 10;
const RETRY_DELAY_MS = 1000;

interface Present {
  claims: Claims;
  sockets: number;
  timer: ReturnType<typeof setInterval>;
  leaving?: ReturnType<typeof setTimeout>;
  /** The last write, which the next one waits for. */
  turn: Promise<void>;
}

const people = new Map<string, Present>();

/** Notes that a socket of a user has opened. With the first one the user is online, and stays so. */
export function opened(claims: Claims): void {
  const known = people.get(claims.sub);
  if (known) {
    clearTimeout(known.leaving);
    known.sockets++;
    return;
  }
  const timer = setInterval(() => touch(person, false), TOUCH_INTERVAL_MS);
  const person = { claims, sockets: 1, timer, turn: Promise.resolve() };
  people.set(claims.sub, person);
  touch(person, false);
}

/**
 * Notes that a socket of a user has closed. After the last one the user is offline.
 * @param mayReturn the client was asked to reconnect, and another worker will see it.
 */
export function closed(claims: Claims, mayReturn: boolean): void {
  const person = people.get(claims.sub);
  if (!person || --person.sockets > 0) return;
  clearTimeout(person.leaving);
  person.leaving = setTimeout(() => {
    people.delete(claims.sub);
    clearInterval(person.timer);
    if (!mayReturn) touch(person, true);
  }, GRACE_MS);
}

/** Whether a user has a socket in this worker. */
export const isHere = (user: string) => (people.get(user)?.sockets ?? 0) > 0;

/** Corrects another worker that set a user offline who has sockets here. */
export function contradict(user: string): void {
  const person = people.get(user);
  if (person && person.sockets > 0) touch(person, false);
}

function touch(person: Present, hasSignedOut: boolean): void {
  person.turn = person.turn
    .then(() => write(person, hasSignedOut))
    .catch((error) => console.error("a status could not be written:", error));
}

/** Retries while the database is unavailable: no other worker would set the user offline. */
async function write({ claims }: Present, hasSignedOut: boolean): Promise<void> {
  for (let tries = 1; !(hasSignedOut && people.has(claims.sub)); tries++) {
    try {
      return void await asUser(claims, (sql) => [sql`select from chat.touch_status(${hasSignedOut})`]);
    } catch (error) {
      // A job sets the user offline.
      if (closeOf(error)) return;
      if (tries === MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}
