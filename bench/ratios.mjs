// The committed ratios: what a run is held to. `ratios.json` has for each network and number of threads our time by
// that of each engine, and how much worse a run may be before it has slipped.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.join(import.meta.dirname, "ratios.json");
const readFile = () => JSON.parse(readFileSync(file, "utf8"));

const percent = (x) => `${(100 * x).toFixed(0)} %`;

/** What slipped, a line each, and how many ratios were compared. */
export function checkRatios(rows) {
  const { tolerance, ratios } = readFile();
  const slipped = [];
  let compared = 0;
  for (const { name, title, threads, figures } of rows) {
    for (const [engine, wanted] of Object.entries(ratios[name]?.[threads] ?? {})) {
      compared++;
      const where = `${title}, ${threads} thread${threads > 1 ? "s" : ""}, by ${engine}`;
      const { ratio } = figures[engine] ?? {};
      if (ratio === undefined) slipped.push(`${where}: ${wanted} is committed, none was measured`);
      else if (ratio > wanted * (1 + tolerance)) {
        const worse = percent(ratio / wanted - 1);
        slipped.push(`${where}: ${ratio.toFixed(3)}, ${worse} above the committed ${wanted}`);
      }
    }
  }
  return { slipped, compared, tolerance: percent(tolerance) };
}

const roundedRatios = (figures) =>
  Object.fromEntries(
    Object.entries(figures)
      .filter(([, { ratio }]) => ratio !== undefined)
      .map(([engine, { ratio }]) => [engine, Number(ratio.toFixed(3))]),
  );

/** Writes the ratios of a run over those of the same networks. */
export function acceptRatios(rows) {
  const { tolerance, ratios } = readFile();
  for (const { name, threads, figures } of rows) {
    const measured = roundedRatios(figures);
    if (Object.keys(measured).length > 0) ratios[name] = { ...ratios[name], [threads]: measured };
  }
  writeFileSync(file, `${JSON.stringify({ tolerance, ratios }, null, 2)}\n`);
}
