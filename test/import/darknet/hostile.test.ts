import { expect, test } from "vitest";
import { CompileError } from "../../../src/diagnostics/report.js";
import { random } from "../../support/noise.js";
import { read, said } from "./read.js";

const net = "[net]\nheight=4\nwidth=4\nchannels=2\n";
const conv = "[convolutional]\nfilters=2\nactivation=linear\n";

test.each([
  ["an empty file", "", "CNN531"],
  ["no [net]", conv, "CNN531"],
  ["nothing but [net]", net, "CNN531"],
  ["a key in front of all sections", `a=1\n${net}${conv}`, "CNN530"],
  ["no size", `[net]\n${conv}`, "CNN533"],
  ["a size of 0", `[net]\nheight=0\nwidth=1\nchannels=1\n${conv}`, "CNN536"],
  ["a negative size", `[net]\nheight=-4\nwidth=1\nchannels=1\n${conv}`, "CNN532"],
  ["a size without end", `[net]\nheight=${"9".repeat(1000)}\n${conv}`, "CNN532"],
  ["an image that is too large", `[net]\nheight=65536\nwidth=65536\nchannels=3\n${conv}`, "CNN830"],
  ["weights that are too many", `${net}[connected]\noutput=2000000000\n`, "CNN830"],
  ["a layer that does not exist", `${net}[convolution]\n`, "CNN537"],
  ["a name that steers the terminal", `${net}[\u001b[31m]\n`, "CNN537"],
  ["a route to itself", `${net}${conv}[route]\nlayers=1\n`, "CNN535"],
  ["a route behind the end", `${net}${conv}[route]\nlayers=7\n`, "CNN535"],
  ["a route in front of the start", `${net}${conv}[route]\nlayers=-2\n`, "CNN535"],
  [
    "a route of different sizes",
    `${net}${conv}[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1\n`,
    "CNN536",
  ],
  ["a first layer that reads others", `${net}[shortcut]\nfrom=-1\n`, "CNN535"],
  [
    "a shortcut of sizes that do not fit",
    `${net}${conv}[maxpool]\nsize=3\nstride=1\npadding=0\n[crop]\ncrop_height=2\ncrop_width=1\n[shortcut]\nfrom=0\n`,
    "CNN536",
  ],
  [
    "a layer that reads a head",
    `${net}[convolutional]\nfilters=6\n[yolo]\nclasses=1\n[maxpool]\n`,
    "CNN535",
  ],
  ["a head with other channels", `${net}${conv}[yolo]\nclasses=1\n`, "CNN536"],
  [
    "a mask without anchor",
    `${net}[convolutional]\nfilters=6\n[yolo]\nclasses=1\nmask=4\n`,
    "CNN536",
  ],
  ["a kernel larger than the image", `${net}[convolutional]\nsize=9\n`, "CNN3"],
  ["groups that do not divide", `${net}[convolutional]\ngroups=5\n`, "CNN536"],
  ["a crop larger than the image", `${net}[crop]\ncrop_height=5\ncrop_width=1\n`, "CNN536"],
  ["an upsampling that leaves nothing", `${net}[upsample]\nstride=-8\n`, "CNN"],
  [
    "boxes without bounds",
    `[net]\nheight=1\nwidth=100000000\nchannels=6\n[yolo]\nclasses=1\n`,
    "CNN536",
  ],
  ["an upsampling without bounds", `${net}${"[upsample]\nstride=1000\n".repeat(4)}`, "CNN830"],
  ["weights shared with a pool", `${net}[maxpool]\n[convolutional]\nshare_index=0\n`, "CNN536"],
  ["a binary convolution", `${net}[convolutional]\nxnor=1\n`, "CNN537"],
  ["too many layers", `${net}${"[cost]\n".repeat(5000)}`, "CNN538"],
  ["four million bytes and more", " ".repeat(5_000_000), "CNN801"],
])("%s ends in a diagnostic", (_, cfg, code) => {
  expect(said(cfg, { decode: true })).toContain(code);
});

test("everything that cannot be compiled is listed at once", () => {
  const message = said(`${net}[rnn]\n${conv}[lstm]\n[convolutional]\nsway=1\n`);
  expect(message.match(/CNN5/g)?.length).toBe(1);
  expect(message).toContain("3 layers cannot be compiled");
  expect(message).toContain("layer 0 [rnn], line 5: recurrent layers");
  expect(message).toContain("layer 2 [lstm], line 9: recurrent layers");
  expect(message).toContain("layer 3 [convolutional], line 10: its kernels are deformed");
});

/** A network of every kind of layer that has no weights file of its own here. */
const sample = `${net}[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\nactivation=leaky
[maxpool]\nsize=2\nstride=2\n[upsample]\nstride=2\n[route]\nlayers=-1,0\n[shortcut]\nfrom=0
[reorg]\nstride=2\n[local_avgpool]\nsize=2\n[dropout]\n[connected]\noutput=4\n[softmax]\ngroups=2\n`;

test("a file with a few bytes changed is read or refused, and nothing else", () => {
  const bytes = new TextEncoder().encode(sample);
  const next = random(2026);
  const ends = { read: 0, refused: 0 };
  for (let round = 0; round < 400; round++) {
    const changed = bytes.slice();
    for (let at = 0; at <= round % 4; at++) {
      changed[Math.floor(next() * changed.length)] = Math.floor(next() * 256);
    }
    try {
      read(changed);
      ends.read++;
    } catch (error) {
      if (!(error instanceof CompileError)) throw new Error(`round ${round}`, { cause: error });
      ends.refused++;
    }
  }
  expect(Math.min(ends.read, ends.refused)).toBeGreaterThan(20);
});
