import { Mime } from "mime";
import otherTypes from "mime/types/other.js";
import standardTypes from "mime/types/standard.js";

const TYPES = new Mime(standardTypes, otherTypes);
// Types that browsers show, where the registry has others for these endings; and one that it has no type for.
TYPES.define(
  { "audio/flac": ["flac"], "image/jpeg": ["jfif"], "video/mp4": ["m4v"], "application/gzip": ["tgz"] },
  true,
);

/** As the column has it. */
const TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const MAX_LENGTH = 127;
const UNKNOWN = "application/octet-stream";

/** The media type of a file: what the export says, or what the ending of its name stands for. */
export function mediaType(said: string | null | undefined, name: string): string {
  const [type = ""] = (said ?? "").toLowerCase().split(";").map((part) => part.trim());
  if (TYPE.test(type) && type.length <= MAX_LENGTH && type !== UNKNOWN) return type;
  // A name without a dot would be taken for an ending.
  return TYPES.getType(`./${name}`) ?? UNKNOWN;
}
