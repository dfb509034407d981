import { ChatError, type InvitePreview } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { go, roomPath, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt } from "../ui/notices.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { GroupOffer } from "./group_offer.tsx";

/** What a link by which one can join a group says of it. */
export function InvitePage({ token }: { token: string }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [group, setGroup] = useState<InvitePreview | null>();
  const { failure, start } = useLoading();
  useEffect(() =>
    start(async () => {
      try {
        return await chat.invites.preview(token);
      } catch (error) {
        if (error instanceof ChatError && error.code === "invite_not_found") return null;
        throw error;
      }
    }, setGroup), [chat, token]);

  const join = () =>
    attempt(async () => {
      const { id } = await chat.invites.join(token);
      go(roomPath(id), { replace: true });
    });

  if (failure) return <LoadFailure of={[failure]} />;
  if (group === undefined) return <p class="center quiet" role="status">{t("loading")}</p>;
  if (!group) {
    return (
      <div class="center" role="alert">
        <h1>{t("invite.gone")}</h1>
        <p class="quiet">{t("invite.gone.text")}</p>
        <a class="button" href={tabPath("chats")}>{t("back")}</a>
      </div>
    );
  }
  return (
    <GroupOffer group={group} lead={t("invite.title")}>
      <button type="button" class="button primary" onClick={join}>{t("groups.join")}</button>
    </GroupOffer>
  );
}
