// @ts-check
/**
 * The floor on a canvas: zones, and robots as shapes with their names. A tap on a robot opens it in the table, which is
 * the canvas's twin for keyboard and screen reader.
 */
import { byId, h } from "../../../web-shared/h.js";
import { nearest, placeLabels, Projection, scaleBar_m } from "../model/floor.js";
import { bySightOrder } from "../model/robot.js";
import { drawMarker, drawRing, MARKER_PX } from "./marker.js";

/** Room around the hall, in pixels. */
const MARGIN_PX = 20;
/** Height of the scale below the hall, inside the margin. */
const SCALE_PX = 15;
/** A tap this near to a robot means it, in pixels: half of a 48 px target. */
const TAP_PX = 24;
/** A narrower floor has no room for sentences, in pixels. */
const SMALL_PX = 560;
const LABEL_PX = 13;
const LINE_PX = 16;
/** A label further from its marker than this gets a line to it, in pixels. */
const LEADER_PX = 22;
const FONT = `${LABEL_PX}px "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif`;

/** @typedef {import("../model/robot.js").Sight} Sight */
/** @typedef {import("../model/floor.js").Pixel} Pixel */
/** @typedef {import("../model/floor.js").Box} Box */
/** @typedef {{ sight: Sight, at: Pixel, heading: number }} Placed */

export class Floor {
  /** @param {import("../page.js").Page} page */
  constructor(page) {
    this.page = page;
    this.box = byId("floor-box");
    this.canvas = h("canvas", { role: "img", "aria-label": "Map of the floor. The table Robots says the same in words.", on: { click: (e) => this.tap(e) } });
    this.box.append(this.canvas);
    this.g = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.is_stale = true;
    /** @type {Placed[]} */
    this.placed = [];
    /** @type {Map<string, number>} where each robot's label stood last */
    this.sides = new Map();
    this.reduced = matchMedia("(prefers-reduced-motion: reduce)");
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.colours = readColours(this.canvas);
  }

  start() {
    new ResizeObserver(() => this.resize()).observe(this.box);
    this.dark.addEventListener("change", () => {
      this.colours = readColours(this.canvas);
      this.is_stale = true;
    });
    const frame = () => {
      if (this.is_stale || this.isGliding()) this.draw(this.page.now());
      requestAnimationFrame(frame);
    };
    frame();
  }

  render() {
    this.is_stale = true;
  }

  isGliding() {
    const now_ms = this.page.now();
    return [...this.page.picture.known.values()].some(({ track }) => track.isGliding(now_ms));
  }

  resize() {
    const ratio = devicePixelRatio;
    this.canvas.width = Math.round(this.box.clientWidth * ratio);
    this.canvas.height = Math.round(this.box.clientHeight * ratio);
    this.draw(this.page.now());
  }

