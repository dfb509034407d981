import type { Conversation } from "parley-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { reportError } from "../ui/notices.tsx";

const PAGE_SIZE = 50;
const listeners = new Set<() => void>();

/** Reloads the list of conversations after a change. */
export function conversationsChanged(): void {
  for (const listener of listeners) listener();
}

interface Conversations {
  /** `undefined` while they load. */
  conversations: readonly Conversation[] | undefined;
  hasMore: boolean;
  loadMore: () => void;
}

/** How long after the last key a search starts. */
const SEARCH_DELAY_MS = 200;

/** Loads the conversations, or the archived ones; with a text, those whose title contains it. */
export function useConversations(archived: boolean, text: string): Conversations {
  const { chat } = useSession();
  const [conversations, setConversations] = useState<readonly Conversation[]>();
  const [hasMore, setHasMore] = useState(false);
  /** Counts loads: an earlier one may finish later. */
  const turn = useRef(0);
  const query = text.trim();

  async function load(limit: number, before?: Conversation): Promise<void> {
    const mine = before ? turn.current : ++turn.current;
    const which = { archived, limit, ...(query && { query }), ...(before && { before }) };
    const next = await chat.conversations.list(which);
    if (mine !== turn.current) return;
    setConversations((conversations = []) => before ? [...conversations, ...next] : next);
    setHasMore(next.length === limit);
  }

  useEffect(() => {
    const again = () => void load(Math.max(PAGE_SIZE, conversations?.length ?? 0)).catch(reportError);
    const timer = setTimeout(again, query ? SEARCH_DELAY_MS : 0);
    listeners.add(again);
    return () => {
      clearTimeout(timer);
      listeners.delete(again);
    };
  }, [chat, archived, query]);
  return { conversations, hasMore, loadMore: () => void load(PAGE_SIZE, conversations?.at(-1)).catch(reportError) };
}
