import { ZodError } from "zod";
import { type FieldNames, translate } from "../database-errors.ts";
import { ApiError } from "../errors.ts";
import { fieldErrors } from "../validation.ts";

/** Refuses a frame; the socket stays open. */
export class FrameError extends Error {
  constructor(readonly code: string, readonly detail: string) {
    super(`${code}: ${detail}`);
  }
}

/** The error frame for what went wrong with a frame of a client. */
export function errorFrame(error: unknown, frame: unknown, fields: FieldNames): object {
  const { code, detail } = explain(error, frame, fields);
  return { type: "error", code, detail };
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
