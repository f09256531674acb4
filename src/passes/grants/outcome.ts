import type { Grant, Node } from "../../ir/graph.js";
import type { PassContext } from "../pass.js";
import { printGrant } from "./print-grant.js";
import type { Candidate, Declined } from "./search-layer.js";

/** What became of one grant. */
interface Outcome {
  readonly grant: Grant;
  made: number;
  readonly undone: string[];
  readonly declined: { readonly layer: string; readonly reason: string }[];
}

/** What became of all grants: each is answered, by a rewrite or by words. */
export class Outcomes {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    grants: readonly Grant[],
    private readonly context: PassContext,
  ) {
    for (const grant of grants) this.#of(grant);
  }

  /** An option stands for several grants, which are answered together. */
  #of(grant: Grant): Outcome {
    const { span } = grant;
    const key = `${printGrant(grant)} ${span?.file} ${span?.start}`;
    const known = this.#outcomes.get(key) ?? { grant, made: 0, undone: [], declined: [] };
    this.#outcomes.set(key, known);
    return known;
  }

  made({ grant }: Pick<Candidate, "grant">): void {
    this.#of(grant).made++;
  }

  undone({ grant, conv }: { readonly grant: Grant; readonly conv: Node }): void {
    this.#of(grant).undone.push(conv.name);
    this.context.refuse(conv, "undone: the outputs would move further than verify allows");
  }

  /** A layer keeps its form under a grant. */
  declined(grant: Grant, layer: Node, { reason }: Declined): void {
    this.#of(grant).declined.push({ layer: layer.name, reason });
    this.context.refuse(layer, reason);
  }

  /** Tells of each grant that changed nothing, and of each that was undone in part. */
  report(): void {
    const { report } = this.context;
    for (const { grant, made, undone, declined } of this.#outcomes.values()) {
      const place = { span: grant.span };
      const text = printGrant(grant);
      if (undone.length > 0) report.add("grant-undone", { grant: text, layers: undone }, place);
      else if (made === 0) report.add("grant-unused", { grant: text, declined }, place);
    }
  }
}
