import type { Conversation } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../session.ts";
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

/** The conversations, or the archived ones. */
export function useTalks(archived: boolean): Talks {
  const { chat } = useSession();
  const [talks, setTalks] = useState<readonly Conversation[]>();
  const [hasMore, setHasMore] = useState(false);

  async function load(limit: number, before?: Conversation): Promise<void> {
    const next = await chat.conversations.list({ archived, limit, ...(before && { before }) });
    setTalks((talks = []) => before ? [...talks, ...next] : next);
    setHasMore(next.length === limit);
  }

  useEffect(() => {
    const again = () => void load(Math.max(page, talks?.length ?? 0)).catch(fail);
    again();
    listeners.add(again);
    return () => void listeners.delete(again);
  }, [chat, archived]);
  return { talks, hasMore, loadMore: () => void load(page, talks?.at(-1)).catch(fail) };
}
