import type { Connection } from "./connection/connection.ts";
import type { Database, Enums, Tables } from "./contract/database.ts";
import type { NoticeAdded } from "./contract/events.ts";
import type { PageOptions } from "./invites.ts";
import { OwnEvents } from "./people/own_events.ts";

/** A report as its reporter sees it. */
export type Report = Pick<
  Tables<"reports">,
  "id" | "kind" | "message_id" | "user_id" | "room_id" | "reason" | "note" | "state" | "created_at" | "resolved_at"
>;

/** Why something is reported. */
export type ReportReason = Exclude<Enums<"report_reason">, "word_rule">;

/** What is reported: a message, a person or a room. */
export type ReportTarget = { messageId: number } | { userId: string } | { roomId: number };

/** A report as moderators see it, with what it is about as it was. */
export interface QueuedReport extends Omit<Tables<"reports">, "snapshot"> {
  snapshot: {
    message?: {
      content: string;
      attachments: { name: string }[];
      edits: { content: string }[];
      created_at: string;
      /** Whether a word rule holds it: `dismiss` sends it, and any other answer rejects it. */
      held?: boolean;
    };
    user?: { username: string; first_name: string; last_name: string } | null;
    room?: { name: string; kind: Enums<"room_kind"> } | null;
  };
}

/** Until when and why something is done to a person. */
export interface Sanction {
  /** When it ends; without it there is no end. */
  until?: Date | undefined;
  /** What the person reads, in up to 500 characters. */
  reason?: string | undefined;
}

/** What moderation tells the caller. */
export type Notice = Tables<"notices">;

/** A person who is banned from a room. */
export interface RoomBan extends Pick<Tables<"room_bans">, "id" | "user_id" | "until" | "reason" | "created_at"> {
  is_by_moderator: boolean;
  banned: { username: string; first_name: string; last_name: string };
}

const REPORT_COLUMNS = "id,kind,message_id,user_id,room_id,reason,note,state,created_at,resolved_at";
const BAN_COLUMNS =
  "id,user_id,until,reason,is_by_moderator,created_at,banned:profiles!room_bans_user_id_fkey(username,first_name,last_name)";

const given = ({ until, reason }: Sanction) => ({
  ...(until && { until: until.toISOString() }),
  ...(reason && { reason }),
});

/** Reports, bans and what moderators do: `chat.moderation`. */
export class Moderation {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Reports a message, a person or a room to the moderators. While the report is open, a repeated one changes it.
   * @param target what is reported
   * @param reason why
   * @param note what the moderators should know, in up to 1,000 characters
   * @throws ChatError message_not_found, user_not_found, room_not_found, invalid_report (the caller's own), rate_limited
   *
   * @example
   * ```ts
   * await chat.moderation.report({ messageId: message.id }, "harassment", "Again and again");
   * ```
   */
  async report(target: ReportTarget, reason: ReportReason, note = ""): Promise<Report> {
    const about = "messageId" in target
      ? { message_id: target.messageId }
      : "userId" in target
      ? { user_id: target.userId }
      : { room_id: target.roomId };
    return await this.#connection.run("report", { ...about, reason, note }) as Report;
  }

  /**
   * Lists what the caller has reported, newest first, and what became of it.
   * @param options where to continue, and how many to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { reason, state } of await chat.moderation.reports()) console.log(reason, state);
   * ```
   */
  async reports(options: PageOptions = {}): Promise<Report[]> {
    return await this.#page("reports", REPORT_COLUMNS, options) as unknown as Report[];
  }

  /**
   * Lists the caller's notices from moderation, newest first.
   * @param options where to continue, and how many to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { kind, reason, until } of await chat.moderation.notices()) console.log(kind, reason, until);
   * ```
   */
  async notices(options: PageOptions = {}): Promise<Notice[]> {
    return await this.#page("notices", "*", options) as unknown as Notice[];
  }

  /**
   * Notes that the caller has read a notice, on each device.
   * @param noticeId the notice
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [notice] = await chat.moderation.notices();
   * if (notice) await chat.moderation.confirm(notice.id);
   * ```
   */
  async confirm(noticeId: number): Promise<void> {
    const read_at = new Date().toISOString();
    await this.#connection.call(
      this.#connection.db.from("notices").update({ read_at }).eq("id", noticeId).select("id"),
    );
  }

