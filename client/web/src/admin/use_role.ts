import { isAuthRetryableFetchError, type SupabaseClient } from "@supabase/supabase-js";
import { ChatError } from "parley-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Failure, useLoading } from "../ui/use_loading.ts";
import type { OperatorRole } from "./operators.ts";

/** How often the page asks whether the user still has their role. */
const CHECK_MS = 20_000;

export interface RoleCheck {
  /** `null` if they have none, undefined until it is known. */
  role: OperatorRole | null | undefined;
  /** Whether a role was taken away while the page was open. */
  isTaken: boolean;
  failure: Failure | undefined;
  /** Asks again. */
  check: () => void;
}

/** The role of the user as their account has it now; the token gets it, too. */
export function useRole({ auth }: SupabaseClient): RoleCheck {
  const [role, setRole] = useState<OperatorRole | null>();
  const had = useRef(false);
  const { failure, start } = useLoading();

  const check = () =>
    start(() => readRole(auth), (found) => {
      had.current ||= found !== null;
      setRole(found);
    });

  useEffect(() => {
    check();
    const timer = setInterval(() => document.hidden || check(), CHECK_MS);
    addEventListener("focus", check);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", check);
    };
  }, []);
  return { role, isTaken: role === null && had.current, failure: role === undefined ? failure : undefined, check };
}

async function readRole(auth: SupabaseClient["auth"]): Promise<OperatorRole | null> {
  const [{ data: { user }, error }, { data: { session } }] = [await auth.getUser(), await auth.getSession()];
  if (error) {
    const isPassing = isAuthRetryableFetchError(error);
    throw new ChatError(isPassing ? "offline" : "not_signed_in", error.status ?? 0, error.message);
  }
  const role = roleIn(user?.app_metadata);
  // The database looks at the token, too.
  if (role !== roleIn(session?.user.app_metadata)) await auth.refreshSession();
  return role;
}

function roleIn({ parley_role: role }: Record<string, unknown> = {}): OperatorRole | null {
  return role === "moderator" || role === "administrator" ? role : null;
}
