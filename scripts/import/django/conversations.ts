import { importedId } from "../ids.ts";
import { clean } from "../writer/texts.ts";
import { isUuid, type Keys, placeOf, spelled } from "./keys.ts";
import { isTrue } from "./people.ts";
import { conversationsOf, turnsOf } from "./queries.ts";
import type { Recognised } from "./recognise.ts";
import type { Report } from "../writer/report.ts";
import { pagesOf, type Row, type Source } from "./sources/source.ts";
import { stage, type Staged } from "../writer/stage.ts";
import type { Target } from "../writer/target.ts";
import { writeApart } from "../writer/write_apart.ts";

/** What imports conversations. */
export interface ConversationImport {
  name: string;
  source: Source;
  target: Target;
  report: Report;
  keys: Keys;
  models: Recognised["models"];
  /** Receives how many messages were read. */
  onRead: (count: number) => void;
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

async function writeUnit(run: ConversationImport, conversations: Row[]): Promise<void> {
  const { name, keys, models, source, target } = run;
  const ids = conversations.map(({ id }) => id!);
  const isLimited = (models.turn ?? models.exchange)!.isNewer !== undefined;
  const unknown = isLimited ? await target.newConversations(ids.map((id) => conversationId(name, id))) : [];
  const newOnes = ids.filter((id) => unknown.includes(conversationId(name, id)));
  await target.unit(async (transaction) => {
    await stage(transaction, "stage_conversations", conversations.map((row) => stagedConversation(name, keys, row)));
    await stage(transaction, "stage_turns", stagedTurns(run, source.rows(turnsOf(models, ids, newOnes))));
    await target.write(transaction, "conversations");
  });
}

/** The id of a conversation here: its own, if it is a uuid. */
const conversationId = (name: string, id: string) =>
  isUuid(id) ? spelled(id) : importedId(`django:${name}:conversation:${id}`);

function stagedConversation(
  name: string,
  keys: Keys,
  { id, owner, title, archived, created_at, updated_at }: Row,
): Staged {
  return {
    source_id: id,
    id: conversationId(name, id!),
    owner: keys.numberOf(owner),
    title: clean(title) ?? "",
    archived: isTrue(archived),
    created_at,
    updated_at,
  };
}

async function* stagedTurns(
  { name, keys, models, onRead }: ConversationImport,
  batches: AsyncIterable<Row[]>,
): AsyncGenerator<Staged> {
  const model = (models.turn ?? models.exchange)!;
  for await (const rows of batches) {
    onRead(rows.length);
    for (const row of rows) {
      const key = keys.numberOf(row.id)!;
      const conversation = conversationId(name, row.conversation!);
      const turn = (id: string, role: string, content: string | null | undefined, reply: string | null): Staged => ({
        conversation,
        source_id: id,
        place: model.isUuid ? placeOf(row.created_at) : row.id,
        role,
        content: clean(content) ?? "",
        // A text of JSON may say \\u0000, which Postgres cannot hold.
        metadata: row.metadata?.replaceAll("\\u0000", "") ?? "{}",
        reply,
        created_at: row.created_at,
      });
      if (row.message === undefined) {
        yield turn(key, roleOf(model.columns.role ?? "", row.role), row.content, null);
        continue;
      }
      yield turn(key, "user", row.message, null);
      // A question that was never answered.
      if (row.response) yield turn(`-${key}`, "assistant", row.response, key);
    }
  }
}

/** Who says something: some backends only note whether it is the person, or the assistant. */
function roleOf(column: string, role: string | null | undefined): string {
  if (/^is_(from_)?(bot|ai)$|^from_bot$/.test(column)) return isTrue(role) ? "assistant" : "user";
  if (/^(is|from)_user$/.test(column)) return isTrue(role) ? "user" : "assistant";
  const said = (role ?? "user").toLowerCase();
  return /^(bot|ai|model|chatbot)$/.test(said) ? "assistant" : /^human$/.test(said) ? "user" : role ?? "user";
}
