import { GIF } from "image-size/types/gif";
import { JPG } from "image-size/types/jpg";
import { PNG } from "image-size/types/png";
import { WEBP } from "image-size/types/webp";

/** How much of a picture is read: in a JPEG, the size comes after the notes of the camera, which may hold a small picture. */
export const HEAD_BYTES = 524_288;

/** Of AVIF and HEIC the library does not know how they are turned, and SVG is never shown as a picture. */
const FORMATS = [PNG, GIF, WEBP, JPG];
/** The orientations of Exif from 5 to 8 swap the width and the height. */
const FIRST_SWAPPED = 5;
const LAST_SWAPPED = 8;

interface Size {
  width: number;
  height: number;
}

/** The size of a PNG, GIF, WebP or JPEG as it is shown, by its first bytes; undefined when they do not say it. */
export function pictureSize(head: Uint8Array): Size | undefined {
  // A copy: of a part of a larger buffer, the library would read past the end.
  const bytes = new Uint8Array(head);
  try {
    const size = FORMATS.find((format) => format.validate(bytes))?.calculate(bytes);
    if (!size) return;
    const { width, height, orientation = 1 } = size;
    const isSwapped = orientation >= FIRST_SWAPPED && orientation <= LAST_SWAPPED;
    return isSwapped ? { width: height, height: width } : { width, height };
  } catch {
    // It is shorter than it should be.
  }
}
