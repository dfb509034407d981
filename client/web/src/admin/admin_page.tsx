import { useEffect, useMemo } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useWords } from "../words/use_words.ts";
import "../styles/moderation.css";
import "../styles/admin.css";
import "../words/late.ts";
import "../words/admin.ts";
import { OperationContext } from "./context.ts";
import { Frame } from "./frame.tsx";
import { Operators } from "./operators.ts";
import { NamedRooms } from "./room_names.ts";
import { useRole } from "./use_role.ts";

/** The admin page of who has signed in: what their role may see, or that they have none. */
export function AdminPage() {
  const { t } = useWords();
  const session = useSession();
  const { role, isTaken, failure, check } = useRole(session.supabase);
  const operators = useMemo(() => new Operators(session), [session]);
  useEffect(() => () => operators.close(), [operators]);
  useEffect(() => void (document.title = t("admin")), [t]);
  const rooms = useMemo(() => new NamedRooms(operators), [operators]);
  const operation = useMemo(() => role && { operators, rooms, role, checkRole: check }, [operators, rooms, role]);
  if (operation) {
    return (
      <OperationContext.Provider value={operation}>
        <Frame />
      </OperationContext.Provider>
    );
  }
  if (role === null) return <Refused isTaken={isTaken} onCheck={check} />;
  return (
    <main class="center">
      {/* What the page is, until it is known whether it may be shown. */}
      <h1>{t("admin")}</h1>
      {!failure && <p role="status">{t("loading")}</p>}
      <LoadFailure of={[failure]} />
    </main>
  );
}

/** What a person without a role sees. */
function Refused({ isTaken, onCheck }: { isTaken: boolean; onCheck: () => void }) {
  const { t } = useWords();
  const { supabase } = useSession();
  return (
    <main class="center">
      <div role="alert" class="refused">
        <h1>{t(isTaken ? "admin.taken" : "admin.refused")}</h1>
        <p class="quiet">{t(isTaken ? "admin.taken.text" : "admin.refused.text")}</p>
      </div>
      <div class="buttons">
        <button type="button" class="button" onClick={onCheck}>{t("admin.check")}</button>
        <button type="button" class="button" onClick={() => void supabase.auth.signOut({ scope: "local" })}>
          {t("account.out")}
        </button>
        <a class="button primary" href="./">{t("admin.chat")}</a>
      </div>
    </main>
  );
}
