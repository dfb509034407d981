import type { SupabaseClient } from "@supabase/supabase-js";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Chat } from "parley-client";

/** Who uses the page, and by what. */
export interface Session {
  supabase: SupabaseClient;
  chat: Chat;
  /** The id of the signed-in user. */
  me: string;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of who is signed in; only inside of what is shown then. */
export function useSession(): Session {
  return useContext(SessionContext)!;
}

/** The id of the signed-in user; `null` when nobody is, `undefined` before it is known. */
export function useUserId({ auth }: SupabaseClient): string | null | undefined {
  const [id, setId] = useState<string | null>();
  useEffect(() => {
    const { data } = auth.onAuthStateChange((_event, session) => setId(session?.user.id ?? null));
    return () => data.subscription.unsubscribe();
  }, [auth]);
  return id;
}
