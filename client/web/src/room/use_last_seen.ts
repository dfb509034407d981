import type { Status } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";

const everyMs = 30_000;

/** When somebody was last seen, asked for twice a minute. */
export function useLastSeen(userId: string | undefined): Status | undefined {
  const { chat } = useSession();
  const [status, setStatus] = useState<Status>();
  useEffect(() => {
    if (!userId) return;
    const ask = () => chat.status.of([userId]).then(([status]) => setStatus(status), () => {});
    void ask();
    const timer = setInterval(ask, everyMs);
    return () => clearInterval(timer);
  }, [chat, userId]);
  return status;
}
