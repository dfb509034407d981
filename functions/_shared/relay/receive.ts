import type { z } from "zod";
import type { Connection } from "./connection.ts";
import { FrameError } from "./frame_error.ts";
import type { Protocol } from "./protocol.ts";

/** What handles the frames of each type. */
type Handlers<Schemas extends Record<string, z.ZodType>> = {
  [Type in keyof Schemas]: (frame: z.infer<Schemas[Type]>, connection: Connection) => void | Promise<void>;
};

/**
 * Receives frames that name their `type`: validates each with the schema of its type, and passes it to the handler.
 * @throws FrameError `unknown_type`, ZodError, or what the handler throws.
 */
export function receiveByType<Schemas extends Record<string, z.ZodType>>(
  schemas: Schemas,
  handlers: Handlers<Schemas>,
): Protocol["receive"] {
  return async (frame, connection) => {
    const { type } = frame;
    if (typeof type !== "string" || !Object.hasOwn(schemas, type)) {
      throw new FrameError("unknown_type", `A type is one of ${Object.keys(schemas).join(", ")}.`);
    }
    await handlers[type]!(schemas[type]!.parse(frame) as z.infer<Schemas[string]>, connection);
  };
}
