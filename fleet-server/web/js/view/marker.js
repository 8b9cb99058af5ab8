// @ts-check
/** The shapes of robots on the canvas; the same shapes as `.mark` in the style sheet. */

/** Half the size of a marker, in pixels. */
export const MARKER_PX = 9;

/**
 * @param {CanvasRenderingContext2D} g
 * @param {import("../model/robot.js").Shape} shape
 * @param {import("../model/floor.js").Pixel} at
 * @param {number} heading  radians from east towards north
 * @param {{ ink: string, ground: string }} colours
 */
export function drawMarker(g, shape, at, heading, { ink, ground }) {
  g.save();
  g.translate(at.x, at.y);
  g.lineWidth = 2;
  g.strokeStyle = ink;
  g.fillStyle = ink;
  switch (shape) {
    case "arrow":
      g.rotate(-heading);
      arrowPath(g);
      fillWithRim(g, ground);
      break;
    case "dot":
      circlePath(g, MARKER_PX * 0.72);
      fillWithRim(g, ground);
      break;
    case "square":
      squarePath(g, MARKER_PX * 0.9);
      fillWithRim(g, ground);
      break;
    case "hollow_circle":
      circlePath(g, MARKER_PX);
      strokeDashed(g, ground);
      break;
    case "hollow_square":
      squarePath(g, MARKER_PX);
      strokeDashed(g, ground);
      break;
  }
  g.restore();
}

/**
 * The ring around the robot that is chosen in the table.
 * @param {CanvasRenderingContext2D} g
 * @param {import("../model/floor.js").Pixel} at
 * @param {string} ink
 */
export function drawRing(g, at, ink) {
  g.save();
  g.translate(at.x, at.y);
  circlePath(g, MARKER_PX + 7);
  g.lineWidth = 2;
  g.strokeStyle = ink;
  g.stroke();
  g.restore();
}

/** @param {CanvasRenderingContext2D} g */
function arrowPath(g) {
  const r = MARKER_PX * 1.25;
  g.beginPath();
  g.moveTo(r, 0);
  g.lineTo(-r * 0.8, r * 0.75);
  g.lineTo(-r * 0.35, 0);
  g.lineTo(-r * 0.8, -r * 0.75);
  g.closePath();
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {number} r
 */
function circlePath(g, r) {
  g.beginPath();
  g.arc(0, 0, r, 0, 2 * Math.PI);
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {number} r
 */
function squarePath(g, r) {
  g.beginPath();
  g.rect(-r, -r, 2 * r, 2 * r);
}

/**
 * A rim in the floor's colour keeps two robots at one place apart.
 * @param {CanvasRenderingContext2D} g
 * @param {string} ground
 */
function fillWithRim(g, ground) {
  g.strokeStyle = ground;
  g.lineWidth = 3;
  g.stroke();
  g.fill();
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {string} ground
 */
function strokeDashed(g, ground) {
  g.fillStyle = ground;
  g.globalAlpha = 0.75;
  g.fill();
  g.globalAlpha = 1;
  g.setLineDash([4, 3]);
  g.stroke();
}
