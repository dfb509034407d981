import type { Conversation } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { type Failure, useLoading } from "../ui/use_loading.ts";
import { SEARCH_DELAY_MS } from "../ui/use_search.ts";

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
  failure: Failure | undefined;
  loadMore: () => void;
}

/** Loads the conversations, or the archived ones; with a text, those whose title contains it. */
export function useConversations(isArchived: boolean, text: string): Conversations {
  const { chat } = useSession();
  const [conversations, setConversations] = useState<readonly Conversation[]>();
  const [hasMore, setHasMore] = useState(false);
  const list = useLoading();
  const more = useLoading();
  const query = text.trim();

  const read = (limit: number, before?: Conversation) =>
    chat.conversations.list({ archived: isArchived, limit, ...(query && { query }), ...(before && { before }) });

  function load(limit: number): void {
    more.cancel();
    list.start(() => read(limit), (found) => {
      setConversations(found);
      setHasMore(found.length === limit);
    });
  }

  function loadMore(): void {
    more.start(() => read(PAGE_SIZE, conversations?.at(-1)), (next) => {
      setConversations((conversations = []) => [...conversations, ...next]);
      setHasMore(next.length === PAGE_SIZE);
    });
  }

  useEffect(() => {
    const again = () => load(Math.max(PAGE_SIZE, conversations?.length ?? 0));
    const timer = setTimeout(again, query ? SEARCH_DELAY_MS : 0);
    listeners.add(again);
    return () => {
      clearTimeout(timer);
      listeners.delete(again);
    };
  }, [chat, isArchived, query]);
  return { conversations, hasMore, failure: list.failure ?? more.failure, loadMore };
}
