import postgres from "postgres";

/** What Storage answers when it refuses: `code`, `error` and `statusCode` are in the body, `httpStatus` is the response's. */
export class StorageError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly error: string = code,
    /** The platform answers most errors with 400 and gives the real status in the body. */
    readonly httpStatus: number = status === 500 ? 500 : 400,
  ) {
    super(message);
  }

  response(): Response {
    const { status, code, error, message } = this;
    return Response.json({ statusCode: String(status), error, message, code }, { status: this.httpStatus });
  }
}

export const noSuchBucket = () => new StorageError(404, "NoSuchBucket", "Bucket not found", "Bucket not found");
export const noSuchKey = () => new StorageError(404, "NoSuchKey", "Object not found", "not_found");
export const noSuchFile = () => new StorageError(404, "NoSuchKey", "The resource was not found", "Not found");
export const bucketNotEmpty = () =>
  new StorageError(409, "ResourceNotEmpty", "The bucket you tried to delete is not empty");
export const invalidRequest = (message: string) => new StorageError(400, "InvalidRequest", message);
export const invalidJwt = (message: string) => new StorageError(400, "InvalidJWT", message);
export const invalidSignature = (message = "Invalid signature") => new StorageError(400, "InvalidSignature", message);
export const invalidKey = (key: string) => new StorageError(400, "InvalidKey", `Invalid key: ${key}`);
export const invalidBucketName = () =>
  new StorageError(400, "InvalidBucketName", "Bucket name invalid", "Invalid Input");
export const invalidMimeType = (type: string) =>
  new StorageError(415, "InvalidMimeType", `mime type ${type} is not supported`, "invalid_mime_type");
export const invalidRange = () => new StorageError(416, "InvalidRange", "invalid range provided", "invalid_range", 416);
export const accessDenied = (message = "Access denied") =>
  new StorageError(403, "AccessDenied", message, "Unauthorized");
export const alreadyExists = (code: "ResourceAlreadyExists" | "KeyAlreadyExists" | "BucketAlreadyExists") =>
  new StorageError(409, code, "The resource already exists", "Duplicate");
export const tooLarge = (what = "object") =>
  new StorageError(413, "EntityTooLarge", `The ${what} exceeded the maximum allowed size`, "Payload too large");
export const lockTimeout = () =>
  new StorageError(503, "LockTimeout", "acquiring lock timeout", "acquiring_lock_timeout");
export const notEnabled = (feature: string) =>
  new StorageError(409, "FeatureNotEnabled", `The feature ${feature} is not enabled for this resource`);
export const diskFull = () =>
  new StorageError(507, "InternalError", "The disk is full: the object was not stored", "Insufficient Storage", 507);
export const internal = () => new StorageError(500, "InternalError", "Internal Server Error", "Internal");

/** The refusal that an error stands for; undefined when no statement raised it. */
export function ofDatabase(error: unknown): StorageError | undefined {
  if (!(error instanceof postgres.PostgresError)) return undefined;
  const { code, message, detail } = error;
  switch (code) {
    case "42501":
      return accessDenied(
        message.includes("row-level security") ? "new row violates row-level security policy" : message,
      );
    case "23505":
      return alreadyExists("ResourceAlreadyExists");
    case "23503":
      return detail?.includes("is still referenced from table")
        ? new StorageError(
          409,
          "ResourceReferenced",
          "The resource could not be updated or removed due to a foreign key constraint",
        )
        : new StorageError(404, "InvalidRequest", "The related resource does not exist");
    case "55P03":
      return new StorageError(423, "ResourceLocked", "The resource is locked");
    case "57014":
      return new StorageError(544, "DatabaseTimeout", "The connection to the database timed out", undefined, 544);
    case "22P02":
      return new StorageError(400, "InvalidParameter", message);
    case "42P17":
      return new StorageError(
        503,
        "DatabaseInvalidObjectDefinition",
        "The database schema is invalid or incompatible.",
      );
    default:
      return new StorageError(500, "DatabaseError", `database error, code: ${code}`);
  }
}
