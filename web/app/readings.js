/**
 * How the numbers of a bench and its picture go together, by the score of the task. Only where that is not plain: a
 * loss beside letters needs no words.
 */

/** @type {Record<string, {name: string, says: string}[]>} */
export const READINGS = {
  energy_distance: [
    {
      name: "Denoising error",
      says: "noise is mixed into held-out points in five fixed shares, and the model says where each was; this is how far off it is, squared: the less, the better. Answering the middle of the cloud every time costs 1. The costs that the sentence names are of this error.",
    },
    { name: "Loss", says: "the curve is the loss that training lowers, on a scale of its own." },
    {
      name: "The cloud",
      says: "what the model makes of pure noise, guess after guess, over held-out points: the more alike the two, the better.",
    },
    {
      name: "Energy distance",
      says: "how unlike these two clouds are; 0 is alike. It need not move with the error, which asks for one guess at a time.",
    },
  ],
};
