import type { Conversation } from "parley-client";
import { useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { go, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Confirm, Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { MenuButton, type MenuItem } from "../ui/menu.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { conversationsChanged } from "./use_conversations.ts";

/** Actions on a conversation as a whole. */
export function ConversationMenu({ about: { id, title, archived } }: { about: Conversation }) {
  const { t } = useWords();
  const { chat: { conversations } } = useSession();
  const [window, setWindow] = useState<"rename" | "delete">();
  const close = () => setWindow(undefined);

  async function change(work: () => Promise<unknown>): Promise<void> {
    if (await attempt(work)) conversationsChanged();
  }

  async function remove(): Promise<void> {
    await change(() => conversations.delete(id));
    go(tabPath("conversations"), { replace: true });
  }

  const items: MenuItem[] = [
    { label: t("rename"), icon: "edit", action: () => setWindow("rename") },
    {
      label: t(archived ? "unarchive" : "archive"),
      icon: "archive",
      action: () => change(() => conversations.archive(id, !archived)),
    },
    { label: t("delete"), icon: "trash", danger: true, action: () => setWindow("delete") },
  ];
  return (
    <>
      <MenuButton label={t("conversation.actions")} items={items} />
      {window === "rename" && (
        <RenameDialog
          title={title}
          onRename={(name) => change(() => conversations.rename(id, name))}
          onClose={close}
        />
      )}
      {window === "delete" && (
        <Confirm
          question={t("conversation.delete.sure", { name: title })}
          action={t("delete")}
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  );
}

interface RenameProps {
  title: string;
  onRename: (title: string) => void;
  onClose: () => void;
}

function RenameDialog({ title, onRename, onClose }: RenameProps) {
  const { t } = useWords();

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    onRename(String(new FormData(event.currentTarget as HTMLFormElement).get("title")).trim());
    onClose();
  }

  return (
    <Dialog title={t("rename")} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={t("conversation.title")}
          name="title"
          defaultValue={title}
          pattern=".*\S.*"
          limit={LIMITS.conversationTitle}
          required
        />
        <button type="submit" class="button primary">{t("save")}</button>
      </form>
    </Dialog>
  );
}
