const TYPES: Record<string, string> = {
  "application/gzip": "gz tgz",
  "application/json": "json",
  "application/msword": "doc",
  "application/pdf": "pdf",
  "application/rtf": "rtf",
  "application/vnd.android.package-archive": "apk",
  "application/vnd.ms-excel": "xls",
  "application/vnd.ms-powerpoint": "ppt",
  "application/vnd.oasis.opendocument.presentation": "odp",
  "application/vnd.oasis.opendocument.spreadsheet": "ods",
  "application/vnd.oasis.opendocument.text": "odt",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/x-7z-compressed": "7z",
  "application/x-tar": "tar",
  "application/zip": "zip",
  "audio/aac": "aac",
  "audio/flac": "flac",
  "audio/mp4": "m4a",
  "audio/mpeg": "mp3",
  "audio/ogg": "ogg oga opus",
  "audio/wav": "wav",
  "audio/webm": "weba",
  "image/avif": "avif",
  "image/bmp": "bmp",
  "image/gif": "gif",
  "image/heic": "heic",
  "image/heif": "heif",
  "image/jpeg": "jpg jpeg jfif",
  "image/png": "png",
  "image/svg+xml": "svg",
  "image/tiff": "tif tiff",
  "image/webp": "webp",
  "text/calendar": "ics",
  "text/css": "css",
  "text/csv": "csv",
  "text/html": "html htm",
  "text/markdown": "md",
  "text/plain": "txt log",
  "text/vcard": "vcf",
  "text/xml": "xml",
  "video/3gpp": "3gp",
  "video/mp4": "mp4 m4v",
  "video/mpeg": "mpg mpeg",
  "video/quicktime": "mov",
  "video/webm": "webm",
  "video/x-matroska": "mkv",
  "video/x-msvideo": "avi",
};

const BY_ENDING = new Map(
  Object.entries(TYPES).flatMap(([type, endings]) => endings.split(" ").map((ending) => [ending, type])),
);
/** As the column has it. */
const TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const UNKNOWN = "application/octet-stream";

/** The media type of a file: what the export says, or what the ending of its name stands for. */
export function mediaType(said: string | null | undefined, name: string): string {
  const [type = ""] = (said ?? "").toLowerCase().split(";").map((part) => part.trim());
  if (TYPE.test(type) && type.length <= 127 && type !== UNKNOWN) return type;
  return BY_ENDING.get(/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "") ?? UNKNOWN;
}
