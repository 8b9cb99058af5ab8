import assert from "node:assert/strict";
import { test } from "node:test";
import { placeLabels, Projection, scaleBar_m } from "../js/model/floor.js";

const area = { x: 0, y: 0, w: 400, h: 300 };
const label = (x, y, side = 0) => ({ at: { x, y }, w: 40, h: 16, gap: 12, side });

function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test("north is up and both directions have one scale", () => {
  const projection = new Projection({ x_cm: 1_000, y_cm: 500 }, 440, 400, 20);
  const corner = projection.pixel({ x_cm: 0, y_cm: 0 });
  const opposite = projection.pixel({ x_cm: 1_000, y_cm: 500 });
  assert.deepEqual(corner, { x: 20, y: 300 });
  assert.deepEqual(opposite, { x: 420, y: 100 });
});

test("a hall without a size does not break the page", () => {
  assert.ok(Number.isFinite(new Projection({ x_cm: 0, y_cm: 0 }, 0, 0, 20).pixel({ x_cm: 1, y_cm: 1 }).x));
});

test("the scale is a round number of metres", () => {
  assert.equal(scaleBar_m(0.3, 90), 2);
  assert.equal(scaleBar_m(100, 90), 1);
});

test("labels cover neither each other nor what stands there already, and stay inside", () => {
  const labels = [label(200, 150), label(230, 150), label(395, 10)];
  const title = { x: 205, y: 160, w: 60, h: 14 };
  const boxes = placeLabels(labels, area, [title]).map(({ box }) => box);
  boxes.forEach((box, i) => {
    assert.ok(box.x >= 0 && box.x + box.w <= area.w && box.y >= 0 && box.y + box.h <= area.h);
    assert.ok(!overlap(box, title));
    for (const other of boxes.slice(i + 1)) assert.ok(!overlap(box, other));
  });
});

test("a label that stood well stays at its side", () => {
  const [first] = placeLabels([label(200, 150, 2)], area, []);
  assert.equal(first?.side, 2);
});
