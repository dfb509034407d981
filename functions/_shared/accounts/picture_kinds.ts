/** The most bytes of a person's picture. */
export const MAX_PICTURE_BYTES = 2 * 1024 * 1024;

/** A kind of picture that the bucket `avatars` takes. */
interface PictureKind {
  /** The media type. */
  type: string;
  /** What the names of its files end in. */
  ending: string;
}

/** How files of each kind begin: what a name or a client says of a file is not believed. */
const KINDS: (PictureKind & { begins: RegExp })[] = [
  { type: "image/png", ending: "png", begins: /^\x89PNG\r\n.\n/ },
  { type: "image/jpeg", ending: "jpg", begins: /^\xff\xd8\xff/ },
  { type: "image/gif", ending: "gif", begins: /^GIF8[79]a/ },
  { type: "image/webp", ending: "webp", begins: /^RIFF[^]{4}WEBP/ },
];

/** The kind of a picture by how its file begins; undefined for other files. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return KINDS.find(({ begins }) => begins.test(start));
}
