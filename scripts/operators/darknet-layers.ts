import { Report } from "../../src/diagnostics/report.js";
import { layerKinds } from "../../src/import/darknet/layers/index.js";
import { readDarknet } from "../../src/import/darknet/read-darknet.js";
import { type Made, madeOfGraph } from "./made.js";

const net = "[net]\nwidth=6\nheight=6\nchannels=8\n";

/** Options of which every layer takes some. */
const options = [
  "filters=8\nsize=3\nstride=1\npad=1\nactivation=linear\noutput=8",
  "layers=-1",
  "layers=-1,-2",
  "from=-2\nactivation=linear",
  "from=-2\nactivation=logistic",
  "activation=relu",
  "stride=2",
  "crop_width=4\ncrop_height=4",
  "classes=3\nnum=1\ncoords=4\nmask=0\nanchors=1,1",
  "filters=8",
  "",
];

/** Layers in front: two images, or an image of one pixel behind one of the same channels. */
const fronts = ["[empty]\n[empty]\n", "[empty]\n[avgpool]\n"];

/** Heads whose boxes may be decoded. */
const heads = ["[yolo]", "[region]"];

function formOf(section: string, front: string, text: string): Made | undefined {
  const decode = heads.includes(section);
  const bytes = new TextEncoder().encode(`${net}${front}${section}\n${text}\n`);
  const context = { path: "net.cfg", read: () => undefined, shapes: {}, batch: undefined, decode };
  const report = new Report();
  try {
    return madeOfGraph(readDarknet(bytes, context, report).graph);
  } catch {
    return undefined;
  }
}

/** What a section becomes behind the first front that it takes; without what the front makes itself. */
function madeOfSection(section: string): Made {
  for (const front of fronts) {
    const inFront = formOf("[empty]", front, "")?.nodes.length ?? 0;
    const forms = options.flatMap((text) => formOf(section, front, text) ?? []);
    const nodes = forms.flatMap((form) => form.nodes.slice(inFront));
    if (forms.length > 0) return { nodes, ops: new Set(nodes.map(({ op }) => op)) };
  }
  throw new Error(`no network here has a layer ${section} that can be read`);
}

/** What every layer of Darknet becomes, found by reading small networks of it. */
export const darknetLayers = (): ReadonlyMap<string, Made> =>
  new Map([...layerKinds.keys()].map((section) => [section, madeOfSection(section)]));
