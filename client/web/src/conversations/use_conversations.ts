import type { Conversation } from "parley-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { fail } from "../ui/notices.tsx";

const page = 50;
const listeners = new Set<() => void>();

/** Says that the list of conversations is another now. */
export function talksChanged(): void {
  for (const listener of listeners) listener();
}

interface Talks {
  /** `undefined` while they load. */
  talks: readonly Conversation[] | undefined;
  hasMore: boolean;
  loadMore: () => void;
}

/** How long after the last letter one has stopped typing. */
const typed = 200;

/** The conversations, or the archived ones; of all of them those whose title holds a text, when there is one. */
export function useTalks(archived: boolean, text: string): Talks {
  const { chat } = useSession();
  const [talks, setTalks] = useState<readonly Conversation[]>();
  const [hasMore, setHasMore] = useState(false);
  /** Counts lists: the answer for an earlier one may come later. */
  const turn = useRef(0);
  const query = text.trim();

  async function load(limit: number, before?: Conversation): Promise<void> {
    const mine = before ? turn.current : ++turn.current;
    const which = { archived, limit, ...(query && { query }), ...(before && { before }) };
    const next = await chat.conversations.list(which);
    if (mine !== turn.current) return;
    setTalks((talks = []) => before ? [...talks, ...next] : next);
    setHasMore(next.length === limit);
  }

  useEffect(() => {
    const again = () => void load(Math.max(page, talks?.length ?? 0)).catch(fail);
    const timer = setTimeout(again, query ? typed : 0);
    listeners.add(again);
    return () => {
      clearTimeout(timer);
      listeners.delete(again);
    };
  }, [chat, archived, query]);
  return { talks, hasMore, loadMore: () => void load(page, talks?.at(-1)).catch(fail) };
}
