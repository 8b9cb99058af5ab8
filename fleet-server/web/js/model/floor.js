// @ts-check
/**
 * From centimetres in the hall to pixels on the page, and where names stand so that they do not cover each other.
 */

/** @typedef {import("../types.js").Point} Point */
/** @typedef {{ x: number, y: number }} Pixel */
/** @typedef {{ x: number, y: number, w: number, h: number }} Box */
/** @typedef {{ at: Pixel, w: number, h: number, gap: number, side: number }} Label  `at`: its marker's middle; `gap`: from there; `side`: where it stood last */

/** How the hall fits its canvas: one scale for both directions, north up, centred. */
export class Projection {
  /**
   * @param {Point} size  the hall's north-east corner
   * @param {number} width_px
   * @param {number} height_px
   * @param {number} margin_px
   */
  constructor(size, width_px, height_px, margin_px) {
    const x_cm = Math.max(1, size.x_cm);
    const y_cm = Math.max(1, size.y_cm);
    this.scale = Math.max(0.001, Math.min((width_px - 2 * margin_px) / x_cm, (height_px - 2 * margin_px) / y_cm));
    this.left = (width_px - x_cm * this.scale) / 2;
    this.bottom = (height_px + y_cm * this.scale) / 2;
  }

  /**
   * @param {Point} point
   * @returns {Pixel}
   */
  pixel(point) {
    return { x: this.left + point.x_cm * this.scale, y: this.bottom - point.y_cm * this.scale };
  }

  /**
   * @param {Point} a
   * @param {Point} b
   * @returns {Box}
   */
  box(a, b) {
    const p = this.pixel(a);
    const q = this.pixel(b);
    return { x: Math.min(p.x, q.x), y: Math.min(p.y, q.y), w: Math.abs(p.x - q.x), h: Math.abs(p.y - q.y) };
  }
}

/**
 * A round number of metres whose bar is about `px` long.
 * @param {number} scale  pixels per centimetre
 * @param {number} px
 */
export function scaleBar_m(scale, px) {
  const metres = px / scale / 100;
  const fitting = [1, 2, 5, 10, 20, 50, 100, 200].filter((m) => m <= metres);
  return fitting.at(-1) ?? 1;
}

/**
 * A place for each label: beside its marker where nothing is covered yet. Tried in order: right, left, below, above,
 * then the same further out. When all are taken, the least covered is used: a covered name is better than none.
 * A label that stood well stays at its side, so that names do not hop while robots walk.
 * @param {Label[]} labels  in order of importance
 * @param {Box} area       where labels may stand
 * @param {Box[]} fixed    what stands there already
 * @returns {{ box: Box, side: number }[]}
 */
export function placeLabels(labels, area, fixed) {
  const markers = labels.map(({ at, gap }) => ({ x: at.x - gap, y: at.y - gap, w: 2 * gap, h: 2 * gap }));
  const taken = [...markers, ...fixed];
  return labels.map((label) => {
    const options = places(label).map((box) => inside(box, area));
    const others = labels.filter((other) => other !== label).map((other) => other.at);
    const side = cheapest(options, (box) => cost(box, label.at, taken, others), label.side);
    const box = /** @type {Box} */ (options[side]);
    taken.push(box);
    return { box, side };
  });
}

/** So many of the places are beside the marker; a label that had to stand further out comes back when it can. */
const SIDES_NEAR = 8;
/** A label that stands nearer to another marker would name the wrong robot: as bad as this many covered pixels. */
const MISNAMED_PX2 = 600;

/**
 * What speaks against a place: the pixels it covers, and standing nearer to another marker than to its own.
 * @param {Box} box
 * @param {Pixel} own
 * @param {Box[]} taken
 * @param {Pixel[]} others
 */
function cost(box, own, taken, others) {
  const covered = taken.reduce((sum, other) => sum + overlap_px2(box, other), 0);
  const distance = distance_px(own, box);
  return others.some((other) => distance_px(other, box) < distance) ? covered + MISNAMED_PX2 : covered;
}

/**
 * @param {Box[]} options
 * @param {(box: Box) => number} cost_of
 * @param {number} last_side
 */
function cheapest(options, cost_of, last_side) {
  const costs = options.map(cost_of);
  const stays = last_side < SIDES_NEAR && costs[last_side] === 0;
  return stays ? last_side : costs.indexOf(Math.min(...costs));
}

/**
 * The point of the box that is nearest to a pixel.
 * @param {Pixel} pixel
 * @param {Box} box
 * @returns {Pixel}
 */
export function nearest({ x, y }, box) {
  return { x: Math.max(box.x, Math.min(x, box.x + box.w)), y: Math.max(box.y, Math.min(y, box.y + box.h)) };
}

/**
 * @param {Pixel} pixel
 * @param {Box} box
 */
function distance_px(pixel, box) {
  const edge = nearest(pixel, box);
  return Math.hypot(pixel.x - edge.x, pixel.y - edge.y);
}

/**
 * @param {Label} label
 * @returns {Box[]}
 */
function places({ at, w, h, gap }) {
  const around = (/** @type {number} */ d) => [
    { x: at.x + d, y: at.y - h / 2, w, h },
    { x: at.x - d - w, y: at.y - h / 2, w, h },
    { x: at.x - w / 2, y: at.y + d, w, h },
    { x: at.x - w / 2, y: at.y - d - h, w, h },
    { x: at.x + d, y: at.y + d / 2, w, h },
    { x: at.x - d - w, y: at.y + d / 2, w, h },
    { x: at.x + d, y: at.y - d / 2 - h, w, h },
    { x: at.x - d - w, y: at.y - d / 2 - h, w, h },
  ];
  return [...around(gap), ...around(gap + h)];
}

/**
 * @param {Box} box
 * @param {Box} area
 * @returns {Box}
 */
function inside(box, area) {
  const x = Math.max(area.x, Math.min(box.x, area.x + area.w - box.w));
  const y = Math.max(area.y, Math.min(box.y, area.y + area.h - box.h));
  return { ...box, x, y };
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function overlap_px2(a, b) {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}
