import type { NodeOf, Value } from "../../ir/graph.js";
import type { Sides } from "../../ir/ops/conv.js";
import { withSteps } from "./elementwise.js";
import { type Argument, at, by, callOf, construct, type Form, type Read } from "./form.js";
import { booleanOf, numberOf, operandOf, pairOf, tupleOf } from "./python.js";

/** `F.pad` of the last two axes. */
export const padded = (x: string, [top, left, bottom, right]: Sides, more = ""): string =>
  `F.pad(${x}, ${tupleOf([left, right, top, bottom])}${more})`;

const isEven = ([top, left, bottom, right]: Sides): boolean => top === bottom && left === right;

/** Weight, bias and what is fused behind, as the functions of PyTorch take them. */
function functional(
  callee: string,
  node: NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">,
  given: readonly Argument[],
): (x: string, read: Read) => string {
  const { weight, bias } = node.operands;
  return (x, read) => {
    const tensors = [x, read(weight), ...(bias ? [read(bias)] : [])];
    return callOf(callee, tensors, given);
  };
}

const finish = (
  node: NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">,
  text: string,
  read: Read,
): string => withSteps(text, node.attrs.epilogue, node.operands.extras, read);

export function writeConv(node: NodeOf<"conv2d">): Form {
  const { input, weight, bias, extras } = node.operands;
  const { stride, pads, dilation, groups, epilogue } = node.attrs;
  const [out = 1, perGroup = 1, kh = 1, kw = 1] = weight.type.shape;
  const before = isEven(pads) ? undefined : (x: string) => padded(x, pads);
  const given = [
    by("stride", pairOf(stride), "1"),
    by("padding", before ? "0" : pairOf([pads[0], pads[1]]), "0"),
    by("dilation", pairOf(dilation), "1"),
    by("groups", numberOf(groups), "1"),
  ];
  const call = functional("F.conv2d", node, given);
  const form: Form = {
    call: (read) => finish(node, call(before ? before(read(input)) : read(input), read), read),
  };
  if (epilogue.length + extras.length > 0) return form;
  const made = construct(
    "nn.Conv2d",
    at("in_channels", numberOf(perGroup * groups)),
    at("out_channels", numberOf(out)),
    at("kernel_size", pairOf([kh, kw])),
    ...given,
    by("bias", booleanOf(bias !== undefined), "True"),
  );
  return withModule(form, { construct: made, input, ...(before ? { before } : {}) }, weight, bias);
}

const withModule = (
  form: Form,
  module: NonNullable<Form["module"]>,
  weight: Value,
  bias: Value | undefined,
): Form => ({ ...form, module, owned: { weight, bias } });

/** The part of a transposed convolution without padding that uneven padding leaves. */
function cropped({ attrs, results }: NodeOf<"deconv2d">): (x: string) => string {
  const [, , height = 1, width = 1] = results[0]!.type.shape;
  const [top, left] = attrs.pads;
  return (x) => `${operandOf(x)}[:, :, ${top}:${top + height}, ${left}:${left + width}]`;
}

export function writeDeconv(node: NodeOf<"deconv2d">): Form {
  const { input, weight, bias, extras } = node.operands;
  const { stride, pads, dilation, groups, epilogue, outputPads } = node.attrs;
  const [inputs = 1, perGroup = 1, kh = 1, kw = 1] = weight.type.shape;
  const after = isEven(pads) ? undefined : cropped(node);
  const given = [
    by("stride", pairOf(stride), "1"),
    by("padding", after ? "0" : pairOf([pads[0], pads[1]]), "0"),
    by("output_padding", pairOf(outputPads), "0"),
    by("groups", numberOf(groups), "1"),
    by("dilation", pairOf(dilation), "1"),
  ];
  const call = functional("F.conv_transpose2d", node, given);
  const form: Form = {
    call: (read) => {
      const result = call(read(input), read);
      return finish(node, after ? after(result) : result, read);
    },
  };
  if (epilogue.length + extras.length > 0) return form;
  const made = construct(
    "nn.ConvTranspose2d",
    at("in_channels", numberOf(inputs)),
    at("out_channels", numberOf(perGroup * groups)),
    at("kernel_size", pairOf([kh, kw])),
    ...given,
    by("bias", booleanOf(bias !== undefined), "True"),
  );
  return withModule(form, { construct: made, input, ...(after ? { after } : {}) }, weight, bias);
}

export function writeLinear(node: NodeOf<"linear">): Form {
  const { input, weight, bias, extras } = node.operands;
  const [out = 1, inputs = 1] = weight.type.shape;
  const call = functional("F.linear", node, []);
  const form: Form = { call: (read) => finish(node, call(read(input), read), read) };
  if (node.attrs.epilogue.length + extras.length > 0) return form;
  const made = construct(
    "nn.Linear",
    at("in_features", numberOf(inputs)),
    at("out_features", numberOf(out)),
    by("bias", booleanOf(bias !== undefined), "True"),
  );
  return withModule(form, { construct: made, input }, weight, bias);
}
