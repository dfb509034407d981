import type { InboxRoom } from "parley-client";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

/** Why the user cannot write in a room, in the place of the composer. */
export function NoComposer({ about }: { about: InboxRoom }) {
  const { t } = useWords();
  const why = about.locked_at
    ? about.locked_reason ? t("closed.why", { reason: about.locked_reason }) : t("error.room_locked")
    : t("closed.posting");
  return <p class="composer hint" role="status">{why}</p>;
}
