import type { InboxRoom } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";

const REFRESH_INTERVAL_MS = 30_000;
/** Rooms further down are not checked. */
const MAX_PEOPLE = 100;

/** Polls which people of the direct chats are online, twice a minute. */
export function useOnlinePeople(rooms: readonly InboxRoom[]): ReadonlySet<string> {
  const { chat } = useSession();
  const [online, setOnline] = useState<ReadonlySet<string>>(new Set());
  const ids = rooms.flatMap(({ other_member }) => other_member ? [other_member.user_id] : []).slice(0, MAX_PEOPLE)
    .sort();
  useEffect(() => {
    if (ids.length === 0) return;
    const ask = async () => {
      if (document.visibilityState === "hidden") return;
      const people = await chat.status.of(ids).catch(() => []);
      setOnline(new Set(people.filter(({ is_online }) => is_online).map(({ user_id }) => user_id)));
    };
    void ask();
    const timer = setInterval(ask, REFRESH_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [chat, ids.join()]);
  return online;
}
