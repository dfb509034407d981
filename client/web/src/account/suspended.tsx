import type { Suspension } from "parley-client";
import { useSession } from "../core/session.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { OperatorLinks } from "./operator_links.tsx";

/** What who is suspended sees instead of the chats: until when, and why. It leaves by itself when the suspension ends. */
export function Suspended({ suspension: { until, reason } }: { suspension: Suspension }) {
  const words = useWords();
  const { t } = words;
  const { supabase } = useSession();
  return (
    <main class="center">
      <div role="alert">
        <h1>{t("suspended")}</h1>
        {until && <p>{t("suspended.until", { when: words.exact(until.toISOString()) })}</p>}
        {reason && <p class="quiet">{t("suspended.why", { reason })}</p>}
      </div>
      <button type="button" class="button" onClick={() => void supabase.auth.signOut({ scope: "local" })}>
        {t("account.out")}
      </button>
      <OperatorLinks />
    </main>
  );
}
