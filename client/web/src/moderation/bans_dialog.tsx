import type { InboxRoom } from "parley-client";
import { useSession } from "../core/session.ts";
import { Face } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { Dialog } from "../ui/dialog.tsx";
import { attempt } from "../ui/notices.tsx";
import { PageEnd } from "../ui/page_end.tsx";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** Who is banned from a group, to let them in again. */
export function BansDialog({ about, onClose }: { about: InboxRoom; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { chat } = useSession();
  const names = useNames();
  const pages = usePages((page) => chat.moderation.bans(about.id, page));
  const { items, isLoading, reload } = pages;
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
      <PageEnd of={pages} />
    </Dialog>
  );
}
