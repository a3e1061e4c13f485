import type { Tensor } from "@distillery/shared/onnx/graph";
import { abs, add, div, exp, less, mul, sub, where } from "@distillery/shared/onnx/ops";

/** Powers in the series; at |z| = 1 the first one left out is below 1e-10. */
const TERMS = 9;

/**
 * The functions of exponential integrators, phi_1(z) = (e^z - 1) / z, phi_2(z) = (phi_1 - 1) / z, phi_3(z) = (phi_2 - 1/2) / z
 * (Hochbruck & Ostermann 2010, eq. 2.10), free of cancellation near z = 0.
 */
export function phiFunctions(z: Tensor): { phi1: Tensor; phi2: Tensor; phi3: Tensor } {
  const isSmall = less(abs(z), 1);
  const large = where(isSmall, -1, z);
  const phi1 = div(sub(exp(large), 1), large);
  const phi2 = div(sub(phi1, 1), large);
  const phi3 = div(sub(phi2, 1 / 2), large);
  const near3 = series(z);
  const near2 = add(mul(z, near3), 1 / 2);
  const near1 = add(mul(z, near2), 1);
  return {
    phi1: where(isSmall, near1, phi1),
    phi2: where(isSmall, near2, phi2),
    phi3: where(isSmall, near3, phi3),
  };
}

/** phi_3(z) = sum_j z^j / (j + 3)! by Horner's rule. */
function series(z: Tensor): Tensor {
  const coefficient = (j: number): number =>
    1 / Array.from({ length: j + 3 }, (_, i) => i + 1).reduce((product, factor) => product * factor, 1);
  let sum = add(mul(z, 0), coefficient(TERMS));
  for (let j = TERMS - 1; j >= 0; j--) sum = add(mul(sum, z), coefficient(j));
  return sum;
}
