import { setTimeout as sleep } from "node:timers/promises";
import type { Claims } from "../auth/tokens.ts";
import { withRetries } from "../db/with_retries.ts";
import { Feed } from "./feed.ts";
import { feedHere } from "./generation.ts";
import { endOf, readProgress } from "./replies.sql.ts";

const POLL_INTERVAL_MS = 250;

/** A reply that another worker writes, read from the database for all its followers here. */
interface Remote {
  feed: Feed;
  followers: number;
}

const remotes = new Map<number, Remote>();

/**
 * Follows a reply of the caller, whichever worker writes it, until `work` is done.
 * @param work is given the feed.
 */
export async function follow<T>(claims: Claims, replyId: number, work: (feed: Feed) => Promise<T>): Promise<T> {
  const here = feedHere(replyId);
  if (here) return await work(here);
  const remote = remotes.get(replyId) ?? open(claims, replyId);
  remote.followers++;
  try {
    return await work(remote.feed);
  } finally {
    remote.followers--;
  }
}

function open(claims: Claims, replyId: number): Remote {
  const remote = { feed: new Feed(), followers: 0 };
  remotes.set(replyId, remote);
  void read(claims, replyId, remote).catch((error) => {
    remotes.delete(replyId);
    remote.feed.fail(error);
  });
  return remote;
}

async function read(claims: Claims, replyId: number, remote: Remote): Promise<void> {
  for (let index = 0;;) {
    const { reply, texts } = await withRetries(() => readProgress(claims, replyId, index));
    index += texts.length;
    for (const text of texts) remote.feed.add(text);
    const ended = endOf(reply);
    if (!ended) await sleep(POLL_INTERVAL_MS);
    if (!ended && remote.followers > 0) continue;
    // Later followers get a new feed.
    remotes.delete(replyId);
    if (ended) remote.feed.end(ended);
    return;
  }
}
