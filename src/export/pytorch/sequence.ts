import type { Arranged, Item } from "./arrange.js";
import type { Construct } from "./form.js";
import { freeName, isAttribute, isChildName } from "./python.js";
import { lastOf } from "./tree.js";

/** The module that an item calls, and its name where it has tensors. */
function called(item: Item, known: ReadonlyMap<string, Construct>) {
  const path = item.scope ?? item.step?.module;
  const module = item.step?.form.module;
  if (module?.before || module?.after) return undefined;
  if (path !== undefined) {
    const construct = known.get(path);
    return construct && { path, construct };
  }
  const isPlain = module && item.step?.form.owned === undefined;
  return isPlain ? { path: undefined, construct: module.construct } : undefined;
}

/** Whether each item reads nothing but the result of the one before. */
function isChain({ items, reads, results }: Arranged): boolean {
  let [running] = reads;
  if (reads.length !== 1 || results.length !== 1 || items.length === 0) return false;
  for (const item of items) {
    if (item.reads.length !== 1 || item.reads[0] !== running) return false;
    if (item.results.length !== 1) return false;
    [running] = item.results;
  }
  return running === results[0];
}

/**
 * `nn.Sequential` for a module that is a chain of modules, where their names are positions or no names
 * that `self.NAME` could have. The rest reads better as a class.
 */
export function sequenceOf(
  arranged: Arranged,
  children: readonly string[],
  known: ReadonlyMap<string, Construct>,
): Construct | undefined {
  if (!isChain(arranged)) return undefined;
  const modules = arranged.items.map((item) => called(item, known));
  const paths = modules.flatMap((module) => module?.path ?? []);
  const isWhole =
    paths.length === children.length && children.every((path) => paths.includes(path));
  const names = new Set(children.map(lastOf));
  if (!isWhole || names.size !== paths.length || [...names].every(isAttribute)) return undefined;
  if (![...names].every(isChildName)) return undefined;
  const items: { name: string; construct: Construct }[] = [];
  for (const [position, module] of modules.entries()) {
    if (!module) return undefined;
    const op = arranged.items[position]?.step?.node.op ?? "stage";
    const own = module.path === undefined ? undefined : lastOf(module.path);
    const name = own ?? freeName(`${op.toLowerCase()}_`, (wish) => names.has(wish));
    names.add(name);
    items.push({ name, construct: module.construct });
  }
  const isAligned = modules.every(
    (module, position) => module?.path === undefined || lastOf(module.path) === String(position),
  );
  return { kind: "sequence", isNamed: !isAligned, items };
}
