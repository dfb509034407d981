import { z } from "zod";
import { invalidRequest, tooLarge } from "./errors.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Reads a JSON body; an empty one is an empty object.
 * @throws StorageError that names what is wrong.
 */
export async function jsonBody<T>({ body }: Request, schema: z.ZodType<T>): Promise<T> {
  const text = body ? await textOf(body) : "";
  return checked(parsed(text), schema, "body");
}

/**
 * Checks what a request says.
 * @param where the part of the request, for the message.
 * @throws StorageError that names what is wrong.
 */
export function checked<T>(value: unknown, schema: z.ZodType<T>, where: "body" | "querystring"): T {
  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  if (success) return data;
  const { path, message, input } = error.issues[0]!;
  throw invalidRequest(
    input === undefined && path.length === 1
      ? `${where} must have required property '${String(path[0])}'`
      : `${[where, ...path].join("/")} ${message}`,
  );
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw tooLarge("body");
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest("Body is not valid JSON but content-type is set to 'application/json'");
  }
}
