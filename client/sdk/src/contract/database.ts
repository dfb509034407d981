// Generated from sql/ by `npm run types`.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "chat": {
    Tables: {
      "attachments": {
        Row: {
          "bytes": number;
          "created_at": string;
          "duration_ms": number | null;
          "height": number | null;
          "id": string;
          "message_id": number | null;
          "mime_type": string;
          "name": string;
          "path": string;
          "room_id": number;
          "uploader_id": string | null;
          "width": number | null;
        };
        ComputedFields: never;
        Insert: {
          "bytes": number;
          "created_at"?: string;
          "duration_ms"?: number | null;
          "height"?: number | null;
          "id"?: string;
          "message_id"?: number | null;
          "mime_type": string;
          "name": string;
          "path": string;
          "room_id": number;
          "uploader_id"?: string | null;
          "width"?: number | null;
        };
        Update: {
          "bytes"?: number;
          "created_at"?: string;
          "duration_ms"?: number | null;
          "height"?: number | null;
          "id"?: string;
          "message_id"?: number | null;
          "mime_type"?: string;
          "name"?: string;
          "path"?: string;
          "room_id"?: number;
          "uploader_id"?: string | null;
          "width"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "attachments_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "audit_log": {
        Row: {
          "action": string;
          "actor_id": string | null;
          "created_at": string;
          "details": NonNullable<Json>;
          "id": number;
          "message_id": number | null;
          "reason": string;
          "report_id": number | null;
          "room_id": number | null;
          "until": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "id"?: never;
          "message_id"?: number | null;
          "reason"?: string;
          "report_id"?: number | null;
          "room_id"?: number | null;
          "until"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "action"?: string;
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "id"?: never;
          "message_id"?: number | null;
          "reason"?: string;
          "report_id"?: number | null;
          "room_id"?: number | null;
          "until"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
      "blocks": {
        Row: {
          "blocked_id": string;
          "created_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "blocked_id": string;
          "created_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "blocked_id"?: string;
          "created_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "blocks_blocked_id_fkey";
            columns: ["blocked_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "blocks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversation_messages": {
        Row: {
          "client_id": string | null;
          "content": string;
          "conversation_id": string;
          "created_at": string;
          "id": number;
          "metadata": NonNullable<Json>;
          "reply_to_id": number | null;
          "role": string;
        };
        ComputedFields: never;
        Insert: {
          "client_id"?: string | null;
          "content": string;
          "conversation_id": string;
          "created_at"?: string;
          "id"?: never;
          "metadata"?: NonNullable<Json>;
          "reply_to_id"?: number | null;
          "role": string;
        };
        Update: {
          "client_id"?: string | null;
          "content"?: string;
          "conversation_id"?: string;
          "created_at"?: string;
          "id"?: never;
          "metadata"?: NonNullable<Json>;
          "reply_to_id"?: number | null;
          "role"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversation_messages_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversation_messages_conversation_id_reply_to_id_fkey";
            columns: ["conversation_id", "reply_to_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["conversation_id", "id"];
          },
        ];
      };
      "conversations": {
        Row: {
          "archived": boolean;
          "created_at": string;
          "deleted_at": string | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "owner_id": string | null;
          "title": string;
          "titled": boolean;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "archived"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "owner_id"?: string | null;
          "title"?: string;
          "titled"?: boolean;
          "updated_at"?: string;
        };
        Update: {
          "archived"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "owner_id"?: string | null;
          "title"?: string;
          "titled"?: boolean;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversations_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "daily_counts": {
        Row: {
          "day": string;
          "messages": number;
          "people": number;
          "reports": number;
          "rooms": number;
        };
        ComputedFields: never;
        Insert: {
          "day": string;
          "messages"?: number;
          "people"?: number;
          "reports"?: number;
          "rooms"?: number;
        };
        Update: {
          "day"?: string;
          "messages"?: number;
          "people"?: number;
          "reports"?: number;
          "rooms"?: number;
        };
        Relationships: [];
      };
      "friendships": {
        Row: {
          "created_at": string;
          "friend_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "friend_id": string;
          "user_id"?: string;
        };
        Update: {
          "created_at"?: string;
          "friend_id"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "friendships_friend_id_fkey";
            columns: ["friend_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "friendships_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "held_messages": {
        Row: {
          "attachments": NonNullable<Json>;
          "client_id": string;
          "content": string;
          "created_at": string;
          "forwarded_from_id": number | null;
          "id": number;
          "mention_all": boolean;
          "mentions": (string)[];
          "metadata": NonNullable<Json>;
          "rejected_at": string | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attachments": NonNullable<Json>;
          "client_id": string;
          "content": string;
          "created_at"?: string;
          "forwarded_from_id"?: number | null;
          "id"?: never;
          "mention_all": boolean;
          "mentions": (string)[];
          "metadata": NonNullable<Json>;
          "rejected_at"?: string | null;
          "reply_to_id"?: number | null;
          "room_id": number;
          "sender_id": string;
        };
        Update: {
          "attachments"?: NonNullable<Json>;
          "client_id"?: string;
          "content"?: string;
          "created_at"?: string;
          "forwarded_from_id"?: number | null;
          "id"?: never;
          "mention_all"?: boolean;
          "mentions"?: (string)[];
          "metadata"?: NonNullable<Json>;
          "rejected_at"?: string | null;
          "reply_to_id"?: number | null;
          "room_id"?: number;
          "sender_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "held_messages_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "held_messages_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "invitations": {
        Row: {
          "created_at": string;
          "id": number;
          "invited_by": string | null;
          "room_id": number;
          "state": Database["chat"]["Enums"]["invitation_state"];
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: never;
          "invited_by"?: string | null;
          "room_id": number;
          "state"?: Database["chat"]["Enums"]["invitation_state"];
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: never;
          "invited_by"?: string | null;
          "room_id"?: number;
          "state"?: Database["chat"]["Enums"]["invitation_state"];
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "invitations_invited_by_fkey";
            columns: ["invited_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "invitations_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "invitations_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "invite_links": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "expires_at": string | null;
          "id": number;
          "max_uses": number | null;
          "revoked_at": string | null;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "uses": number;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "expires_at"?: string | null;
          "id"?: never;
          "max_uses"?: number | null;
          "revoked_at"?: string | null;
          "role"?: Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "uses"?: number;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "expires_at"?: string | null;
          "id"?: never;
          "max_uses"?: number | null;
          "revoked_at"?: string | null;
          "role"?: Database["chat"]["Enums"]["member_role"];
          "room_id"?: number;
          "uses"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "invite_links_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "invite_links_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      "join_requests": {
        Row: {
          "created_at": string;
          "id": number;
          "note": string;
          "room_id": number;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: never;
          "note"?: string;
          "room_id": number;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: never;
          "note"?: string;
          "room_id"?: number;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "join_requests_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "join_requests_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "mentions": {
        Row: {
          "message_id": number;
          "room_id": number;
          "seq": number;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "message_id": number;
          "room_id": number;
          "seq": number;
          "user_id": string;
        };
        Update: {
          "message_id"?: number;
          "room_id"?: number;
          "seq"?: number;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "mentions_room_id_user_id_fkey";
            columns: ["room_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "room_members";
            referencedColumns: ["room_id", "user_id"];
          },
        ];
      };
      "message_edits": {
        Row: {
          "content": string;
          "message_id": number;
          "room_id": number;
          "version": number;
          "written_at": string;
        };
        ComputedFields: never;
        Insert: {
          "content": string;
          "message_id": number;
          "room_id": number;
          "version": number;
          "written_at": string;
        };
        Update: {
          "content"?: string;
          "message_id"?: number;
          "room_id"?: number;
          "version"?: number;
          "written_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_edits_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "messages": {
        Row: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
          "forwarded_name": string | null;
          "own_reactions": (string)[] | null;
          "profiles": {
            "added_by": Database["chat"]["Enums"]["who_reaches"];
            "avatar_url": string | null;
            "bio": string;
            "created_at": string;
            "direct_from": Database["chat"]["Enums"]["who_reaches"];
            "first_name": string;
            "found_by": Database["chat"]["Enums"]["who_finds"];
            "id": string;
            "last_name": string;
            "number": number;
            "share_receipts": boolean;
            "show_email": boolean;
            "status_seen_by": Database["chat"]["Enums"]["who_finds"];
            "username": string;
          } | null;
        };
        ComputedFields: "forwarded_name" | "own_reactions" | "profiles";
        Insert: {
          "attachments"?: NonNullable<Json>;
          "client_id"?: string | null;
          "content": string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "edited_at"?: string | null;
          "forwarded_content"?: string | null;
          "forwarded_from_id"?: number | null;
          "forwarded_sender_id"?: string | null;
          "forwarded_username"?: string | null;
          "id"?: never;
          "mentions"?: NonNullable<Json>;
          "mentions_all"?: boolean;
          "metadata"?: NonNullable<Json>;
          "reactions"?: NonNullable<Json>;
          "reactions_version"?: number | null;
          "reply_to_id"?: number | null;
          "room_id": number;
          "sender_id"?: string | null;
          "seq"?: number;
          "version"?: number;
        };
        Update: {
          "attachments"?: NonNullable<Json>;
          "client_id"?: string | null;
          "content"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "edited_at"?: string | null;
          "forwarded_content"?: string | null;
          "forwarded_from_id"?: number | null;
          "forwarded_sender_id"?: string | null;
          "forwarded_username"?: string | null;
          "id"?: never;
          "mentions"?: NonNullable<Json>;
          "mentions_all"?: boolean;
          "metadata"?: NonNullable<Json>;
          "reactions"?: NonNullable<Json>;
          "reactions_version"?: number | null;
          "reply_to_id"?: number | null;
          "room_id"?: number;
          "sender_id"?: string | null;
          "seq"?: number;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "messages_reply_to_id_fkey";
            columns: ["reply_to_id"];
            isOneToOne: false;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "messages_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      "mutes": {
        Row: {
          "created_at": string;
          "reason": string;
          "until": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "reason"?: string;
          "until"?: string | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "reason"?: string;
          "until"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "mutes_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "notices": {
        Row: {
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["notice_kind"];
          "message_id": number | null;
          "read_at": string | null;
          "reason": string;
          "room_id": number | null;
          "room_name": string;
          "until": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: never;
          "kind": Database["chat"]["Enums"]["notice_kind"];
          "message_id"?: number | null;
          "read_at"?: string | null;
          "reason"?: string;
          "room_id"?: number | null;
          "room_name"?: string;
          "until"?: string | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: never;
          "kind"?: Database["chat"]["Enums"]["notice_kind"];
          "message_id"?: number | null;
          "read_at"?: string | null;
          "reason"?: string;
          "room_id"?: number | null;
          "room_name"?: string;
          "until"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notices_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "pins": {
        Row: {
          "id": number;
          "message_id": number;
          "pinned_at": string;
          "pinned_by": string | null;
          "room_id": number;
        };
        ComputedFields: never;
        Insert: {
          "id"?: never;
          "message_id": number;
          "pinned_at"?: string;
          "pinned_by"?: string | null;
          "room_id": number;
        };
        Update: {
          "id"?: never;
          "message_id"?: number;
          "pinned_at"?: string;
          "pinned_by"?: string | null;
          "room_id"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "pins_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "pins_pinned_by_fkey";
            columns: ["pinned_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "pins_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      "posts": {
        Row: {
          "author_id": string;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "id": number;
          "title": string;
        };
        ComputedFields: never;
        Insert: {
          "author_id"?: string;
          "client_id"?: string | null;
          "content": string;
          "created_at"?: string;
          "id"?: never;
          "title": string;
        };
        Update: {
          "author_id"?: string;
          "client_id"?: string | null;
          "content"?: string;
          "created_at"?: string;
          "id"?: never;
          "title"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "posts_author_id_fkey";
            columns: ["author_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "profiles": {
        Row: {
          "added_by": Database["chat"]["Enums"]["who_reaches"];
          "avatar_url": string | null;
          "bio": string;
          "created_at": string;
          "direct_from": Database["chat"]["Enums"]["who_reaches"];
          "first_name": string;
          "found_by": Database["chat"]["Enums"]["who_finds"];
          "id": string;
          "last_name": string;
          "number": number;
          "share_receipts": boolean;
          "show_email": boolean;
          "status_seen_by": Database["chat"]["Enums"]["who_finds"];
          "username": string;
          "email": string | null;
        };
        ComputedFields: "email";
        Insert: {
          "added_by"?: Database["chat"]["Enums"]["who_reaches"];
          "avatar_url"?: string | null;
          "bio"?: string;
          "created_at"?: string;
          "direct_from"?: Database["chat"]["Enums"]["who_reaches"];
          "first_name"?: string;
          "found_by"?: Database["chat"]["Enums"]["who_finds"];
          "id": string;
          "last_name"?: string;
          "number"?: never;
          "share_receipts"?: boolean;
          "show_email"?: boolean;
          "status_seen_by"?: Database["chat"]["Enums"]["who_finds"];
          "username": string;
        };
        Update: {
          "added_by"?: Database["chat"]["Enums"]["who_reaches"];
          "avatar_url"?: string | null;
          "bio"?: string;
          "created_at"?: string;
          "direct_from"?: Database["chat"]["Enums"]["who_reaches"];
          "first_name"?: string;
          "found_by"?: Database["chat"]["Enums"]["who_finds"];
          "id"?: string;
          "last_name"?: string;
          "number"?: never;
          "share_receipts"?: boolean;
          "show_email"?: boolean;
          "status_seen_by"?: Database["chat"]["Enums"]["who_finds"];
          "username"?: string;
        };
        Relationships: [];
      };
      "reactions": {
        Row: {
          "created_at": string;
          "emoji": string;
          "message_id": number;
          "room_id": number;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "emoji": string;
          "message_id": number;
          "room_id": number;
          "user_id"?: string;
        };
        Update: {
          "created_at"?: string;
          "emoji"?: string;
          "message_id"?: number;
          "room_id"?: number;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reactions_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "replies": {
        Row: {
          "base": number;
          "client_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "ended_at": string | null;
          "id": number;
          "lease_until": string;
          "message_id": number | null;
          "owner_id": string;
          "question_id": number;
          "reason": string | null;
          "responder": string | null;
          "state": string;
          "stop_requested_at": string | null;
          "usage": Json | null;
        };
        ComputedFields: never;
        Insert: {
          "base"?: number;
          "client_id"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "ended_at"?: string | null;
          "id"?: never;
          "lease_until"?: string;
          "message_id"?: number | null;
          "owner_id": string;
          "question_id": number;
          "reason"?: string | null;
          "responder"?: string | null;
          "state"?: string;
          "stop_requested_at"?: string | null;
          "usage"?: Json | null;
        };
        Update: {
          "base"?: number;
          "client_id"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "ended_at"?: string | null;
          "id"?: never;
          "lease_until"?: string;
          "message_id"?: number | null;
          "owner_id"?: string;
          "question_id"?: number;
          "reason"?: string | null;
          "responder"?: string | null;
          "state"?: string;
          "stop_requested_at"?: string | null;
          "usage"?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: "replies_conversation_id_fkey";
            columns: ["conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "replies_conversation_id_message_id_fkey";
            columns: ["conversation_id", "message_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["conversation_id", "id"];
          },
          {
            foreignKeyName: "replies_conversation_id_question_id_fkey";
            columns: ["conversation_id", "question_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["conversation_id", "id"];
          },
          {
            foreignKeyName: "replies_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "reply_chunks": {
        Row: {
          "chars_before": number;
          "index": number;
          "owner_id": string;
          "reply_id": number;
          "text": string;
        };
        ComputedFields: never;
        Insert: {
          "chars_before": number;
          "index": number;
          "owner_id": string;
          "reply_id": number;
          "text": string;
        };
        Update: {
          "chars_before"?: number;
          "index"?: number;
          "owner_id"?: string;
          "reply_id"?: number;
          "text"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reply_chunks_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "reply_chunks_reply_id_fkey";
            columns: ["reply_id"];
            isOneToOne: false;
            referencedRelation: "replies";
            referencedColumns: ["id"];
          },
        ];
      };
      "reports": {
        Row: {
          "action": Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id": number | null;
          "note": string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id": string | null;
          "resolution_note": string;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "room_id": number | null;
          "snapshot": NonNullable<Json>;
          "state": Database["chat"]["Enums"]["report_state"];
          "target": string;
          "until": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "action"?: Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at"?: string;
          "id"?: never;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id"?: number | null;
          "note"?: string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id"?: string | null;
          "resolution_note"?: string;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "room_id"?: number | null;
          "snapshot": NonNullable<Json>;
          "state"?: Database["chat"]["Enums"]["report_state"];
          "target"?: never;
          "until"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "action"?: Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at"?: string;
          "id"?: never;
          "kind"?: Database["chat"]["Enums"]["report_kind"];
          "message_id"?: number | null;
          "note"?: string;
          "reason"?: Database["chat"]["Enums"]["report_reason"];
          "reporter_id"?: string | null;
          "resolution_note"?: string;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "room_id"?: number | null;
          "snapshot"?: NonNullable<Json>;
          "state"?: Database["chat"]["Enums"]["report_state"];
          "target"?: never;
          "until"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "reports_reporter_id_fkey";
            columns: ["reporter_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "room_bans": {
        Row: {
          "banned_by": string | null;
          "created_at": string;
          "id": number;
          "is_by_moderator": boolean;
          "reason": string;
          "room_id": number;
          "until": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "banned_by"?: string | null;
          "created_at"?: string;
          "id"?: never;
          "is_by_moderator"?: boolean;
          "reason"?: string;
          "room_id": number;
          "until"?: string | null;
          "user_id": string;
        };
        Update: {
          "banned_by"?: string | null;
          "created_at"?: string;
          "id"?: never;
          "is_by_moderator"?: boolean;
          "reason"?: string;
          "room_id"?: number;
          "until"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "room_bans_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "room_bans_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "room_changes": {
        Row: {
          "actor_id": string | null;
          "after_seq": number | null;
          "created_at": string;
          "event": string;
          "kind": Database["chat"]["Enums"]["system_kind"] | null;
          "payload": NonNullable<Json>;
          "room_id": number;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "actor_id"?: string | null;
          "after_seq"?: number | null;
          "created_at"?: string;
          "event": string;
          "kind"?: Database["chat"]["Enums"]["system_kind"] | null;
          "payload": NonNullable<Json>;
          "room_id": number;
          "version": number;
        };
        Update: {
          "actor_id"?: string | null;
          "after_seq"?: number | null;
          "created_at"?: string;
          "event"?: string;
          "kind"?: Database["chat"]["Enums"]["system_kind"] | null;
          "payload"?: NonNullable<Json>;
          "room_id"?: number;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "room_changes_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      "room_members": {
        Row: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "archived_at"?: string | null;
          "delivered_after_seq"?: number;
          "joined_at"?: string;
          "last_delivered_at"?: string | null;
          "last_delivered_seq"?: number;
          "last_read_at"?: string | null;
          "last_read_seq"?: number;
          "muted_until"?: string | null;
          "own_after_read"?: number;
          "read_after_seq"?: number;
          "role"?: Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts"?: boolean;
          "user_id": string;
        };
        Update: {
          "archived_at"?: string | null;
          "delivered_after_seq"?: number;
          "joined_at"?: string;
          "last_delivered_at"?: string | null;
          "last_delivered_seq"?: number;
          "last_read_at"?: string | null;
          "last_read_seq"?: number;
          "muted_until"?: string | null;
          "own_after_read"?: number;
          "read_after_seq"?: number;
          "role"?: Database["chat"]["Enums"]["member_role"];
          "room_id"?: number;
          "shares_receipts"?: boolean;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "room_members_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "room_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "rooms": {
        Row: {
          "avatar_url": string | null;
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "description": string;
          "direct_key": string | null;
          "epoch": number;
          "id": number;
          "inviting": Database["chat"]["Enums"]["who_may"];
          "is_public": boolean;
          "joining": Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message_at": string | null;
          "last_message_id": number | null;
          "last_seq": number;
          "locked_at": string | null;
          "locked_reason": string | null;
          "member_count": number;
          "members_version": number;
          "name": string;
          "pinning": Database["chat"]["Enums"]["who_may"];
          "posting": Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds": number;
          "slug": string | null;
          "topic": string;
          "version": number;
          "newest_system_messages": Json | null;
        };
        ComputedFields: "newest_system_messages";
        Insert: {
          "avatar_url"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "description"?: string;
          "direct_key"?: string | null;
          "epoch"?: number;
          "id"?: never;
          "inviting"?: Database["chat"]["Enums"]["who_may"];
          "is_public"?: boolean;
          "joining"?: Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message_at"?: string | null;
          "last_message_id"?: number | null;
          "last_seq"?: number;
          "locked_at"?: string | null;
          "locked_reason"?: string | null;
          "member_count"?: number;
          "members_version"?: number;
          "name"?: string;
          "pinning"?: Database["chat"]["Enums"]["who_may"];
          "posting"?: Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds"?: number;
          "slug"?: string | null;
          "topic"?: never;
          "version"?: number;
        };
        Update: {
          "avatar_url"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "description"?: string;
          "direct_key"?: string | null;
          "epoch"?: number;
          "id"?: never;
          "inviting"?: Database["chat"]["Enums"]["who_may"];
          "is_public"?: boolean;
          "joining"?: Database["chat"]["Enums"]["way_to_join"];
          "kind"?: Database["chat"]["Enums"]["room_kind"];
          "last_message_at"?: string | null;
          "last_message_id"?: number | null;
          "last_seq"?: number;
          "locked_at"?: string | null;
          "locked_reason"?: string | null;
          "member_count"?: number;
          "members_version"?: number;
          "name"?: string;
          "pinning"?: Database["chat"]["Enums"]["who_may"];
          "posting"?: Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds"?: number;
          "slug"?: string | null;
          "topic"?: never;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "rooms_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "suspensions": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "reason": string | null;
          "until": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "reason"?: string | null;
          "until"?: string | null;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "reason"?: string | null;
          "until"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "suspensions_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "user_status": {
        Row: {
          "announced_online": boolean;
          "last_seen_at": string;
          "seen_by": Database["chat"]["Enums"]["who_finds"];
          "signed_out_at": string | null;
          "user_id": string;
          "is_online": boolean | null;
        };
        ComputedFields: "is_online";
        Insert: {
          "announced_online"?: boolean;
          "last_seen_at"?: string;
          "seen_by"?: Database["chat"]["Enums"]["who_finds"];
          "signed_out_at"?: string | null;
          "user_id": string;
        };
        Update: {
          "announced_online"?: boolean;
          "last_seen_at"?: string;
          "seen_by"?: Database["chat"]["Enums"]["who_finds"];
          "signed_out_at"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_status_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "accept_invitation": {
        Args: { "room_id": number };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "accept_join_request": {
        Args: { "room_id": number; "user_id": string };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "add_conversation_message": {
        Args: {
          "client_id"?: string;
          "content": string;
          "conversation_id": string;
          "metadata"?: Json;
          "reply_to_id"?: number;
          "role": string;
        };
        Returns: {
          "client_id": string | null;
          "content": string;
          "conversation_id": string;
          "created_at": string;
          "id": number;
          "metadata": NonNullable<Json>;
          "reply_to_id": number | null;
          "role": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversation_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "add_members": {
        Args: { "room_id": number; "user_ids": (string)[] };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "add_word_rule": {
        Args: { "action"?: string; "pattern": string };
        Returns: Database["chat"]["CompositeTypes"]["word_rule"];
        SetofOptions: {
          from: "*";
          to: "word_rule";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "ban_member": {
        Args: { "reason"?: string; "room_id": number; "until"?: string; "user_id": string };
        Returns: {
          "banned_by": string | null;
          "created_at": string;
          "id": number;
          "is_by_moderator": boolean;
          "reason": string;
          "room_id": number;
          "until": string | null;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_bans";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "begin_upload": {
        Args: {
          "bytes": number;
          "client_id"?: string;
          "duration_ms"?: number;
          "height"?: number;
          "mime_type": string;
          "name": string;
          "room_id": number;
          "width"?: number;
        };
        Returns: {
          "bytes": number;
          "created_at": string;
          "duration_ms": number | null;
          "height": number | null;
          "id": string;
          "message_id": number | null;
          "mime_type": string;
          "name": string;
          "path": string;
          "room_id": number;
          "uploader_id": string | null;
          "width": number | null;
        };
        SetofOptions: {
          from: "*";
          to: "attachments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "block_user": { Args: { "user_id": string }; Returns: undefined };
      "call_as": { Args: { "arguments"?: Json; "function_name": string; "user_id": string }; Returns: Json };
      "cancel_upload": { Args: { "attachment_id": string }; Returns: undefined };
      "connections_by_state": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["connection_state"][];
        SetofOptions: {
          from: "*";
          to: "connection_state";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "create_direct_room": {
        Args: { "user_id": string };
        Returns: {
          "avatar_url": string | null;
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "description": string;
          "direct_key": string | null;
          "epoch": number;
          "id": number;
          "inviting": Database["chat"]["Enums"]["who_may"];
          "is_public": boolean;
          "joining": Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message_at": string | null;
          "last_message_id": number | null;
          "last_seq": number;
          "locked_at": string | null;
          "locked_reason": string | null;
          "member_count": number;
          "members_version": number;
          "name": string;
          "pinning": Database["chat"]["Enums"]["who_may"];
          "posting": Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds": number;
          "slug": string | null;
          "topic": string;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "rooms";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_group_room": {
        Args: {
          "client_id"?: string;
          "description"?: string;
          "is_public"?: boolean;
          "member_ids"?: (string)[];
          "name": string;
          "slug"?: string;
        };
        Returns: {
          "avatar_url": string | null;
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "description": string;
          "direct_key": string | null;
          "epoch": number;
          "id": number;
          "inviting": Database["chat"]["Enums"]["who_may"];
          "is_public": boolean;
          "joining": Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message_at": string | null;
          "last_message_id": number | null;
          "last_seq": number;
          "locked_at": string | null;
          "locked_reason": string | null;
          "member_count": number;
          "members_version": number;
          "name": string;
          "pinning": Database["chat"]["Enums"]["who_may"];
          "posting": Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds": number;
          "slug": string | null;
          "topic": string;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "rooms";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_invite_link": {
        Args: {
          "expires_at"?: string;
          "max_uses"?: number;
          "role"?: Database["chat"]["Enums"]["member_role"];
          "room_id": number;
        };
        Returns: Json;
      };
      "create_post": {
        Args: { "client_id"?: string; "content": string; "title": string };
        Returns: {
          "author_id": string;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "id": number;
          "title": string;
        };
        SetofOptions: {
          from: "*";
          to: "posts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "decline_invitation": { Args: { "room_id": number }; Returns: undefined };
      "decline_join_request": { Args: { "room_id": number; "user_id": string }; Returns: undefined };
      "delete_account": {
        Args: { "confirmed"?: boolean; "mode"?: Database["chat"]["Enums"]["deletion_mode"]; "user_id"?: string };
        Returns: undefined;
      };
      "delete_message": {
        Args: { "message_id": number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "delete_room": { Args: { "room_id": number }; Returns: undefined };
      "edit_message": {
        Args: { "content": string; "mention_all"?: boolean; "mentions"?: (string)[]; "message_id": number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "email": {
        Args: {
          "profile": Omit<
            Database["chat"]["Tables"]["profiles"]["Row"],
            Database["chat"]["Tables"]["profiles"]["ComputedFields"]
          >;
        };
        Returns: string;
      };
      "export_page": { Args: { "cursor"?: string; "user_id"?: string }; Returns: Json };
      "find_conversations": {
        Args: { "archived"?: boolean; "before_id"?: string; "max_rows"?: number; "query": string };
        Returns: {
          "archived": boolean;
          "created_at": string;
          "deleted_at": string | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "owner_id": string | null;
          "title": string;
          "titled": boolean;
          "updated_at": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "find_rooms": {
        Args: { "max_rows"?: number; "query": string };
        Returns: {
          "avatar_url": string;
          "description": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["room_kind"];
          "member_count": number;
          "other_member": Json;
          "title": string;
        }[];
      };
      "forward_message": {
        Args: { "client_id"?: string; "message_id": number; "reply_to_id"?: number; "target_room_id": number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "forwarded_name": {
        Args: {
          "message": Omit<
            Database["chat"]["Tables"]["messages"]["Row"],
            Database["chat"]["Tables"]["messages"]["ComputedFields"]
          >;
        };
        Returns: string;
      };
      "ignore_invitation": { Args: { "room_id": number }; Returns: undefined };
      "invitation_list": {
        Args: { "before"?: number; "max_rows"?: number };
        Returns: {
          "avatar_url": string;
          "created_at": string;
          "description": string;
          "id": number;
          "invited_by": string;
          "invited_by_username": string;
          "member_count": number;
          "name": string;
          "room_id": number;
        }[];
      };
      "invite_link_preview": {
        Args: { "token": string };
        Returns: {
          "avatar_url": string;
          "member_count": number;
          "name": string;
        }[];
      };
      "is_online": {
        Args: {
          "status": Omit<
            Database["chat"]["Tables"]["user_status"]["Row"],
            Database["chat"]["Tables"]["user_status"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "job_list": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["job"][];
        SetofOptions: {
          from: "*";
          to: "job";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "join_by_link": {
        Args: { "token": string };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "join_room": {
        Args: { "room_id": number };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "leave_room": { Args: { "room_id": number }; Returns: undefined };
      "limit_list": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["rate_limit"][];
        SetofOptions: {
          from: "*";
          to: "rate_limit";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "mark_delivered": {
        Args: { "room_id": number; "seq"?: number };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "mark_delivered_many": { Args: { "room_ids": (number)[]; "seqs": (number)[] }; Returns: (number)[] };
      "mark_read": {
        Args: { "room_id": number; "seq"?: number };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "mention_list": { Args: { "before_id"?: number; "max_rows"?: number }; Returns: Json };
      "messages_around": {
        Args: { "at"?: string; "max_rows"?: number; "room_id": number; "seq"?: number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        }[];
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_messages": {
        Args: {
          "after"?: number;
          "around_id"?: number;
          "before"?: number;
          "max_rows"?: number;
          "reason"?: string;
          "report_id"?: number;
          "room_id": number;
          "user_id"?: string;
        };
        Returns: Database["chat"]["CompositeTypes"]["moderated_message"][];
        SetofOptions: {
          from: "*";
          to: "moderated_message";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_people": {
        Args: { "after"?: number; "max_rows"?: number; "query"?: string };
        Returns: Database["chat"]["CompositeTypes"]["moderated_person"][];
        SetofOptions: {
          from: "*";
          to: "moderated_person";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_person_rooms": {
        Args: { "after"?: number; "max_rows"?: number; "user_id": string };
        Returns: Database["chat"]["CompositeTypes"]["moderated_membership"][];
        SetofOptions: {
          from: "*";
          to: "moderated_membership";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_reports": {
        Args: { "before"?: number; "max_rows"?: number; "room_id"?: number; "user_id"?: string };
        Returns: {
          "action": Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id": number | null;
          "note": string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id": string | null;
          "resolution_note": string;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "room_id": number | null;
          "snapshot": NonNullable<Json>;
          "state": Database["chat"]["Enums"]["report_state"];
          "target": string;
          "until": string | null;
          "user_id": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_room_members": {
        Args: { "after"?: string; "max_rows"?: number; "room_id": number };
        Returns: Database["chat"]["CompositeTypes"]["moderated_member"][];
        SetofOptions: {
          from: "*";
          to: "moderated_member";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderated_rooms": {
        Args: { "after"?: number; "max_rows"?: number; "query"?: string };
        Returns: Database["chat"]["CompositeTypes"]["moderated_room"][];
        SetofOptions: {
          from: "*";
          to: "moderated_room";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "moderation_counts": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["moderation_count"];
        SetofOptions: {
          from: "*";
          to: "moderation_count";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "mute_user": {
        Args: { "reason"?: string; "until"?: string; "user_id": string };
        Returns: {
          "created_at": string;
          "reason": string;
          "until": string | null;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "mutes";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "newest_system_messages": {
        Args: {
          "room": Omit<
            Database["chat"]["Tables"]["rooms"]["Row"],
            Database["chat"]["Tables"]["rooms"]["ComputedFields"]
          >;
        };
        Returns: Json;
      };
      "operator_list": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["operator"][];
        SetofOptions: {
          from: "*";
          to: "operator";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "own_reactions": {
        Args: {
          "message": Omit<
            Database["chat"]["Tables"]["messages"]["Row"],
            Database["chat"]["Tables"]["messages"]["ComputedFields"]
          >;
        };
        Returns: (string)[];
      };
      "pin_message": {
        Args: { "message_id": number };
        Returns: {
          "id": number;
          "message_id": number;
          "pinned_at": string;
          "pinned_by": string | null;
          "room_id": number;
        };
        SetofOptions: {
          from: "*";
          to: "pins";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "profiles": {
        Args: {
          "message": Omit<
            Database["chat"]["Tables"]["messages"]["Row"],
            Database["chat"]["Tables"]["messages"]["ComputedFields"]
          >;
        };
        Returns: {
          "added_by": Database["chat"]["Enums"]["who_reaches"];
          "avatar_url": string | null;
          "bio": string;
          "created_at": string;
          "direct_from": Database["chat"]["Enums"]["who_reaches"];
          "first_name": string;
          "found_by": Database["chat"]["Enums"]["who_finds"];
          "id": string;
          "last_name": string;
          "number": number;
          "share_receipts": boolean;
          "show_email": boolean;
          "status_seen_by": Database["chat"]["Enums"]["who_finds"];
          "username": string;
        };
        SetofOptions: {
          from: "chat.messages";
          to: "profiles";
          isOneToOne: true;
          isSetofReturn: true;
        };
      };
      "react": {
        Args: { "emoji": string; "message_id": number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "remove_member": { Args: { "room_id": number; "user_id": string }; Returns: undefined };
      "remove_word_rule": { Args: { "rule_id": number }; Returns: undefined };
      "report": {
        Args: {
          "message_id"?: number;
          "note"?: string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "room_id"?: number;
          "user_id"?: string;
        };
        Returns: {
          "action": Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id": number | null;
          "note": string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id": string | null;
          "resolution_note": string;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "room_id": number | null;
          "snapshot": NonNullable<Json>;
          "state": Database["chat"]["Enums"]["report_state"];
          "target": string;
          "until": string | null;
          "user_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "report_list": {
        Args: { "before"?: number; "max_rows"?: number; "state"?: Database["chat"]["Enums"]["report_state"] };
        Returns: {
          "action": Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id": number | null;
          "note": string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id": string | null;
          "resolution_note": string;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "room_id": number | null;
          "snapshot": NonNullable<Json>;
          "state": Database["chat"]["Enums"]["report_state"];
          "target": string;
          "until": string | null;
          "user_id": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "request_to_join": {
        Args: { "note"?: string; "room_id": number };
        Returns: {
          "created_at": string;
          "id": number;
          "note": string;
          "room_id": number;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "join_requests";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "resolve_report": {
        Args: {
          "action": Database["chat"]["Enums"]["moderation_action"];
          "note"?: string;
          "report_id": number;
          "until"?: string;
        };
        Returns: {
          "action": Database["chat"]["Enums"]["moderation_action"] | null;
          "created_at": string;
          "id": number;
          "kind": Database["chat"]["Enums"]["report_kind"];
          "message_id": number | null;
          "note": string;
          "reason": Database["chat"]["Enums"]["report_reason"];
          "reporter_id": string | null;
          "resolution_note": string;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "room_id": number | null;
          "snapshot": NonNullable<Json>;
          "state": Database["chat"]["Enums"]["report_state"];
          "target": string;
          "until": string | null;
          "user_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "reports";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "retention_list": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["retention"][];
        SetofOptions: {
          from: "*";
          to: "retention";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "revoke_invite_link": {
        Args: { "link_id": number };
        Returns: {
          "created_at": string;
          "created_by": string | null;
          "expires_at": string | null;
          "id": number;
          "max_uses": number | null;
          "revoked_at": string | null;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "uses": number;
        };
        SetofOptions: {
          from: "*";
          to: "invite_links";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "room_invitations": {
        Args: { "before"?: number; "max_rows"?: number; "room_id": number };
        Returns: {
          "created_at": string;
          "id": number;
          "invited_by": string;
          "user_id": string;
          "username": string;
        }[];
      };
      "room_list": {
        Args: { "archived"?: boolean; "before_room_id"?: number; "max_rows"?: number; "only_room_id"?: number };
        Returns: {
          "active_at": string;
          "archived_at": string;
          "avatar_url": string;
          "created_at": string;
          "created_by": string;
          "description": string;
          "has_more": boolean;
          "id": number;
          "inviting": Database["chat"]["Enums"]["who_may"];
          "is_dormant": boolean;
          "is_public": boolean;
          "joining": Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message": Json;
          "last_read_seq": number;
          "last_seq": number;
          "locked_at": string;
          "locked_reason": string;
          "member_count": number;
          "members_version": number;
          "mention_count": number;
          "muted_until": string;
          "name": string;
          "other_member": Json;
          "pinning": Database["chat"]["Enums"]["who_may"];
          "posting": Database["chat"]["Enums"]["who_may"];
          "role": Database["chat"]["Enums"]["member_role"];
          "slow_mode_seconds": number;
          "slug": string;
          "topic": string;
          "unread_count": number;
          "version": number;
        }[];
      };
      "running_reply": {
        Args: { "conversation_id": string };
        Returns: {
          "created_at": string;
          "id": number;
          "parts": number;
          "question_id": number;
          "text": string;
        }[];
      };
      "search_conversations": {
        Args: {
          "before_id"?: number;
          "conversation_id"?: string;
          "max_rows"?: number;
          "query": string;
          "sent_after"?: string;
          "sent_before"?: string;
        };
        Returns: Json;
      };
      "search_messages": {
        Args: {
          "before_id"?: number;
          "has"?: string;
          "max_rows"?: number;
          "mentions_me"?: boolean;
          "query"?: string;
          "room_id"?: number;
          "sender_id"?: string;
          "sent_after"?: string;
          "sent_before"?: string;
        };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        }[];
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "search_page": {
        Args: {
          "before_id"?: number;
          "has"?: string;
          "max_rows"?: number;
          "mentions_me"?: boolean;
          "query"?: string;
          "room_id"?: number;
          "sender_id"?: string;
          "sent_after"?: string;
          "sent_before"?: string;
        };
        Returns: Json;
      };
      "search_people": {
        Args: { "max_rows"?: number; "query": string };
        Returns: {
          "added_by": Database["chat"]["Enums"]["who_reaches"];
          "avatar_url": string | null;
          "bio": string;
          "created_at": string;
          "direct_from": Database["chat"]["Enums"]["who_reaches"];
          "first_name": string;
          "found_by": Database["chat"]["Enums"]["who_finds"];
          "id": string;
          "last_name": string;
          "number": number;
          "share_receipts": boolean;
          "show_email": boolean;
          "status_seen_by": Database["chat"]["Enums"]["who_finds"];
          "username": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "profiles";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "send_message": {
        Args: {
          "attachment_ids"?: (string)[];
          "client_id"?: string;
          "content": string;
          "forwarded_from_id"?: number;
          "mention_all"?: boolean;
          "mentions"?: (string)[];
          "metadata"?: Json;
          "reply_to_id"?: number;
          "room_id": number;
          "sender_id"?: string;
        };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "send_system_message": { Args: { "client_id"?: string; "content": string; "room_id": number }; Returns: Json };
      "set_limit": {
        Args: { "action": string; "capacity"?: number; "cost"?: number; "per_second"?: number };
        Returns: Database["chat"]["CompositeTypes"]["rate_limit"];
        SetofOptions: {
          from: "*";
          to: "rate_limit";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_member_role": {
        Args: {
          "confirmed"?: boolean;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "user_id": string;
        };
        Returns: {
          "archived_at": string | null;
          "delivered_after_seq": number;
          "joined_at": string;
          "last_delivered_at": string | null;
          "last_delivered_seq": number;
          "last_read_at": string | null;
          "last_read_seq": number;
          "muted_until": string | null;
          "own_after_read": number;
          "read_after_seq": number;
          "role": Database["chat"]["Enums"]["member_role"];
          "room_id": number;
          "shares_receipts": boolean;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "room_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_operator_role": {
        Args: { "role"?: Database["chat"]["Enums"]["operator_role"]; "user_id": string };
        Returns: undefined;
      };
      "set_retention": {
        Args: { "age"?: string; "name": string; "newest"?: number };
        Returns: Database["chat"]["CompositeTypes"]["retention"];
        SetofOptions: {
          from: "*";
          to: "retention";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "set_room_lock": { Args: { "is_locked": boolean; "reason"?: string; "room_id": number }; Returns: undefined };
      "slow_statements": {
        Args: { "max_rows"?: number };
        Returns: Database["chat"]["CompositeTypes"]["slow_statement"][];
        SetofOptions: {
          from: "*";
          to: "slow_statement";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "stop_reply": {
        Args: { "reply_id": number };
        Returns: {
          "base": number;
          "client_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "ended_at": string | null;
          "id": number;
          "lease_until": string;
          "message_id": number | null;
          "owner_id": string;
          "question_id": number;
          "reason": string | null;
          "responder": string | null;
          "state": string;
          "stop_requested_at": string | null;
          "usage": Json | null;
        };
        SetofOptions: {
          from: "*";
          to: "replies";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "storage_by_bucket": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["bucket_use"][];
        SetofOptions: {
          from: "*";
          to: "bucket_use";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "suspend_user": { Args: { "reason"?: string; "until"?: string; "user_id": string }; Returns: undefined };
      "sync": { Args: { "max_rows"?: number; "room_id": number; "since_version"?: number }; Returns: Json };
      "system_messages": {
        Args: {
          "before_version"?: number;
          "from_seq"?: number;
          "max_rows"?: number;
          "room_id": number;
          "to_seq"?: number;
        };
        Returns: {
          "actor_id": string;
          "actor_username": string;
          "after_seq": number;
          "content": string;
          "created_at": string;
          "kind": Database["chat"]["Enums"]["system_kind"];
          "message_id": number;
          "people": Json;
          "text": string;
          "version": number;
        }[];
      };
      "table_sizes": {
        Args: { "max_rows"?: number };
        Returns: Database["chat"]["CompositeTypes"]["table_size"][];
        SetofOptions: {
          from: "*";
          to: "table_size";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "touch_status": {
        Args: { "signed_out"?: boolean };
        Returns: {
          "announced_online": boolean;
          "last_seen_at": string;
          "seen_by": Database["chat"]["Enums"]["who_finds"];
          "signed_out_at": string | null;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "user_status";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "unban_member": { Args: { "room_id": number; "user_id": string }; Returns: undefined };
      "unblock_user": { Args: { "user_id": string }; Returns: undefined };
      "unmute_user": { Args: { "user_id": string }; Returns: undefined };
      "unpin_message": { Args: { "message_id": number }; Returns: undefined };
      "unreact": {
        Args: { "emoji": string; "message_id": number };
        Returns: {
          "attachments": NonNullable<Json>;
          "client_id": string | null;
          "content": string;
          "created_at": string;
          "deleted_at": string | null;
          "edited_at": string | null;
          "forwarded_content": string | null;
          "forwarded_from_id": number | null;
          "forwarded_sender_id": string | null;
          "forwarded_username": string | null;
          "id": number;
          "mentions": NonNullable<Json>;
          "mentions_all": boolean;
          "metadata": NonNullable<Json>;
          "reactions": NonNullable<Json>;
          "reactions_version": number | null;
          "reply_to_id": number | null;
          "room_id": number;
          "sender_id": string | null;
          "seq": number;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "unsuspend_user": { Args: { "user_id": string }; Returns: undefined };
      "update_room": {
        Args: {
          "avatar_url"?: string;
          "description"?: string;
          "inviting"?: Database["chat"]["Enums"]["who_may"];
          "is_public"?: boolean;
          "joining"?: Database["chat"]["Enums"]["way_to_join"];
          "locked"?: boolean;
          "locked_reason"?: string;
          "name"?: string;
          "pinning"?: Database["chat"]["Enums"]["who_may"];
          "posting"?: Database["chat"]["Enums"]["who_may"];
          "room_id": number;
          "slow_mode_seconds"?: number;
        };
        Returns: {
          "avatar_url": string | null;
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "description": string;
          "direct_key": string | null;
          "epoch": number;
          "id": number;
          "inviting": Database["chat"]["Enums"]["who_may"];
          "is_public": boolean;
          "joining": Database["chat"]["Enums"]["way_to_join"];
          "kind": Database["chat"]["Enums"]["room_kind"];
          "last_message_at": string | null;
          "last_message_id": number | null;
          "last_seq": number;
          "locked_at": string | null;
          "locked_reason": string | null;
          "member_count": number;
          "members_version": number;
          "name": string;
          "pinning": Database["chat"]["Enums"]["who_may"];
          "posting": Database["chat"]["Enums"]["who_may"];
          "slow_mode_seconds": number;
          "slug": string | null;
          "topic": string;
          "version": number;
        };
        SetofOptions: {
          from: "*";
          to: "rooms";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "username_available": { Args: { "username": string }; Returns: boolean };
      "version": { Args: Record<PropertyKey, never>; Returns: string };
      "warn_user": { Args: { "reason": string; "user_id": string }; Returns: undefined };
      "withdraw_invitation": { Args: { "room_id": number; "user_id": string }; Returns: undefined };
      "withdraw_join_request": { Args: { "room_id": number }; Returns: undefined };
      "word_rule_list": {
        Args: Record<PropertyKey, never>;
        Returns: Database["chat"]["CompositeTypes"]["word_rule"][];
        SetofOptions: {
          from: "*";
          to: "word_rule";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
    };
    Enums: {
      "deletion_mode": "keep" | "erase";
      "invitation_state": "pending" | "ignored";
      "member_role": "member" | "admin" | "owner";
      "moderation_action": "dismiss" | "delete" | "warn" | "mute" | "ban_from_room" | "suspend";
      "notice_kind": "message_deleted" | "warning" | "mute" | "room_ban" | "suspension" | "report_answered";
      "operator_role": "moderator" | "administrator";
      "report_kind": "message" | "user" | "room";
      "report_reason":
        | "spam"
        | "harassment"
        | "hate"
        | "violence"
        | "sexual"
        | "self_harm"
        | "illegal"
        | "other"
        | "word_rule";
      "report_state": "open" | "dismissed" | "resolved";
      "room_kind": "direct" | "group";
      "system_kind":
        | "created"
        | "joined"
        | "added"
        | "left"
        | "removed"
        | "renamed"
        | "picture"
        | "description"
        | "pinned"
        | "locked"
        | "unlocked"
        | "text";
      "way_to_join": "open" | "request";
      "who_finds": "everyone" | "contacts" | "nobody";
      "who_may": "everyone" | "admins";
      "who_reaches": "everyone" | "shared_rooms" | "friends" | "nobody";
    };
    CompositeTypes: {
      "bucket_use": {
        "bucket": string | null;
        "files": number | null;
        "bytes": number | null;
        "measured_at": string | null;
      };
      "connection_state": {
        "state": string | null;
        "connections": number | null;
        "longest_seconds": number | null;
        "max_connections": number | null;
      };
      "job": {
        "name": string | null;
        "runner": string | null;
        "schedule": string | null;
        "next_run_at": string | null;
        "last_run_at": string | null;
        "failed_at": string | null;
        "last_error": string | null;
        "is_failing": boolean | null;
        "is_late": boolean | null;
      };
      "moderated_member": {
        "user_id": string | null;
        "number": number | null;
        "username": string | null;
        "first_name": string | null;
        "last_name": string | null;
        "avatar_url": string | null;
        "role": Database["chat"]["Enums"]["member_role"] | null;
        "joined_at": string | null;
        "is_suspended": boolean | null;
        "is_muted": boolean | null;
      };
      "moderated_membership": {
        "id": number | null;
        "kind": Database["chat"]["Enums"]["room_kind"] | null;
        "name": string | null;
        "is_public": boolean | null;
        "avatar_url": string | null;
        "member_count": number | null;
        "message_count": number | null;
        "last_message_at": string | null;
        "locked_at": string | null;
        "usernames": (string)[] | null;
        "role": Database["chat"]["Enums"]["member_role"] | null;
        "joined_at": string | null;
      };
      "moderated_message": {
        "id": number | null;
        "seq": number | null;
        "sender_id": string | null;
        "username": string | null;
        "content": string | null;
        "attachments": Json | null;
        "forwarded_username": string | null;
        "forwarded_content": string | null;
        "reply_to_id": number | null;
        "created_at": string | null;
        "edited_at": string | null;
        "deleted_at": string | null;
      };
      "moderated_person": {
        "id": string | null;
        "number": number | null;
        "username": string | null;
        "first_name": string | null;
        "last_name": string | null;
        "avatar_url": string | null;
        "email": string | null;
        "created_at": string | null;
        "last_seen_at": string | null;
        "role": Database["chat"]["Enums"]["operator_role"] | null;
        "is_suspended": boolean | null;
        "suspended_until": string | null;
        "suspension_reason": string | null;
        "is_muted": boolean | null;
        "muted_until": string | null;
        "mute_reason": string | null;
        "open_reports": number | null;
        "room_count": number | null;
      };
      "moderated_room": {
        "id": number | null;
        "kind": Database["chat"]["Enums"]["room_kind"] | null;
        "name": string | null;
        "slug": string | null;
        "description": string | null;
        "is_public": boolean | null;
        "avatar_url": string | null;
        "created_at": string | null;
        "created_by": string | null;
        "member_count": number | null;
        "message_count": number | null;
        "last_message_at": string | null;
        "locked_at": string | null;
        "locked_reason": string | null;
        "usernames": (string)[] | null;
        "open_reports": number | null;
        "joining": Database["chat"]["Enums"]["way_to_join"] | null;
      };
      "moderation_count": {
        "open_reports": number | null;
        "suspended": number | null;
        "muted": number | null;
      };
      "operator": {
        "user_id": string | null;
        "username": string | null;
        "email": string | null;
        "role": Database["chat"]["Enums"]["operator_role"] | null;
        "since": string | null;
      };
      "rate_limit": {
        "action": string | null;
        "capacity": number | null;
        "per_second": number | null;
        "cost": number | null;
      };
      "retention": {
        "name": string | null;
        "age": string | null;
        "newest": number | null;
        "at_least": string | null;
        "at_most": string | null;
        "description": string | null;
      };
      "slow_statement": {
        "statement": string | null;
        "calls": number | null;
        "total_ms": number | null;
        "mean_ms": number | null;
        "max_ms": number | null;
        "rows": number | null;
      };
      "table_size": {
        "table_name": string | null;
        "bytes": number | null;
        "index_bytes": number | null;
        "row_estimate": number | null;
      };
      "word_rule": {
        "id": number | null;
        "pattern": string | null;
        "action": string | null;
        "created_at": string | null;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "chat">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "chat": {
    Enums: {
      "deletion_mode": ["keep", "erase"],
      "invitation_state": ["pending", "ignored"],
      "member_role": ["member", "admin", "owner"],
      "moderation_action": ["dismiss", "delete", "warn", "mute", "ban_from_room", "suspend"],
      "notice_kind": ["message_deleted", "warning", "mute", "room_ban", "suspension", "report_answered"],
      "operator_role": ["moderator", "administrator"],
      "report_kind": ["message", "user", "room"],
      "report_reason": [
        "spam",
        "harassment",
        "hate",
        "violence",
        "sexual",
        "self_harm",
        "illegal",
        "other",
        "word_rule",
      ],
      "report_state": ["open", "dismissed", "resolved"],
      "room_kind": ["direct", "group"],
      "system_kind": [
        "created",
        "joined",
        "added",
        "left",
        "removed",
        "renamed",
        "picture",
        "description",
        "pinned",
        "locked",
        "unlocked",
        "text",
      ],
      "way_to_join": ["open", "request"],
      "who_finds": ["everyone", "contacts", "nobody"],
      "who_may": ["everyone", "admins"],
      "who_reaches": ["everyone", "shared_rooms", "friends", "nobody"],
    },
  },
} as const;
