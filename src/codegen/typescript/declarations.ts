import type { Expr, LoopFunction, Stmt } from "../loops/types.js";
import { blocksOf, eachExpression, expressionsOf } from "../loops/walk.js";

/** How the statement that declares a local does it. */
export interface Declaration {
  readonly name: string;
  readonly keyword: "const" | "let";
}

/** Where locals are declared: with a statement that sets them, or in front of one. */
export interface Declarations {
  /** `set` statements that declare their local. */
  readonly at: ReadonlyMap<Stmt, Declaration>;
  /** Locals declared as `let name = 0` in front of a statement: a nested block sets them first. */
  readonly before: ReadonlyMap<Stmt, readonly string[]>;
}

type Block = readonly Stmt[];
/** The way from the body of the function to a statement: every step a block and the statement in it. */
type Path = readonly { readonly block: Block; readonly statement: Stmt }[];

interface Use {
  readonly path: Path;
  readonly sets: boolean;
  readonly reads: boolean;
}

/** Every mention of every local, in the order of the text; loop counters belong to their loops. */
class Uses {
  readonly byName = new Map<string, Use[]>();

  block(block: Block, above: Path, counters: ReadonlySet<string>): void {
    for (const statement of block) {
      const path = [...above, { block, statement }];
      for (const expr of expressionsOf(statement)) this.#reads(expr, path, counters);
      if (statement.kind === "set") this.#add(statement.local.name, path, counters, true);
      const inner =
        statement.kind === "for" ? new Set(counters).add(statement.local.name) : counters;
      for (const nested of blocksOf(statement)) this.block(nested, path, inner);
    }
  }

  #reads(expr: Expr, path: Path, counters: ReadonlySet<string>): void {
    eachExpression(expr, (part) => {
      if (part.kind === "get") this.#add(part.local.name, path, counters, false);
    });
  }

  #add(name: string, path: Path, counters: ReadonlySet<string>, sets: boolean): void {
    if (counters.has(name)) return;
    const uses = this.byName.get(name) ?? [];
    uses.push({ path, sets, reads: !sets });
    this.byName.set(name, uses);
  }
}

/** The depth of the innermost block that all paths go through. */
function sharedDepth(uses: readonly Use[]): number {
  const [first, ...others] = uses;
  let depth = 0;
  const inBlock = (at: number) =>
    others.every((use) => use.path[at]?.block === first?.path[at]?.block);
  while (first && depth + 1 < first.path.length && inBlock(depth + 1)) depth++;
  return depth;
}

/**
 * Declares every local in the innermost block that holds all its uses: as a `const` where it is set
 * once, before all reads, by a statement of that block itself.
 */
export function declarationsOf(source: LoopFunction): Declarations {
  const at = new Map<Stmt, Declaration>();
  const before = new Map<Stmt, string[]>();
  const uses = new Uses();
  uses.block(source.body, [], new Set());
  for (const param of source.params) uses.byName.delete(param.name);
  for (const [name, all] of uses.byName) {
    const depth = sharedDepth(all);
    const [first] = all;
    const statement = first?.path[depth]?.statement;
    if (!first || !statement) continue;
    if (first.sets && first.path.length === depth + 1) {
      const keyword = all.filter((use) => use.sets).length === 1 ? "const" : "let";
      at.set(statement, { name, keyword });
    } else {
      before.set(statement, [...(before.get(statement) ?? []), name]);
    }
  }
  return { at, before };
}
