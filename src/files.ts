import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CompileError, Report } from "./diagnostics/report.js";

/** The most bytes a weights file may have. */
export const maxFileBytes = 2 ** 31 - 1;

/** The nearest folder with a package.json, else the folder itself. */
export function projectRoot(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}

/**
 * Reads regular files. With a root, what lies elsewhere once symbolic links are followed is reported
 * and not read; without one the caller may read anything. Undefined when there is no such file.
 */
export class FileReader {
  constructor(
    private readonly report: Report,
    private readonly root?: string,
  ) {}

  /** A whole file; reported when it is larger than `limit`. */
  read(path: string, limit: number = maxFileBytes): Uint8Array | undefined {
    return this.#open(path, (file, size) => {
      if (size <= limit) return readStart(file, size);
      this.report.add("file-too-large", { file: path, bytes: size, limit });
      return undefined;
    });
  }

  /** The first bytes of a file, cut in front of the character that the limit falls into. */
  readText(path: string, limit: number): Uint8Array | undefined {
    return this.#open(path, (file, size) => {
      const bytes = readStart(file, Math.min(size, limit));
      let end = bytes.length;
      while (end < size && end > 0 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
      return end < size ? bytes.subarray(0, Math.max(0, end - 1)) : bytes;
    });
  }

  #open(
    path: string,
    use: (file: number, size: number) => Uint8Array | undefined,
  ): Uint8Array | undefined {
    if (!this.#isInside(path)) return undefined;
    let file: number | undefined;
    try {
      file = openSync(path, "r");
      const stat = fstatSync(file);
      if (stat.isFile()) return use(file, stat.size);
      this.report.add("file-unreadable", { file: path, problem: "it is not a regular file" });
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      this.report.add("file-unreadable", { file: path, problem: reasonOf(error) });
    } finally {
      if (file !== undefined) closeSync(file);
    }
    return undefined;
  }

  #isInside(path: string): boolean {
    if (this.root === undefined) return true;
    try {
      const inside = relative(realpathSync(this.root), realpathSync(path));
      if (inside !== ".." && !inside.startsWith(`..${sep}`) && resolve(inside) !== inside)
        return true;
    } catch {
      return true;
    }
    this.report.add("file-outside-root", { path, root: this.root });
    return false;
  }
}

function readStart(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(file, bytes, filled, Math.min(size - filled, 1 << 26), filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

/** Why the system refused, in words where there are some. */
export function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is no folder",
    ENOSPC: "no space left",
    EROFS: "the file system is read-only",
    EEXIST: "a file of that name is there already",
  };
  const code = codeOf(error);
  const known = typeof code === "string" ? reasons[code] : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}

/** Temporary files that are being written. */
const unfinished = new Set<string>();

/** Removes the temporary files of writes that will not go on: the program was interrupted. */
export function removeUnfinished(): void {
  for (const file of unfinished) rmSync(file, { force: true });
  unfinished.clear();
}

/**
 * Writes files to a folder, which is made where it is missing: all under temporary names first, then
 * renamed, so that a failure leaves nothing half-written. Gives the paths; throws a CompileError.
 */
export async function writeAll(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string[]> {
  const mark = randomBytes(6).toString("hex");
  const moves = [...files].map(([name, bytes], i) => ({
    bytes,
    to: join(folder, name),
    from: join(folder, `.${mark}.${i}.tmp`),
  }));
  try {
    await makeFolder(folder);
    for (const { to } of moves) checkTarget(to);
    for (const { from } of moves) unfinished.add(from);
    await Promise.all(moves.map(({ from, bytes }) => writeFile(from, bytes)));
    for (const { from, to } of moves) await rename(from, to);
  } catch (error) {
    const report = new Report();
    report.add("folder-unwritable", { folder, problem: reasonOf(error) });
    throw new CompileError(report.diagnostics);
  } finally {
    const left = moves.filter(({ from }) => unfinished.delete(from));
    await Promise.all(left.map(({ from }) => rm(from, { force: true })));
  }
  return moves.map(({ to }) => to);
}

/** Makes a folder and those above it. Node's own way tries for ever where a system says no such file. */
async function makeFolder(folder: string): Promise<void> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(folder);
  if (above !== folder) await makeFolder(above);
  await mkdir(folder).catch((error: unknown) => {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  });
}

/** Throws where a file cannot take the place: renaming would fail half-way. */
function checkTarget(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${path} is a folder`);
  }
}

/** A text as the name of a file on every system: no separators, no devices, neither empty nor hidden. */
export function safeFileName(text: string): string {
  const safe = [...text]
    .map((character) => (/[\p{C}/\\:*?"<>|]/u.test(character) ? "_" : character))
    .join("")
    .replace(/^[.\s]+|[.\s]+$/g, "_")
    .slice(0, 60);
  return safe === "" || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe) ? `_${safe}` : safe;
}
