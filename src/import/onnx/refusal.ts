/** Why a node cannot be read. Caught where nodes are listed; nothing else is wrong with the model. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
