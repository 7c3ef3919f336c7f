import { millimetresPerPoint, type Line } from '@flotilla/paper';

/** A black-and-white picture, 8 dots a byte, rows from the top. */
export interface Bitmap {
  readonly x: number;
  readonly y: number;
  readonly bytesPerRow: number;
  readonly rows: number;
  readonly bits: Uint8Array;
}

type Edge = readonly [x0: number, y0: number, x1: number, y1: number];

const steps = 6; // straight pieces of a curve: at 8 dots/mm more cannot be seen
const samples = 4; // scanlines per dot

/** Draws a line of text in dots: outlines of the glyphs, filled by scanlines (non-zero winding). */
export const rasterise = (line: Line, dotsPerMillimetre: number): Bitmap | undefined => {
  const edges = edgesOf(line, dotsPerMillimetre);
  if (edges.length === 0) return undefined;
  const x = Math.floor(Math.min(...edges.map((edge) => Math.min(edge[0], edge[2]))));
  const y = Math.floor(Math.min(...edges.map((edge) => Math.min(edge[1], edge[3]))));
  const columns = Math.ceil(Math.max(...edges.map((edge) => Math.max(edge[0], edge[2])))) - x + 1;
  const rows = Math.ceil(Math.max(...edges.map((edge) => Math.max(edge[1], edge[3])))) - y + 1;
  const bytesPerRow = Math.ceil(columns / 8);
  const bits = new Uint8Array(bytesPerRow * rows);
  for (let row = 0; row < rows; row += 1) {
    const coverage = new Float32Array(columns);
    for (let sample = 0; sample < samples; sample += 1) cover(coverage, edges, y + row + (sample + 0.5) / samples, x);
    // A little more ink than half: thermal heads print thin strokes too thin.
    coverage.forEach((ink, column) => {
      if (ink >= 0.4 * samples) bits[row * bytesPerRow + (column >> 3)]! |= 0x80 >> (column & 7);
    });
  }
  return { x, y, bytesPerRow, rows, bits };
};

const cover = (coverage: Float32Array, edges: readonly Edge[], at: number, left: number): void => {
  const crossings = edges
    .filter(([, y0, , y1]) => (y0 <= at && y1 > at) || (y1 <= at && y0 > at))
    .map(([x0, y0, x1, y1]) => ({ x: x0 + ((at - y0) / (y1 - y0)) * (x1 - x0) - left, turn: y1 > y0 ? 1 : -1 }))
    .sort((a, b) => a.x - b.x);
  let winding = 0;
  crossings.forEach(({ x, turn }, index) => {
    const from = crossings[index - 1]?.x ?? x;
    if (winding !== 0) for (let column = Math.floor(from); column < x; column += 1) coverage[column]! += Math.min(column + 1, x) - Math.max(column, from);
    winding += turn;
  });
};

const edgesOf = (line: Line, dotsPerMillimetre: number): readonly Edge[] => {
  const edges: Edge[] = [];
  let pen = line.x * dotsPerMillimetre;
  const baseline = line.baseline * dotsPerMillimetre;
  for (const { face, text } of line.runs) {
    const scale = (line.size * millimetresPerPoint * dotsPerMillimetre) / face.font.unitsPerEm;
    const { glyphs, positions } = face.font.layout(text);
    glyphs.forEach((glyph, index) => {
      const place = positions[index]!;
      const [dx, dy] = [pen + place.xOffset * scale, baseline - place.yOffset * scale];
      outline(glyph.path.commands as unknown as readonly Command[], (x, y) => [dx + x * scale, dy - y * scale], edges);
      pen += place.xAdvance * scale;
    });
  }
  return edges;
};

interface Command {
  readonly command: 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath';
  readonly args: readonly number[];
}

const outline = (commands: readonly Command[], place: (x: number, y: number) => readonly [number, number], edges: Edge[]): void => {
  let [x, y, startX, startY] = [0, 0, 0, 0];
  const to = (nextX: number, nextY: number): void => {
    edges.push([...place(x, y), ...place(nextX, nextY)]);
    [x, y] = [nextX, nextY];
  };
  for (const { command, args } of commands) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    const [fromX, fromY] = [x, y];
    switch (command) {
      case 'moveTo':
        [x, y, startX, startY] = [a, b, a, b];
        break;
      case 'lineTo':
        to(a, b);
        break;
      case 'quadraticCurveTo':
        for (let step = 1; step <= steps; step += 1) {
          const t = step / steps;
          to((1 - t) ** 2 * fromX + 2 * (1 - t) * t * a + t ** 2 * c, (1 - t) ** 2 * fromY + 2 * (1 - t) * t * b + t ** 2 * d);
        }
        break;
      case 'bezierCurveTo':
        for (let step = 1; step <= steps; step += 1) {
          const t = step / steps;
          const [p, q, r, s] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
          to(p * fromX + q * a + r * c + s * e, p * fromY + q * b + r * d + s * f);
        }
        break;
      case 'closePath':
        to(startX, startY);
        break;
    }
  }
};
