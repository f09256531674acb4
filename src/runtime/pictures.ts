import { printShape } from "./arrays.js";
import type { InputDescription } from "./description.js";
import { pictureWriter } from "./picture.js";

/** Writes a picture, or a list of one picture per image of the batch; false for all else. */
export function picturesOf(
  description: InputDescription,
  view: Float32Array | Uint8Array,
): ((value: unknown) => boolean) | undefined {
  const { picture: settings, shape, name } = description;
  if (!settings) return undefined;
  const [images = 1] = shape;
  const write = pictureWriter(description, settings, view);
  return (value) => {
    if (Array.isArray(value) && value.length > 0 && value.every(isPictureLike)) {
      if (value.length !== images) {
        const wanted = `expected ${printShape(shape)}, ${images} picture(s)`;
        throw new TypeError(`input ${JSON.stringify(name)}: ${wanted}, got ${value.length}`);
      }
      for (let i = 0; i < images; i++) write(value[i], i * (view.length / images));
      return true;
    }
    if (images !== 1 || !isPictureLike(value)) return false;
    write(value, 0);
    return true;
  };
}

const isPictureLike = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && "data" in value;