  /**
   * Calls the listener when moderation tells the caller something.
   * @param listener receives the notice
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.moderation.onNotice(({ kind, reason }) => console.log(kind, reason));
   * ```
   */
  onNotice(listener: (notice: NoticeAdded) => void): () => void {
    const events = new OwnEvents(this.#connection, (event) => {
      if (event.event === "notice.added") listener(event);
    });
    return () => events.stop();
  }

  /**
   * Removes a person from a group and refuses each way back, as its owner, an admin or a moderator. Repeated, it changes the end and the
   * reason.
   * @param roomId the group
   * @param userId the person, who need not be in it
   * @param sanction until when and why
   * @throws ChatError room_not_found, not_a_member, role_required, moderator_required, direct_room_fixed, invalid_members (oneself),
   * user_not_found, rate_limited
   *
   * @example
   * ```ts
   * await chat.moderation.ban(roomId, friendId, { reason: "Spam", until: new Date(Date.now() + 86_400_000) });
   * ```
   */
  async ban(roomId: number, userId: string, sanction: Sanction = {}): Promise<void> {
    await this.#connection.run("ban_member", { room_id: roomId, user_id: userId, ...given(sanction) });
  }

  /**
   * Lifts a ban; does nothing for a person who is not banned. What a moderator made, only a moderator lifts.
   * @param roomId the group
   * @param userId the person
   * @throws ChatError room_not_found, not_a_member, role_required, moderator_required
   *
   * @example
   * ```ts
   * await chat.moderation.unban(roomId, friendId);
   * ```
   */
  async unban(roomId: number, userId: string): Promise<void> {
    await this.#connection.run("unban_member", { room_id: roomId, user_id: userId });
  }

  /**
   * Lists who is banned from a group, the latest first, for its owner, its admins and moderators; for others it is empty.
   * @param roomId the group
   * @param options where to continue, and how many to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { banned, reason } of await chat.moderation.bans(roomId)) console.log(banned.username, reason);
   * ```
   */
  async bans(roomId: number, { before, limit = 100 }: PageOptions = {}): Promise<RoomBan[]> {
    const call = this.#connection.db.from("room_bans").select(BAN_COLUMNS).eq("room_id", roomId)
      .or(`until.is.null,until.gt.${new Date().toISOString()}`).order("id", { ascending: false }).limit(limit);
    return await this.#connection.call(before === undefined ? call : call.lt("id", before)) as unknown as RoomBan[];
  }

  /**
   * Returns whether the caller moderates or administers the project, as the session says: a new role counts from the next
   * sign-in or refresh on.
   *
   * @example
   * ```ts
   * if (await chat.moderation.role()) console.log("Show the queue");
   * ```
   */
  async role(): Promise<"moderator" | "administrator" | undefined> {
    const { data } = await this.#connection.supabase.auth.getSession();
    const role = data.session?.user.app_metadata.parley_role;
    return role === "moderator" || role === "administrator" ? role : undefined;
  }

  /**
   * Lists reports for moderators, newest first.
   * @param options their state, `null` for all and open by default; where to continue; how many to return, up to 100
   * @throws ChatError moderator_required
   *
   * @example
   * ```ts
   * for (const { reason, snapshot } of await chat.moderation.queue()) console.log(reason, snapshot.message?.content);
   * ```
   */
  async queue(
    { state = "open", before, limit = 50 }: PageOptions & { state?: Enums<"report_state"> | null } = {},
  ): Promise<QueuedReport[]> {
    const args = { state, max_rows: limit, ...(before !== undefined && { before }) };
    return await this.#connection.run(
      "report_list",
      args as Functions["report_list"]["Args"],
    ) as unknown as QueuedReport[];
  }

  /**
   * Answers a report, and all others that are open about the same thing, as a moderator.
   * @param reportId the report
   * @param action what is done
   * @param sanction what the person concerned reads, and until when a mute, a ban or a suspension lasts
   * @throws ChatError moderator_required, report_not_found, report_resolved (the message says by whom), invalid_resolution
   *
   * @example
   * ```ts
   * const [report] = await chat.moderation.queue();
   * if (report) await chat.moderation.resolve(report.id, "warn", { reason: "Please be kind." });
   * ```
   */
  async resolve(
    reportId: number,
    action: Enums<"moderation_action">,
    { until, reason = "" }: Sanction = {},
  ): Promise<void> {
    const args = { report_id: reportId, action, note: reason, ...(until && { until: until.toISOString() }) };
    await this.#connection.run("resolve_report", args);
  }

  /**
   * Refuses what a person writes in any room, as a moderator.
   * @param userId the person
   * @param sanction until when and why
   * @throws ChatError moderator_required, user_not_found
   *
   * @example
   * ```ts
   * await chat.moderation.mute(friendId, { until: new Date(Date.now() + 3_600_000), reason: "Shouting" });
   * ```
   */
  async mute(userId: string, sanction: Sanction = {}): Promise<void> {
    await this.#connection.run("mute_user", { user_id: userId, ...given(sanction) });
  }

  /**
   * Lifts a mute, as a moderator.
   * @param userId the person
   * @throws ChatError moderator_required
   *
   * @example
   * ```ts
   * await chat.moderation.unmute(friendId);
   * ```
   */
  async unmute(userId: string): Promise<void> {
    await this.#connection.run("unmute_user", { user_id: userId });
  }

  /**
   * Keeps a person out of the chat, as a moderator.
   * @param userId the person
   * @param sanction until when and why
   * @throws ChatError moderator_required, user_not_found
   *
   * @example
   * ```ts
   * await chat.moderation.suspend(friendId, { reason: "Threats" });
   * ```
   */
  async suspend(userId: string, sanction: Sanction = {}): Promise<void> {
    await this.#connection.run("suspend_user", { user_id: userId, ...given(sanction) });
  }

  /**
   * Lifts a suspension, as a moderator.
   * @param userId the person
   * @throws ChatError moderator_required
   *
   * @example
   * ```ts
   * await chat.moderation.unsuspend(friendId);
   * ```
   */
  async unsuspend(userId: string): Promise<void> {
    await this.#connection.run("unsuspend_user", { user_id: userId });
  }

  /**
   * Lists what was done to whom, newest first, for moderators; for others it is empty.
   * @param options where to continue, and how many to return
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { action, reason } of await chat.moderation.auditLog()) console.log(action, reason);
   * ```
   */
  async auditLog(options: PageOptions = {}): Promise<Tables<"audit_log">[]> {
    return await this.#page("audit_log", "*", options) as unknown as Tables<"audit_log">[];
  }

  async #page(table: "reports" | "notices" | "audit_log", columns: string, { before, limit = 100 }: PageOptions) {
    const call = this.#connection.db.from(table).select(columns as "*").order("id", { ascending: false }).limit(limit);
    return await this.#connection.call(before === undefined ? call : call.lt("id", before));
  }
}

type Functions = Database["chat"]["Functions"];
