import { importedId } from "../ids.ts";
import { clean } from "../writer/texts.ts";
import { isTrue } from "./people.ts";
import { conversationsOf, turnsOf } from "./queries.ts";
import type { Recognised } from "./recognise.ts";
import type { Report } from "../writer/report.ts";
import { pagesOf, type Row, type Source } from "./sources/source.ts";
import { stage, type Staged } from "../writer/stage.ts";
import type { Target } from "../writer/target.ts";
import { writeApart } from "../writer/write_apart.ts";

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** What imports conversations. */
export interface ConversationImport {
  name: string;
  source: Source;
  target: Target;
  report: Report;
  models: Recognised["models"];
  /** Receives how many conversations were written. */
  onConversations: (count: number) => void;
}

/** Imports the conversations with an assistant, a page at a time. */
export async function importConversations(run: ConversationImport): Promise<void> {
  for await (const conversations of pagesOf(run.source, (page) => conversationsOf(run.models, page))) {
    await importUnit(run, conversations);
    run.onConversations(conversations.length);
  }
}

const importUnit = (run: ConversationImport, conversations: Row[]) =>
  writeApart(conversations, { kind: "conversation", report: run.report, write: (some) => writeUnit(run, some) });

async function writeUnit({ name, models, source, target }: ConversationImport, conversations: Row[]): Promise<void> {
  const ids = conversations.map(({ id }) => id!);
  await target.unit(async (transaction) => {
    await stage(transaction, "stage_conversations", conversations.map((row) => stagedConversation(name, row)));
    await stage(transaction, "stage_turns", stagedTurns(name, source.rows(turnsOf(models, ids))));
    await target.write(transaction, "conversations");
  });
}

/** The id of a conversation here: its own, if it is a uuid. */
const conversationId = (name: string, id: string) =>
  UUID.test(id) ? id : importedId(`django:${name}:conversation:${id}`);

function stagedConversation(name: string, { id, owner, title, archived, created_at, updated_at }: Row): Staged {
  return {
    source_id: id,
    id: conversationId(name, id!),
    owner,
    title: clean(title) ?? "",
    archived: isTrue(archived),
    created_at,
    updated_at,
  };
}

async function* stagedTurns(name: string, batches: AsyncIterable<Row[]>): AsyncGenerator<Staged> {
  for await (const rows of batches) {
    for (const row of rows) {
      const conversation = conversationId(name, row.conversation!);
      const turn = (id: string, role: string, content: string | null | undefined, reply: string | null): Staged => ({
        conversation,
        source_id: id,
        place: row.id,
        role,
        content: clean(content) ?? "",
        // A text of JSON may say \\u0000, which Postgres cannot hold.
        metadata: row.metadata?.replaceAll("\\u0000", "") ?? "{}",
        reply,
        created_at: row.created_at,
      });
      if (row.message === undefined) {
        yield turn(row.id!, row.role ?? "user", row.content, null);
        continue;
      }
      yield turn(row.id!, "user", row.message, null);
      // A question that was never answered.
      if (row.response) yield turn(`-${row.id}`, "assistant", row.response, row.id!);
    }
  }
}
