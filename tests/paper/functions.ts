// Derivatives of the activations of the networks here, in terms of what they make of their argument.

/** Of the sigmoid: f4 of both networks. */
export const sigmoidSlope = (z: number): number => z * (1 - z);

/** Of relu: f1 of the three-layer network. */
export const reluSlope = (z: number): number => (z > 0 ? 1 : 0);

/** Of tanh: f3 of both networks, and f1 of the five-layer one. */
export const tanhSlope = (z: number): number => 1 - z * z;

/** The sigmoid itself. */
export const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));
