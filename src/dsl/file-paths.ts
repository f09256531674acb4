/** Paths as text, with `/` between their parts; nothing here touches a disk. */

const isAbsolute = (path: string): boolean => /^(\/|[A-Za-z]:\/)/.test(path);

/** A path without `.`, `..` where they can be resolved, and doubled slashes. */
export function normalise(path: string): string {
  const slashed = path.replaceAll("\\", "/");
  const [drive = ""] = /^[A-Za-z]:/.exec(slashed) ?? [];
  const root = slashed.slice(drive.length).startsWith("/") ? `${drive}/` : drive;
  const parts: string[] = [];
  for (const part of slashed.slice(root.length).split("/")) {
    if (part === "" || part === ".") continue;
    const last = parts[parts.length - 1];
    if (part !== ".." || ((last === undefined || last === "..") && root === "")) parts.push(part);
    else if (last !== undefined) parts.pop();
  }
  return root + parts.join("/") || ".";
}

export function folderOf(path: string): string {
  const normal = normalise(path);
  const slash = normal.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : normal.slice(0, slash);
}

/** A path named in a file of `folder`. */
export function resolvePath(folder: string, path: string): string {
  const slashed = path.replaceAll("\\", "/");
  return isAbsolute(slashed) ? normalise(slashed) : normalise(`${folder}/${slashed}`);
}

/** Whether a path stays under a folder. */
export function isUnder(root: string, path: string): boolean {
  const [top, inner] = [normalise(root), normalise(path)];
  if (top === ".") return !isAbsolute(inner) && inner !== ".." && !inner.startsWith("../");
  return inner === top || inner.startsWith(top.endsWith("/") ? top : `${top}/`);
}
