/** Drawings for the fake engine, in the shapes and with the variables of the real ones. */

/** @typedef {import("../../../web/app/generated/protocol.js").Figure} Figure */

const FONT = "system-ui, sans-serif";
const LINES = {
  reference: ["--ink", "0.01 3.8", 2],
  ablated: ["--disruption", "5 4", 1.8],
  recovered: ["--recovered", "9 4 .01 4", 1.8],
  sham: ["--sham", "", 1.2],
  retrained: ["--necessity", "", 1.8],
};

/**
 * @param {string} title
 * @param {number} steps
 * @param {{name: keyof typeof LINES, points: [number, number][]}[]} series
 * @param {number} top
 * @returns {Figure}
 */
export function curve(title, steps, series, top) {
  const [left, up, width, height] = [26, 12, 232, 142];
  const x = (/** @type {number} */ step) => (left + (width * step) / steps).toFixed(1);
  const y = (/** @type {number} */ value) => (up + height * (1 - Math.min(1, value / top))).toFixed(1);
  const grid = [0, 1, 2, 3]
    .filter((tick) => tick <= top)
    .map(
      (tick) =>
        `<path d="M${left} ${y(tick)}H${left + width}" stroke="var(--line, #ddd)"/><text x="${left - 6}" y="${Number(y(tick)) + 4}" text-anchor="end" fill="var(--muted, #666)">${tick}</text>`,
    );
  const drawn = series.map(({ name, points }) => {
    const [colour, dash, stroke] = LINES[name];
    const last = points.at(-1) ?? [0, 0];
    const line = points.map(([step, value], index) => `${index ? "L" : "M"}${x(step)} ${y(value)}`).join("");
    return `<path d="${line}" fill="none" stroke="var(${colour})" stroke-width="${stroke}" stroke-dasharray="${dash}" stroke-linecap="round"/><text x="${Number(x(last[0])) + 6}" y="${Number(y(last[1])) + 4}" fill="var(${colour})">${name} ${last[1].toFixed(2)}</text>`;
  });
  const columns = ["step", ...series.map(({ name }) => name)];
  const rows = (series[0]?.points ?? []).map(([step], index) => [
    String(step),
    ...series.map(({ points }) => points[index]?.[1].toFixed(3) ?? "—"),
  ]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 178" role="img" font-family="${FONT}" font-size="11" fill="var(--ink, #111)" data-plot="${left},${up},${width},${height}" data-x="0,${steps}"><title>${title}</title><desc>${title}, ${rows.length} points.</desc><g>${grid.join("")}${drawn.join("")}<text x="${left}" y="172" fill="var(--muted, #666)">0</text><text x="${left + width}" y="172" text-anchor="end" fill="var(--muted, #666)">${steps} steps</text></g></svg>`;
  return { name: "loss", title, description: `${title}, ${rows.length} points.`, svg, table: { columns, rows } };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {number} size
 * @param {(row: number, column: number) => number} at
 * @returns {Figure}
 */
export function heatmap(name, title, size, at) {
  const cells = [];
  const rows = [];
  for (let row = 0; row < size; row++) {
    rows.push([String(row), ...Array.from({ length: size }, (_, column) => at(row, column).toFixed(2))]);
    for (let column = 0; column < size; column++)
      cells.push(
        `<rect x="${70 + column * 12}" y="${row * 12}" width="11" height="11" fill="var(--ink, #111)" fill-opacity="${at(row, column).toFixed(2)}"/>`,
      );
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 ${size * 12}" role="img"><title>${title}</title><desc>${title}.</desc>${cells.join("")}</svg>`;
  return {
    name,
    title,
    description: `${title}.`,
    svg,
    table: { columns: ["position", ...Array.from({ length: size }, (_, column) => String(column))], rows },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string[][]} lines
 * @returns {Figure}
 */
export function tokens(name, title, lines) {
  const text = lines
    .map((line, row) =>
      line
        .map(
          (token, column) =>
            `<text x="${8 + column * 18}" y="${16 + row * 18}" font-family="monospace" font-size="12" fill="var(${column >= line.length / 2 ? "--ink" : "--muted"}, #111)">${token}</text>`,
        )
        .join(""),
    )
    .join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 ${8 + lines.length * 18}" role="img"><title>${title}</title><desc>${title}.</desc>${text}</svg>`;
  return {
    name,
    title,
    description: `${title}.`,
    svg,
    table: { columns: ["example", "tokens"], rows: lines.map((line, index) => [String(index + 1), line.join(" ")]) },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {[number, number][]} points
 * @returns {Figure}
 */
export function scatter(name, title, points) {
  const dots = points
    .map(
      ([x, y]) =>
        `<circle cx="${(170 + 60 * x).toFixed(1)}" cy="${(90 - 60 * y).toFixed(1)}" r="1.8" fill="var(--ink, #111)"/>`,
    )
    .join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 180" role="img"><title>${title}</title><desc>${title}.</desc>${dots}</svg>`;
  return {
    name,
    title,
    description: `${title}.`,
    svg,
    table: { columns: ["x", "y"], rows: points.slice(0, 50).map(([x, y]) => [x.toFixed(2), y.toFixed(2)]) },
  };
}
