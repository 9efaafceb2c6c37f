// numbers.ts - numbers as readers see them.

export function number(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3) return value.toExponential(1);
  return new Intl.NumberFormat("en-GB", size >= 1000
    ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits }).format(value);
}
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined || Number.isNaN(share) ? "–"
    : `${share > 0 && share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;
/** A year that may lie beyond the end. */
export const yearText = (year: number | null | undefined, beyond = "after the end"): string =>
  year === null || year === undefined ? beyond : String(Math.floor(year));
