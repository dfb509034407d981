/** The longest side of a picture that is sent, in pixels: more than a screen shows. */
const LONGEST_PX = 2560;
/** The side of a picture of a person. */
const FACE_PX = 512;
const QUALITY = 0.88;

/** A picture drawn by a canvas, which leaves out where it was taken. */
export interface Drawn {
  body: Blob;
  width: number;
  height: number;
}

/**
 * Returns a picture that is not larger than a screen, without what the camera wrote into the file.
 * @throws Error if the browser cannot read it
 */
export async function shrunk(picture: Blob): Promise<Drawn> {
  const image = await createImageBitmap(picture);
  const scale = Math.min(1, LONGEST_PX / Math.max(image.width, image.height));
  const size = (side: number) => Math.max(1, Math.round(side * scale));
  return await drawn(image, picture.type, [0, 0, image.width, image.height], size(image.width), size(image.height));
}

/** The part of a picture that is shown of a person: how far it is moved from the middle, and how much it is enlarged. */
export interface Cut {
  /** -1 to 1 */
  x: number;
  y: number;
  /** 1 or more */
  zoom: number;
}

/**
 * Cuts a square out of a picture.
 * @throws Error if the browser cannot read it
 */
export async function square(picture: Blob, { x, y, zoom }: Cut): Promise<Blob> {
  const image = await createImageBitmap(picture);
  const side = Math.min(image.width, image.height) / zoom;
  const place = (length: number, shift: number) => (length - side) / 2 * (1 + shift);
  const area: Area = [place(image.width, x), place(image.height, y), side, side];
  return (await drawn(image, picture.type, area, FACE_PX, FACE_PX)).body;
}

type Area = [x: number, y: number, width: number, height: number];

async function drawn(image: ImageBitmap, type: string, area: Area, width: number, height: number): Promise<Drawn> {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, ...area, 0, 0, width, height);
  image.close();
  // A photograph has no transparent parts. Where WebP cannot be written, the browser writes PNG.
  const wanted = type === "image/jpeg" ? type : "image/webp";
  const body = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, wanted, QUALITY));
  if (!body) throw new Error("The picture is too large for this browser.");
  return { body, width, height };
}
