/**
 * The quantile function of the symmetric beta distribution with both parameters 0.6, which beta-spaced noise levels follow
 * (Lee et al. 2024, "Beta Sampling is All You Need"); `p` and the result in 0…1.
 */
export function betaQuantile(p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  // The lower half, where the power series converges fast; the distribution is symmetric.
  if (p > 0.5) return 1 - betaQuantile(1 - p);
  let low = 0;
  let high = 0.5;
  let x = Math.min((p * SHAPE * BETA_FUNCTION) ** (1 / SHAPE), 0.5);
  for (let i = 0; i < 200; i++) {
    const error = distribution(x) - p;
    if (error > 0) high = x;
    else low = x;
    const newton = x - (error * BETA_FUNCTION) / (x * (1 - x)) ** (SHAPE - 1);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= Number.EPSILON * x) return next;
    x = next;
  }
  return x;
}

const SHAPE = 0.6;
/** B(0.6, 0.6) = Γ(0.6)² / Γ(1.2). */
const BETA_FUNCTION = 2.4153442080024714;

/** The distribution function for x up to 1/2: x^a / (a B) · Σ (1 - b)ₙ a xⁿ / (n! (a + n)) (DLMF 8.17.7). */
function distribution(x: number): number {
  let factor = 1;
  let sum = 1 / SHAPE;
  for (let n = 1; n < 500; n++) {
    factor *= ((n - SHAPE) / n) * x;
    const term = factor / (SHAPE + n);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return (x ** SHAPE * sum) / BETA_FUNCTION;
}
