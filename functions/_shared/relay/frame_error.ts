import { ZodError } from "zod";
import type { ErrorName, SocketErrorName } from "../../../client/sdk/src/contract/errors.ts";
import { ApiError } from "../base/errors.ts";
import { type FieldNames, limitOf, translate } from "../db/database_errors.ts";
import { fieldErrors } from "../http/validation.ts";

/** Refuses a frame; the socket stays open. */
export class FrameError extends Error {
  constructor(readonly code: ErrorName | SocketErrorName, readonly detail: string) {
    super(`${code}: ${detail}`);
  }
}

/** What went wrong with a frame of a client. */
export interface FrameRefusal {
  code: string;
  detail: string;
  /** The seconds after which a frame that met a limit may be sent again. */
  retry_after?: number;
  /** That of the frame, so that its sender knows which of many was refused; left out where the frame has none. */
  client_id?: string;
}

/** The error frame for what went wrong with a frame of a client. */
export const errorFrame = (refusal: FrameRefusal): object => ({ type: "error", ...refusal });

/** @param frame what came: an object, or the text of a frame that was not parsed. */
export function refusalOf(error: unknown, frame: unknown, fields: FieldNames): FrameRefusal {
  const { code, detail } = explain(error, frame, fields);
  const retry_after = limitOf(error)?.seconds;
  const client_id = clientIdOf(frame);
  return {
    code,
    detail,
    ...(retry_after !== undefined && { retry_after }),
    ...(client_id !== undefined && { client_id }),
  };
}

const MAX_CLIENT_ID = 100;

function clientIdOf(frame: unknown): string | undefined {
  const id = typeof frame === "string"
    // Within a text of the frame, its quotes would be escaped.
    ? /"client_id"\s*:\s*"([^"\\]{1,100})"/.exec(frame)?.[1]
    : (frame as { client_id?: unknown } | null | undefined)?.client_id;
  return typeof id === "string" && id.length <= MAX_CLIENT_ID ? id : undefined;
}

function explain(error: unknown, frame: unknown, fields: FieldNames): { code: string; detail: string } {
  if (error instanceof FrameError) return error;
  if (error instanceof ZodError) return { code: "invalid", detail: sentence(fieldErrors(error, frame)) };
  const raised = error as { code?: unknown; message: string; detail?: string };
  if (typeof raised.code === "string" && raised.code.startsWith("PT")) {
    return { code: raised.message, detail: raised.detail ?? raised.message };
  }
  const refusal = error instanceof ApiError ? error : translate(error, fields);
  if (!refusal) {
    console.error("a frame failed:", error);
    return { code: "internal_error", detail: "Internal server error." };
  }
  const { detail, code } = refusal.body as { detail?: string; code?: string };
  if (refusal.status === 503) return { code: "unavailable", detail: detail! };
  return { code: code ?? "invalid", detail: detail ?? sentence(refusal.body as Record<string, string[]>) };
}

/** `text: This field is required.` */
const sentence = (errors: Record<string, string[]>) =>
  Object.entries(errors).map(([field, texts]) => `${field}: ${texts.join(" ")}`).join(" ");
