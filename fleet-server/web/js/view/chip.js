// @ts-check
/** A few words with a shape before them: the shape and the words say what the colour says. */
import { h, setAttribute, setText, show } from "../../../web-shared/h.js";

/** @type {Record<import("../types.js").Tone, string>} */
const SHAPES = { high: "square", medium: "triangle", low: "diamond", unknown: "hollow_circle", normal: "dot" };

/** @param {HTMLElement} parent */
export function chip(parent) {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const text = h("span");
  const element = h("span", { class: "chip" }, mark, text);
  parent.append(element);
  return {
    element,
    /**
     * @param {import("../types.js").Tone} tone
     * @param {string} words
     * @param {import("../model/robot.js").Shape} [shape]  instead of the tone's own
     */
    render(tone, words, shape) {
      setAttribute(element, "class", `chip tone-${tone}`);
      setAttribute(mark, "class", `mark tone-${tone} shape-${shape ?? SHAPES[tone]}`);
      show(mark, tone !== "normal" || shape !== undefined);
      setText(text, words);
    },
  };
}
