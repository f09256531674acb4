import { expect, test } from "vitest";
import { drawSvg } from "../../src/cli/svg/draw.js";
import { layOut } from "../../src/cli/svg/lay-out.js";
import * as g from "../support/graphs.js";

const branch = g.relu(g.conv(g.image(3, 8), 4, { name: "stem" }));
const network = g.returns(g.add(g.conv(branch, 4, { kernel: 5, name: "body" }), branch));

test("operands stand above their readers, and no box covers another", async () => {
  const { boxes, courses, width, height } = await layOut(network);
  expect(boxes.map(({ kind }) => kind)).toEqual([
    "input",
    "conv2d",
    "unary",
    "conv2d",
    "binary",
    "output",
  ]);
  expect(courses).toHaveLength(6);
  for (const course of courses) expect(course[0]!.y).toBeLessThan(course.at(-1)!.y);
  for (const [index, a] of boxes.entries()) {
    expect(a.x + a.width / 2).toBeLessThanOrEqual(width);
    expect(a.y + a.height / 2).toBeLessThanOrEqual(height);
    for (const b of boxes.slice(index + 1)) {
      const apart =
        Math.abs(a.x - b.x) >= (a.width + b.width) / 2 ||
        Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
      expect(apart).toBe(true);
    }
  }
});

test("a picture tells operators, names, attributes and shapes, and marks what is asked for", async () => {
  const svg = await drawSvg([{ title: "before", graph: network }], new Set(["body"]));
  expect(svg).toContain("conv2d 5x5 · body");
  expect(svg).toContain("pads=[2,2,2,2]");
  expect(svg).toContain("f32[1,4,8,8]");
  expect(svg.match(/class="marked"/g)).toHaveLength(1);
});

test("names from files cannot become markup", async () => {
  const named = g.returns(g.conv(g.image(3, 8), 4, { name: "</text><script>a&b\u0007" }));
  const svg = await drawSvg([{ title: "<b>", graph: named }]);
  expect(svg).not.toContain("<script>");
  expect(svg).not.toContain("<b>");
  expect(svg).toContain("&lt;/text&gt;&lt;script&gt;a&amp;b\\u{7}");
});

test("graphs stand beside each other", async () => {
  const alone = await drawSvg([{ title: "one", graph: network }]);
  const both = await drawSvg([
    { title: "one", graph: network },
    { title: "two", graph: network },
  ]);
  const widthOf = (svg: string): number => Number(/width="([\d.]+)"/.exec(svg)![1]);
  expect(widthOf(both)).toBeCloseTo(2 * widthOf(alone) + 40, 0);
});
