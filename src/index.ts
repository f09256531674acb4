export type { Form, TargetName } from "./codegen/package/declarations.js";
export { compile, compileFile } from "./compile.js";
export type { CompileOptions } from "./compile-options.js";
export type {
  Compiled,
  CompileReport,
  LayerSummary,
  RewriteSummary,
  TensorSummary,
} from "./compiled.js";
export type { Diagnostic, Note, Severity, Span } from "./diagnostics/diagnostic.js";
export { renderDiagnostic } from "./diagnostics/render.js";
export { CompileError, InternalError } from "./diagnostics/report.js";
export type { SourceFile } from "./dsl/ast.js";
export type { Data } from "./dsl/data-syntax.js";
export { print } from "./dsl/format.js";
export type { CnnSource, Interpolation } from "./dsl/template/interpolation.js";
export type { CnnTag } from "./dsl/template.js";
export { cnn } from "./embedded.js";
export { writeOnnx } from "./export/onnx/write-onnx.js";
export { type InstantiateOptions, instantiate } from "./instantiate.js";
export type { Graph } from "./ir/graph.js";
export type { LoadedModel, TensorInfo } from "./runtime/model.js";
export type { DataType, Tensor, TensorData } from "./weights/store.js";
