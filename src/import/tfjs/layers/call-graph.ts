import { type Json, JsonError } from "../json.js";

/** One result of one call of a layer. */
export interface Reference {
  readonly layer: string;
  readonly call: number;
  readonly result: number;
}

const referenceOf = (items: readonly Json[]): Reference => ({
  layer: items[0]!.text(),
  call: items[1]?.whole(0) ?? 0,
  result: items[2]?.whole(0) ?? 0,
});

const isReference = (json: Json): boolean =>
  json.isList && json.items().length >= 1 && json.items()[0]!.isText;

/** A model's inputs or outputs: references, a single one perhaps without a list around it. */
export function readReferences(json: Json): readonly Reference[] {
  if (isReference(json)) return [referenceOf(json.items())];
  if (json.isList) return json.items().flatMap(readReferences);
  return json.entries().flatMap(([, item]) => readReferences(item));
}

/** What each call of a layer takes. */
export function readCalls(json: Json): readonly (readonly Reference[])[] {
  return json.isMissing ? [] : json.items().map(readCall);
}

function readCall(json: Json): readonly Reference[] {
  // The newest versions write arguments with the history of each tensor in them.
  if (!json.isList) return json.at("args").items().flatMap(historiesIn);
  if (isReference(json)) return [referenceOf(json.items())];
  return json.items().map((item) => {
    const extras = item.items()[3];
    const isPlain = extras === undefined || extras.isMissing || extras.entries().length === 0;
    if (!isPlain) throw new JsonError(item.place, "arguments beside tensors cannot be read");
    return referenceOf(item.items());
  });
}

function historiesIn(json: Json): readonly Reference[] {
  if (json.isList) return json.items().flatMap(historiesIn);
  const history = json.at("config").at("keras_history");
  return history.isMissing ? [] : [referenceOf(history.items())];
}

export interface Call {
  readonly layer: number;
  readonly call: number;
  readonly takes: readonly Reference[];
}

const keyOf = (layer: string, call: number): string => `${call} ${layer}`;

/** Calls in an order in which each stands behind those that it takes results of. Refuses cycles and strangers. */
export function orderCalls(
  layers: readonly { readonly name: string; readonly calls: readonly (readonly Reference[])[] }[],
  place: string,
): readonly Call[] {
  const waiting = new Map<string, { readonly call: Call; missing: number }>();
  for (const [layer, { name, calls }] of layers.entries()) {
    const all = calls.length === 0 ? [[]] : calls;
    all.forEach((takes, call) => {
      if (waiting.has(keyOf(name, call)))
        throw new JsonError(place, `two layers are called ${name}`);
      waiting.set(keyOf(name, call), { call: { layer, call, takes }, missing: takes.length });
    });
  }
  const readers = new Map<string, string[]>();
  for (const [key, { call }] of waiting) {
    for (const { layer, call: from } of call.takes) {
      const taken = keyOf(layer, from);
      if (!waiting.has(taken))
        throw new JsonError(place, `there is no call ${from} of a layer ${layer}`);
      readers.set(taken, [...(readers.get(taken) ?? []), key]);
    }
  }
  const order: Call[] = [];
  const ready = [...waiting].filter(([, { missing }]) => missing === 0).map(([key]) => key);
  for (let at = 0; at < ready.length; at++) {
    order.push(waiting.get(ready[at]!)!.call);
    for (const reader of readers.get(ready[at]!) ?? []) {
      const state = waiting.get(reader)!;
      state.missing--;
      if (state.missing === 0) ready.push(reader);
    }
  }
  if (order.length < waiting.size)
    throw new JsonError(place, "layers take each other's results in a circle");
  return order;
}
