import { describe, expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { type Edit, formatAsBefore, rewriteSource } from "../../src/dsl/edits/rewrite-source.js";
import { elaborateText } from "../../src/dsl/elaborate.js";
import { parse } from "../../src/dsl/parse.js";
import type { Graph } from "../../src/ir/graph.js";

const graphOf = (text: string, report: Report): Graph => {
  const elaborated = elaborateText(text, "/net.cnn", {}, report);
  report.throwIfErrors();
  return elaborated!.graph;
};

/** The text after edits, the graph that it gives, and what was said. */
function edited(text: string, ...edits: readonly Edit[]) {
  const report = new Report();
  const tree = parse("/net.cnn", text, report);
  const result = rewriteSource(tree, text, graphOf(text, report), edits, report);
  const said = report.diagnostics.map(({ message }) => message);
  if (!result) return { text, said, layers: [], graph: undefined };
  const after = parse("/net.cnn", result.text, report);
  const formatted = formatAsBefore({ tree, text }, { tree: after, text: result.text });
  return { text: formatted, said, layers: result.layers, graph: graphOf(formatted, new Report()) };
}

const net = (body: string): string =>
  `model Net {\n  input image: f32[3, 20, 20]\n\n${body}  output y\n}\n`;

/** Operators of a graph with their kernels, in order. */
const stagesOf = (graph: Graph | undefined): string[] =>
  (graph?.nodes ?? []).flatMap((node) => {
    if (node.op === "parameter" || node.op === "input") return [];
    if (node.op !== "conv2d") return [node.op];
    const [out, , kh, kw] = node.operands.weight.type.shape;
    return [`${out}@${kh}x${kw}/${node.attrs.stride.join()} g${node.attrs.groups}`];
  });

describe("an architecture edit", () => {
  test("stacks a large kernel, the stride on the last", () => {
    const { text, graph } = edited(net("  a: conv(8, 7x7, stride=2) -> relu // stem\n"), {
      path: "a",
      form: "stacked",
    });
    expect(text).toContain("  a: stacked(8, 7x7, stride=2, between=relu) -> relu // stem\n");
    const three = ["8@3x3/1,1 g1", "unary", "8@3x3/1,1 g1", "unary", "8@3x3/2,2 g1", "unary"];
    expect(stagesOf(graph)).toEqual(three);
    expect(graph!.outputs[0]!.value.type.shape).toEqual([1, 8, 10, 10]);
  });

  test("repeats a batch norm and an activation between the parts", () => {
    const source = net("  a: conv(8, 5x5, bias=false) -> n: bn(eps=0.01) -> leaky_relu(0.2)\n");
    const { text } = edited(source, { path: "a", form: "stacked" });
    expect(text).toContain(
      "a: { conv(8, 3x3, bias=false) -> bn(eps=0.01) -> leaky_relu(0.2) -> conv(8, 3x3, bias=false) }",
    );
    expect(text).toContain("-> n: bn(eps=0.01)");
  });

  test("makes a depth-wise and a point-wise convolution", () => {
    const plain = edited(net("  a: conv(8, 5x5, 2, pad=(1, 2))\n"), {
      path: "a",
      form: "depthwise",
    });
    expect(plain.text).toContain("a: sepconv(8, 5x5, stride=2, pad=(1, 2))");
    const active = edited(net("  a: conv(8, 5x5) -> relu\n"), { path: "a", form: "depthwise" });
    expect(active.text).toContain("a: { dw: dwconv(5x5) -> relu -> pw: pwconv(8) } -> relu");
    expect(stagesOf(active.graph)).toEqual(["3@5x5/1,1 g3", "unary", "8@1x1/1,1 g1", "unary"]);
  });

  test("makes a column and a row", () => {
    const source = net("  a: conv(8, 5x3, stride=(2, 1))\n");
    const { text, graph } = edited(source, { path: "a", form: "spatial" });
    expect(text).toContain("a: { conv(8, 5x1, stride=(2, 1)) -> conv(8, 1x3) }");
    expect(graph!.outputs[0]!.value.type.shape).toEqual([1, 8, 10, 20]);
  });

  test("of an unlabelled first stage does not become settings of the input", () => {
    const source = net("  // first\n  conv(8, 5x5) -> bn -> relu\n");
    const { text, graph } = edited(source, { path: "0", form: "depthwise" });
    expect(text).toContain("// first\n");
    expect(text).toContain("{ dw: dwconv(5x5) -> bn -> relu -> pw: pwconv(8) }");
    expect(stagesOf(graph)).toHaveLength(6);
  });

  test("in a block changes every call of it, and tells so", () => {
    const source = `block B(channels) { k: conv(channels, 5x5) }\n${net("  a: B(4)\n  b: B(6)\n")}`;
    const { layers, graph } = edited(source, { path: "b.k", form: "depthwise" });
    expect(layers).toEqual(["a.k", "b.k"]);
    expect(stagesOf(graph)).toEqual([
      "3@5x5/1,1 g3",
      "4@1x1/1,1 g1",
      "4@5x5/1,1 g4",
      "6@1x1/1,1 g1",
    ]);
  });

  test("leaves a file alone that is not in canonical form, but for the call", () => {
    const source = "model Net{input image:f32[3,20,20] a:conv( 8,5x5 ) output y}";
    const { text } = edited(source, { path: "a", form: "depthwise" });
    expect(text).toBe("model Net{input image:f32[3,20,20] a:sepconv(8, 5x5) output y}");
  });

  test.each<[string, Edit["form"], string]>([
    ["conv(8, 5x7)", "stacked", "odd square kernels from 5x5, and it has 5x7"],
    ["conv(8, 3x3)", "stacked", "odd square kernels from 5x5, and it has 3x3"],
    ["conv(8, 5x5, pad=0)", "stacked", "its padding is not half the kernel"],
    ["conv(6, 5x5, groups=3)", "depthwise", "it has groups or a dilation"],
    ["conv(6, 5x5, dilation=2)", "spatial", "it has groups or a dilation"],
    ["conv(8, 1x1)", "depthwise", "its kernel is only 1x1"],
    ["conv(8, 1x5)", "spatial", "its kernel is 1x5 already"],
    ["conv(it.channels, 5x5)", "depthwise", "its arguments read `it`"],
    ["sepconv(8, 5x5)", "depthwise", "no convolution called"],
  ])("of %s as %s is refused", (call, form, reason) => {
    const { said, text } = edited(net(`  a: ${call}\n`), { path: "a", form });
    expect(said.join()).toContain(reason);
    expect(text).toBe(net(`  a: ${call}\n`));
  });
});
