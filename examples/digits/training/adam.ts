import type { Parameter } from "./layers.js";

/** Adam (Kingma and Ba 2014) with decoupled weight decay; `step` takes the gradients and clears them. */
export function adam(parameters: readonly Parameter[], decay: number) {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const first = parameters.map(({ value }) => new Float32Array(value.length));
  const second = parameters.map(({ value }) => new Float32Array(value.length));
  let steps = 0;
  return {
    step(rate: number): void {
      steps++;
      const [bias1, bias2] = [1 - beta1 ** steps, 1 - beta2 ** steps];
      parameters.forEach(({ value, gradient, shape }, p) => {
        const [m, v] = [first[p]!, second[p]!];
        const shrink = shape.length > 1 ? 1 - rate * decay : 1;
        for (let i = 0; i < value.length; i++) {
          const g = gradient[i]!;
          m[i] = beta1 * m[i]! + (1 - beta1) * g;
          v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
          const move = m[i]! / bias1 / (Math.sqrt(v[i]! / bias2) + epsilon);
          value[i] = value[i]! * shrink - rate * move;
        }
        gradient.fill(0);
      });
    },
  };
}
