import { invalidBucketName, invalidKey, invalidMimeType, invalidRequest } from "./errors.ts";

/** The characters that need no special care in S3, which the platform stores in. */
const OBJECT_KEY = /^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$/;
const BUCKET_NAME = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]{1,100}$/;
const MIME_TYPE = /^([a-zA-Z0-9\-+.]+)\/([a-zA-Z0-9\-+.]+)(;\s*charset=[a-zA-Z0-9-]+)?$|\*$/;
const MAX_MIME_TYPE_LENGTH = 1000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const UNITS: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** @throws StorageError */
export function requireKey(key: string): void {
  if (!OBJECT_KEY.test(key)) throw invalidKey(key);
}

/** @throws StorageError */
export function requireBucketName(name: string): void {
  if (!BUCKET_NAME.test(name)) throw invalidBucketName();
}

/** @throws StorageError when a bucket cannot be limited to those types. */
export function requireMimeTypes(types: string[]): void {
  const wrong = types.find((type) => type.length > MAX_MIME_TYPE_LENGTH || !MIME_TYPE.test(type));
  if (wrong !== undefined) throw invalidMimeType(wrong);
}

/** @throws StorageError when the bucket does not take that type. */
export function requireAllowedType(type: string, allowed: string[] | null): void {
  if (!allowed || allowed.length === 0) return;
  const [group, kind] = type.split("/");
  const isAllowed = kind !== undefined && allowed.some((one) => {
    const [otherGroup, otherKind] = one.split("/");
    return otherGroup === group && (otherKind === "*" || otherKind === kind);
  });
  if (!isAllowed) throw invalidMimeType(type);
}

/**
 * The bytes of a size such as `20MB`.
 * @throws StorageError
 */
export function bytesOf(size: string | number): number {
  if (typeof size === "number") return size;
  const [, value, unit] = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)$/i.exec(size) ?? [];
  if (!value || !unit) throw invalidRequest("Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B");
  return Number(parseFloat(value).toPrecision(3)) * UNITS[unit.toLowerCase()]!;
}

/** The deprecated column `owner` holds only UUIDs. */
export const uuidOrNull = (text: string | undefined) => text !== undefined && UUID.test(text) ? text : null;

/** A folder that Studio creates is an empty object of this name. */
export const isEmptyFolder = (key: string) => key.endsWith(".emptyFolderPlaceholder");
