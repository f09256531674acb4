import { expect, test } from "vitest";
import { Report } from "../../../src/diagnostics/report.js";
import { parseCfg } from "../../../src/import/darknet/parse-cfg.js";
import { said } from "./read.js";

const parse = (text: string) =>
  parseCfg("net.cfg", text, new Report()).map(({ type, line, entries }) => [
    type,
    line,
    Object.fromEntries([...entries].map(([key, { value }]) => [key, value])),
  ]);

test("blanks count for nothing, and comments are left out", () => {
  const text =
    "\ufeff# first\r\n[net]\r\n height = 4 \t\r\n;no=1\n\n[ convolutional ] # one\nlayers=-1, 8 # two\n";
  expect(parse(text)).toEqual([
    ["[net]", 2, { height: "4" }],
    ["[convolutional]", 6, { layers: "-1,8" }],
  ]);
});

test("an empty file has no sections", () => {
  expect(parse("")).toEqual([]);
});

const net = "[net]\nheight=4\nwidth=4\nchannels=1\n";

test("a line that is nothing is shown with its place", () => {
  expect(said(`${net}[maxpool]\nsize 2\n`)).toBe(
    [
      'error CNN530: "size 2" is no [section], no key=value and no comment',
      "  --> net.cfg:6:1",
      "6 | size 2",
      "  | ^^^^^^",
    ].join("\n"),
  );
});

test("of a key that stands twice the first counts, with a warning where they differ", () => {
  const twice = `${net}[maxpool]\nsize=2\nsize=3\nstride=2\nstride=2\n`;
  expect(said(twice)).toContain('warning CNN534: [maxpool]: size is "2" already; "3" is not read');
  expect(said(twice)).toContain("net.cfg:7:1");
  expect(said(twice)).not.toContain("stride");
});

test("every value that is not what it must be is reported", () => {
  const text = `${net}[convolutional]\nfilters=0\nsize=3x3\nactivation=leeky\ngroups=1.5\n[route]\nlayers=-1,x\n[shortcut]\n`;
  const message = said(text);
  expect(message).toContain('[convolutional]: filters must be a whole number from 1, not "0"');
  expect(message).toContain('size must be a whole number from 1 to 4096, not "3x3"');
  expect(message).toContain("activation must be one of linear leaky");
  expect(message).toContain('groups must be a whole number from 1, not "1.5"');
  expect(message).toContain('[route]: layers must be whole numbers between commas, not "-1,x"');
  expect(message).toContain("[shortcut]: from is missing, which must be layers between commas");
});
