import type { LiveRoom } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { mentionsIn } from "../../core/mentions.ts";
import type { ChosenFiles } from "../../files/use_chosen.ts";
import { attempt } from "../../ui/notices.tsx";
import type { Task } from "../messages/room_actions.ts";

/** Drafts by user and room, kept as long as the page is open. */
const drafts = new Map<string, string>();

/** The text being written: a message, a reply or an edit. */
export function useWriting(
  room: LiveRoom,
  files: ChosenFiles,
  task: Task | undefined,
  onTask: (task: Task | undefined) => void,
) {
  const { me } = useSession();
  const draft = `${me}:${room.id}`;
  const [text, setText] = useState(drafts.get(draft) ?? "");
  const editing = task?.kind === "edit" ? task.message : undefined;

  function write(text: string): void {
    setText(text);
    if (editing) return;
    drafts.set(draft, text);
    if (text) room.typing();
    else room.stopTyping();
  }

  function leaveTask(): void {
    onTask(undefined);
    if (editing) setText(drafts.get(draft) ?? "");
  }

  async function send(): Promise<void> {
    const content = text.trim();
    const isEmpty = !content && (editing?.attachments ?? files.list).length === 0;
    if (isEmpty) return;
    const mentions = mentionsIn(content, room.getSnapshot().members, editing?.mentions);
    if (editing) {
      if (content === editing.content || await attempt(() => room.edit(editing.id, content, mentions))) leaveTask();
      return;
    }
    const options = { ...mentions, ...(task && { replyTo: task.message.id }) };
    if (files.list.length > 0) void files.send(content, options);
    else room.send(content, options);
    drafts.delete(draft);
    setText("");
    onTask(undefined);
  }

  return { text, setText, editing, write, leaveTask, send };
}