  /** @param {number} now_ms */
  draw(now_ms) {
    this.is_stale = false;
    const { g } = this;
    const ratio = devicePixelRatio;
    const area = { w: this.canvas.width / ratio, h: this.canvas.height / ratio };
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, area.w, area.h);
    const { hall } = this.page.picture;
    if (hall === null || area.w === 0) return;
    this.box.style.setProperty("--hall-ratio", `${hall.size.x_cm} / ${hall.size.y_cm}`);
    const projection = new Projection(hall.size, area.w, area.h, MARGIN_PX);
    const titles = this.drawHall(hall, projection);
    this.placed = this.place(projection, now_ms);
    this.drawRobots({ x: 2, y: 2, w: area.w - 4, h: area.h - 4 }, titles);
  }

  /**
   * @param {import("../types.js").Hall} hall
   * @param {Projection} projection
   * @returns {Box[]} where the zones' titles stand
   */
  drawHall(hall, projection) {
    const { g, colours } = this;
    const floor = projection.box({ x_cm: 0, y_cm: 0 }, hall.size);
    g.fillStyle = colours.field;
    g.fillRect(floor.x, floor.y, floor.w, floor.h);
    g.strokeStyle = colours.line_strong;
    g.lineWidth = 1.5;
    g.strokeRect(floor.x, floor.y, floor.w, floor.h);
    g.font = FONT;
    this.drawScale(projection, floor);
    return hall.zones.map((zone) => this.drawZone(zone, projection));
  }

  /**
   * @param {import("../types.js").Zone} zone
   * @param {Projection} projection
   * @returns {Box}
   */
  drawZone(zone, projection) {
    const { g, colours } = this;
    const box = projection.box(zone.from, zone.to);
    const station = projection.pixel(zone.station);
    g.fillStyle = colours.zone;
    g.fillRect(box.x, box.y, box.w, box.h);
    g.strokeStyle = colours.zone_line;
    g.lineWidth = 1;
    g.strokeRect(box.x, box.y, box.w, box.h);
    g.beginPath();
    g.moveTo(station.x - 5, station.y);
    g.lineTo(station.x + 5, station.y);
    g.moveTo(station.x, station.y - 5);
    g.lineTo(station.x, station.y + 5);
    g.stroke();
    g.fillStyle = colours.ink_soft;
    g.textBaseline = "top";
    const title = fit(g, zone.title, box.w - 8);
    g.fillText(title, box.x + 6, box.y + 5);
    return { x: box.x + 6, y: box.y + 5, w: g.measureText(title).width, h: LABEL_PX };
  }

  /**
   * @param {Projection} projection
   * @param {Box} floor
   */
  drawScale(projection, floor) {
    const { g, colours } = this;
    const metres = scaleBar_m(projection.scale, 90);
    const length = metres * 100 * projection.scale;
    const x = floor.x + floor.w - length;
    const y = floor.y + floor.h + SCALE_PX - 4;
    g.strokeStyle = colours.ink_soft;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(x, y - 4);
    g.lineTo(x, y);
    g.lineTo(x + length, y);
    g.lineTo(x + length, y - 4);
    g.stroke();
    g.fillStyle = colours.ink_soft;
    g.textBaseline = "bottom";
    g.textAlign = "right";
    g.fillText(`${metres} m`, x - 6, y + 3);
    g.textAlign = "left";
  }

  /**
   * @param {Projection} projection
   * @param {number} now_ms
   * @returns {Placed[]}
   */
  place(projection, now_ms) {
    const { picture } = this.page;
    return picture.sights(now_ms).sort(bySightOrder).flatMap((sight) => {
      const track = picture.known.get(sight.robot.id)?.track;
      const at = track?.at(now_ms, this.reduced.matches) ?? null;
      return at === null || track === undefined ? [] : [{ sight, at: projection.pixel(at), heading: track.heading }];
    });
  }

  /**
   * @param {Box} area
   * @param {Box[]} titles
   */
  drawRobots(area, titles) {
    const { g, colours } = this;
    for (const { sight, at, heading } of [...this.placed].reverse()) {
      if (sight.robot.id === this.page.chosen_robot) drawRing(g, at, colours.ink);
      drawMarker(g, sight.shape, at, heading, { ink: colours[sight.tone], ground: colours.field });
    }
    g.font = FONT;
    const is_small = area.w < SMALL_PX;
    const lines = this.placed.map(({ sight }) => labelOf(sight, is_small));
    const sizes = lines.map((texts, i) => ({
      at: /** @type {Placed} */ (this.placed[i]).at,
      w: Math.max(...texts.map((text) => g.measureText(text).width)) + 6,
      h: texts.length * LINE_PX,
      gap: MARKER_PX + (this.idOf(i) === this.page.chosen_robot ? 9 : 4),
      side: this.sides.get(this.idOf(i)) ?? 0,
    }));
    placeLabels(sizes, area, titles).forEach(({ box, side }, i) => {
      this.sides.set(this.idOf(i), side);
      this.drawLeader(box, this.placed[i]);
      this.drawLabel(box, lines[i] ?? [], this.placed[i]);
    });
  }

  /**
   * A thin line from a marker to a label that had to stand further away.
   * @param {Box} box
   * @param {Placed | undefined} placed
   */
  drawLeader(box, placed) {
    if (placed === undefined) return;
    const end = nearest(placed.at, box);
    if (Math.hypot(end.x - placed.at.x, end.y - placed.at.y) < LEADER_PX) return;
    this.g.strokeStyle = this.colours.ink_soft;
    this.g.lineWidth = 1;
    this.g.beginPath();
    this.g.moveTo(placed.at.x, placed.at.y);
    this.g.lineTo(end.x, end.y);
    this.g.stroke();
  }

  /** @param {number} i */
  idOf(i) {
    return this.placed[i]?.sight.robot.id ?? "";
  }

  /**
   * @param {Box} box
   * @param {string[]} lines
   * @param {Placed | undefined} placed
   */
  drawLabel(box, lines, placed) {
    const { g, colours } = this;
    const tone = placed?.sight.tone ?? "normal";
    const { align, x } = anchor(box, placed?.at.x ?? box.x);
    g.textAlign = align;
    g.textBaseline = "top";
    g.lineJoin = "round";
    g.lineWidth = 4;
    g.strokeStyle = colours.field;
    lines.forEach((line, i) => {
      g.strokeText(line, x, box.y + 1 + i * LINE_PX);
      g.fillStyle = i === 0 ? colours.ink : colours[tone];
      g.fillText(line, x, box.y + 1 + i * LINE_PX);
    });
    g.textAlign = "left";
  }

  /** @param {MouseEvent} event */
  tap(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top;
    const near = this.placed
      .map((placed) => ({ id: placed.sight.robot.id, d: Math.hypot(placed.at.x - x, placed.at.y - y) }))
      .filter(({ d }) => d <= TAP_PX)
      .sort((a, b) => a.d - b.d);
    this.page.choose(near[0]?.id ?? null);
  }
}

/**
 * Text begins at the side that faces its marker.
 * @param {Box} box
 * @param {number} marker_x
 * @returns {{ align: CanvasTextAlign, x: number }}
 */
function anchor(box, marker_x) {
  if (box.x >= marker_x) return { align: "left", x: box.x + 3 };
  if (box.x + box.w <= marker_x) return { align: "right", x: box.x + box.w - 3 };
  return { align: "center", x: box.x + box.w / 2 };
}

/**
 * The name, and below it what is not normal. A robot that is fine needs no words.
 * @param {Sight} sight
 * @param {boolean} is_small
 */
function labelOf(sight, is_small) {
  const is_plain = sight.tone === "normal";
  return is_plain ? [sight.robot.id] : [sight.robot.id, is_small ? sight.brief : sight.headline];
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {string} text
 * @param {number} width
 */
function fit(g, text, width) {
  if (g.measureText(text).width <= width) return text;
  let short = text;
  while (short.length > 1 && g.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return `${short}…`;
}

/**
 * The style sheet's colours; the canvas cannot inherit them.
 * @param {HTMLElement} element
 */
function readColours(element) {
  const style = getComputedStyle(element.isConnected ? element : document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    field: colour("--field"),
    ink: colour("--ink"),
    ink_soft: colour("--ink-soft"),
    line_strong: colour("--line-strong"),
    zone: colour("--zone"),
    zone_line: colour("--zone-line"),
    normal: colour("--robot"),
    low: colour("--low"),
    medium: colour("--medium-ink"),
    high: colour("--high"),
    unknown: colour("--unknown"),
  };
}
