import type { SupabaseClient } from "@supabase/supabase-js";
import type { Chat } from "parley-client";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { People } from "./people.ts";

/** The signed-in user and the clients that act for them. */
export interface Session {
  supabase: SupabaseClient;
  chat: Chat;
  people: People;
  /** The id of the signed-in user. */
  me: string;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** Returns the session; only for components that are rendered while a user is signed in. */
export function useSession(): Session {
  return useContext(SessionContext)!;
}

/** Returns the id of the signed-in user; `null` if there is none, `undefined` until it is known. */
export function useUserId({ auth }: SupabaseClient): string | null | undefined {
  const [id, setId] = useState<string | null>();
  useEffect(() => {
    const { data } = auth.onAuthStateChange((_event, session) => setId(session?.user.id ?? null));
    return () => data.subscription.unsubscribe();
  }, [auth]);
  return id;
}
