import { noise } from "../support/noise.js";

/** Letters as rows of five pixels. */
const letters: Readonly<Record<string, readonly string[]>> = {
  C: [" ### ", "#   #", "#    ", "#    ", "#    ", "#   #", " ### "],
  O: [" ### ", "#   #", "#   #", "#   #", "#   #", "#   #", " ### "],
  D: ["#### ", "#   #", "#   #", "#   #", "#   #", "#   #", "#### "],
  E: ["#####", "#    ", "#    ", "#### ", "#    ", "#    ", "#####"],
  "2": [" ### ", "#   #", "    #", "   # ", "  #  ", " #   ", "#####"],
  "7": ["#####", "    #", "   # ", "  #  ", "  #  ", " #   ", " #   "],
};

/**
 * A word in dark letters on a light page with some grain, as `[1, 3, height, width]`: white is `to`, black
 * is `from`. A letter's pixels are `scale` wide and high, and the word stands in the middle.
 */
export function writing(
  word: string,
  scale: number,
  [height, width]: readonly [number, number],
  [from, to]: readonly [number, number],
): Float32Array {
  const grain = noise(3 * height * width, 7, 0, 0.08);
  const [top, left] = [(height - 7 * scale) / 2, (width - (6 * word.length - 1) * scale) / 2];
  return grain.map((rough, at) => {
    const [y, x] = [Math.floor(at / width) % height, at % width];
    const [row, column] = [Math.floor((y - top) / scale), Math.floor((x - left) / scale)];
    const letter = letters[word[Math.floor(column / 6)] ?? ""];
    const isInk = letter?.[row]?.[((column % 6) + 6) % 6] === "#";
    return from + (to - from) * ((isInk ? 0.08 : 0.88) + rough);
  });
}
