import { DatabaseError, type DatabaseErrorKind } from "./pool.ts";
import { TokenError, type TokenErrorKind } from "./tokens.ts";

/** The reason why a channel cannot be joined, sent in the `phx_reply`. */
export class JoinRefusal extends Error {
  constructor(readonly reason: string, readonly mustDisconnect = false) {
    super(reason);
  }
}

/** An error response of the HTTP API. */
export function httpError(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

export function unreadable(topic: string): string {
  return `You do not have permissions to read from this Channel topic: ${topic}`;
}

const TOKEN_CODES: Partial<Record<TokenErrorKind, string>> = {
  expired: "InvalidJWTToken",
  missing_claims: "InvalidJWTToken",
  malformed: "MalformedJWT",
  signature: "JwtSignatureError",
  signer: "JwtSignerError",
};

const DATABASE_REASONS: Record<DatabaseErrorKind, (error: DatabaseError) => string> = {
  busy: () => "IncreaseConnectionPool: Please increase your connection pool size",
  away: () => "UnableToConnectToProject: Realtime was unable to connect to the project database",
  canceled: ({ message }) => `QueryCanceled: ${message}`,
  no_partition: () => "MissingPartition: Realtime was unable to find the expected messages partition",
  refused: () => "",
};

/** The reason that the client receives for an error. */
export function refusalOf(error: unknown, topic = ""): JoinRefusal {
  if (error instanceof JoinRefusal) return error;
  if (error instanceof TokenError && TOKEN_CODES[error.kind]) {
    return new JoinRefusal(`${TOKEN_CODES[error.kind]}: ${error.message}`);
  }
  if (error instanceof DatabaseError) {
    return new JoinRefusal(DATABASE_REASONS[error.kind](error) || `Unauthorized: ${unreadable(topic)}`);
  }
  if (!(error instanceof TokenError)) console.error(error);
  return new JoinRefusal("Unknown Error on Channel");
}
