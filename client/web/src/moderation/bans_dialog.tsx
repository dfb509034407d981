import type { InboxRoom } from "parley-client";
import { useSession } from "../core/session.ts";
import { Face } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { Dialog } from "../ui/dialog.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { usePages } from "./use_pages.ts";

/** Who is banned from a group, to let them in again. */
export function BansDialog({ about, onClose }: { about: InboxRoom; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { chat } = useSession();
  const names = useNames();
  const { items, isLoading, failure, reload, more } = usePages((page) => chat.moderation.bans(about.id, page));
  return (
    <Dialog title={t("bans")} onClose={onClose}>
      <p class="quiet" role="status">{items ? items.length === 0 && t("bans.none") : isLoading && t("loading")}</p>
      <ul class="items short">
        {items?.map(({ id, user_id, banned, until, reason }) => {
          const name = names.person(user_id, banned.username);
          const end = until && t("invites.until", { when: words.exact(until) });
          return (
            <li key={id} class="row">
              <Face id={user_id} username={banned.username} size="small" />
              <span class="item-name">{name}</span>
              <span class="item-text">{[reason, end].filter(Boolean).join(", ")}</span>
              <button
                type="button"
                class="button small"
                onClick={async () => {
                  if (await attempt(() => chat.moderation.unban(about.id, user_id))) reload();
                }}
              >
                {t("bans.lift")}
                <span class="for-readers">{` ${name}`}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <LoadFailure of={[failure]} />
      {more && !failure && (
        <button type="button" class="button plain" disabled={isLoading} onClick={more}>{t("inbox.more")}</button>
      )}
    </Dialog>
  );
}
