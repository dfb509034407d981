import fc from "fast-check";
import { decodeJwt } from "jose";
import type { Sql } from "postgres";
import { actingAs } from "../support/acting.ts";
import { client } from "../support/clients.ts";
import { type Account, addressOf, signUp } from "../support/users.ts";
import { ALL_KINDS, kindOf, SECRET } from "./kinds.ts";
import { signIn, slugs, things } from "./things.ts";
import type { Node } from "./values.ts";

type Whose = "mine" | "theirs" | "absent";
type Ids = Record<Whose, (number | string)[]>;
const NOBODY = "00000000-0000-4000-8000-000000000000";
const ABSENT = [999_999_999, NOBODY];

/** The attacker, a victim whose private things all contain `mark`, and their ids. */
export class Fixture {
  /** Only the victim and the victim's friend may ever read this. */
  readonly mark = `s3cret${crypto.randomUUID().replaceAll("-", "")}`;
  readonly kinds = ALL_KINDS;
  /** The API under test. */
  api = "";
  /** The attacker's session has ended. */
  isSignedOut = false;
  readonly #ids = Object.fromEntries(
    this.kinds.map((kind): [string, Ids] => [kind, { mine: [], theirs: [], absent: ABSENT }]),
  );

  #mayNameSecrets = false;
  #isPretending = false;
  /** The hash of the attacker's password, which requests may change. */
  #password = "";
  /** A public group of the victim. */
  #open = "";

  private constructor(readonly sql: Sql, readonly me: Account, readonly friend: Account, readonly victim: Account) {}

  /** Signs three users up and gives them things of their own. */
  static async make(sql: Sql): Promise<Fixture> {
    const [me, friend, victim] = await Promise.all(["mallory", "bob", "alice"].map((name) => signUp(client(), name)));
    const fixture = new Fixture(sql, me!, friend!, victim!);
    await sql`update auth.users set email = ${`${fixture.mark}@example.com`} where id = ${victim!.id}`;
    await sql`update chat.profiles set show_email = false where id = ${victim!.id}`;
    const [account] = await sql`select encrypted_password as password from auth.users where id = ${me!.id}`;
    fixture.#password = account!.password;
    await fixture.#seedTheirs();
    await fixture.renew();
    return fixture;
  }

  kindOf = (name: string): string => kindOf(this.api, name);

  /** An id of that kind and owner, for a field of a name. */
  id(name: string, kind: string, whose: string, turn: number): number | string {
    const ids = this.#ids[kind]![whose as Whose];
    const id = ids.length > 0 ? ids[turn % ids.length]! : NOBODY;
    // Elsewhere the same number may be the id of something else.
    const isSecret = whose === "theirs" && SECRET.includes(kind) && this.kindOf(name) === kind;
    if (!isSecret) return id;
    this.#mayNameSecrets = true;
    return this.#isPretending ? ABSENT.find((absent) => typeof absent === typeof id)! : id;
  }

  /** Builds a request; also returns whether it names a secret of the victim. */
  naming<T>(build: () => T): { sent: T; secrets: boolean } {
    this.#mayNameSecrets = false;
    return { sent: build(), secrets: this.#mayNameSecrets };
  }

  /** Builds it with ids that do not exist in place of the secret ones. */
  pretending<T>(build: () => T): T {
    this.#isPretending = true;
    const sent = build();
    this.#isPretending = false;
    return sent;
  }

  /** What a user would fill in where not any text will do. */
  text(name: string): fc.Arbitrary<Node> | undefined {
    if (/until/.test(name)) return fc.constant("2100-01-01T00:00:00Z");
    if (/new_pass/.test(name)) return fc.constant("another secret");
    if (/emoji/.test(name)) return fc.constantFrom("👍", "❤", "🎉", "ok");
    if (/pass/.test(name)) return fc.constant(this.me.password);
    if (/refresh|token/.test(name)) return fc.constant(0).map(() => this.me.refresh);
    if (/mail/.test(name)) return fc.uuid().map((name) => `${name}@example.com`);
    if (/user|login|recipient|author/.test(name)) {
      const { me, victim } = this;
      return fc.oneof(fc.constantFrom(me.username, me.username, victim.username), fc.uuid(), fc.uuid());
    }
    return undefined;
  }

  /** Gives the attacker new things in place of those that requests have used up. */
  async renew(): Promise<void> {
    const { id, username } = this.me;
    await this.sql`update auth.users set encrypted_password = ${this.#password}, email = ${addressOf(username)}
      where id = ${id}`;
    // Otherwise most responses would soon be about wrong passwords.
    await this.sql`delete from chat_private.login_attempts`;
    // A refresh token that is used again ends its session, too.
    const session = decodeJwt(this.me.token).session_id as string;
    const [alive] = await this.sql`select from auth.sessions where id = ${session}`;
    if (this.isSignedOut || !alive) Object.assign(this.me, await signIn(this.me));
    this.isSignedOut = false;
    await this.sql`delete from chat.rooms where created_by = ${this.me.id} and id <> all (
      select room_id from chat.room_members where user_id = ${this.victim.id})`;
    const rows = await actingAs(this.sql, this.me.id, async (sql) => {
      const made = await things(sql, this.friend.id, "mine");
      await sql`select chat.join_room(${this.#open})`;
      const shared =
        await sql`select id, 'message' as kind from chat.messages where room_id = ${this.#open} and seq = 1`;
      const tokens = made.filter(({ kind }) => kind === "link").map(({ token }) => ({ kind: "token", id: token }));
      return [...made, ...tokens, ...shared, { kind: "room", id: this.#open }, ...await slugs(sql)];
    });
    const inviting = await actingAs(
      this.sql,
      this.friend.id,
      (sql) => sql`select id from chat.create_group_room('For mallory')`,
    );
    const invitations = await this.sql<{ id: string; kind: string }[]>`
      insert into chat.invitations (room_id, user_id, invited_by)
      values (${inviting[0]!.id}, ${this.me.id}, ${this.friend.id}), (${rows[0]!.id!}, ${this.victim.id}, ${this.me.id})
      returning id, 'invitation' as kind`;
    this.#note("mine", [...rows, ...invitations.slice(0, 1)]);
  }

  /** Refresh tokens are used up: the newest is stored. */
  heard(body: Buffer): void {
    this.me.refresh = /"refresh":"([^"]+)"/.exec(body.toString())?.[1] ?? this.me.refresh;
  }

  /** The private rows of the victim, as one text: no request may change them. */
  async untouched(): Promise<string> {
    const mark = `%${this.mark}%`;
    const rows = await this.sql`
      select to_jsonb(rooms)::text as row from chat.rooms where name like ${mark}
      union all select to_jsonb(members)::text from chat.room_members as members
        where room_id in (select id from chat.rooms where name like ${mark})
      union all select to_jsonb(messages)::text from chat.messages where content like ${mark}
      union all select to_jsonb(pins)::text from chat.pins where pinned_by = ${this.victim.id}
      union all select to_jsonb(reactions)::text from chat.reactions where user_id = ${this.victim.id}
      union all select to_jsonb(attachments)::text from chat.attachments where uploader_id = ${this.victim.id}
      union all select to_jsonb(edits)::text from chat.message_edits as edits where content like ${mark}
      union all select to_jsonb(objects)::text from storage.objects where name in (
        select path from chat.attachments where uploader_id = ${this.victim.id}
      )
      union all select to_jsonb(talks)::text from chat.conversations as talks where owner_id = ${this.victim.id}
      union all select to_jsonb(posts)::text from chat.posts where author_id = ${this.victim.id}
      union all select to_jsonb(profiles)::text from chat.profiles where id = ${this.victim.id}
      union all select email || encrypted_password from auth.users where id = ${this.victim.id}
      order by 1`;
    return rows.map(({ row }) => row).join("\n");
  }

  /** A private group, one that the attacker has been removed from, one to join, and a direct chat. */
  async #seedTheirs(): Promise<void> {
    const { mark, me, friend, victim } = this;
    const rows = await actingAs(this.sql, victim.id, async (sql) => {
      const made = await things(sql, friend.id, mark);
      const [left] = await sql`select id from chat.create_group_room(${`Left ${mark}`}, ${[me.id, friend.id]}::uuid[])`;
      const [open] = await sql`select id from chat.create_group_room('Open', is_public => true)`;
      const messages = await sql`
        select id, 'message' as kind from chat.send_message(${left!.id}, ${`Before ${mark}`})
        union all select null, chat.remove_member(${left!.id}, ${me.id})::text
        union all select id, 'message' from chat.send_message(${left!.id}, ${`After ${mark}`})
        union all select null, chat.send_message(${open!.id}, 'Hello')::text`;
      this.#open = open!.id;
      return [...made, { kind: "room", id: left!.id }, ...messages, ...await slugs(sql)];
    });
    this.#note("theirs", rows);
    const numbers = async (...ids: string[]) =>
      (await this.sql`select number from chat.profiles where id = any (${ids})`).map(({ number }) => Number(number));
    this.#ids.person = { mine: await numbers(me.id, friend.id), theirs: await numbers(victim.id), absent: ABSENT };
    this.#ids.account = { mine: [me.id, friend.id], theirs: [victim.id], absent: ABSENT };
  }

  /** Some earlier ids are kept, as ids of deleted things. */
  #note(whose: Whose, rows: { kind?: string; id?: string }[]): void {
    for (const kind of this.kinds.filter((kind) => kind !== "person" && kind !== "account")) {
      const ids = rows.filter((row) => row.kind === kind && row.id).map(({ id }) => Number(id) || id!);
      const { mine, theirs } = this.#ids[kind]!;
      this.#ids[kind] = { mine, theirs, absent: [...mine.slice(0, 2), ...ABSENT], [whose]: ids };
    }
  }
}
