// @ts-check
/** Lists to choose from that follow the picture, but never change while somebody has them open. */
import { h } from "../../../web-shared/h.js";
import { byChoiceOrder, choiceWords } from "../model/robot.js";

/**
 * @param {HTMLSelectElement} select
 * @param {{ value: string, words: string }[]} options
 */
export function setOptions(select, options) {
  if (document.activeElement === select) return;
  const signature = JSON.stringify(options);
  if (select.dataset["options"] === signature) return;
  const chosen = select.value;
  select.replaceChildren(...options.map(({ value, words }) => h("option", { value }, words)));
  select.dataset["options"] = signature;
  if (options.some(({ value }) => value === chosen)) select.value = chosen;
}

/**
 * The robots, free and fit ones first, unreachable ones last and said so.
 * @param {import("../page.js").Page} page
 * @param {number} now_ms
 * @param {string} none  the words for no robot
 */
export function robotOptions(page, now_ms, none) {
  const sights = page.picture.sights(now_ms).sort(byChoiceOrder);
  return [{ value: "", words: none }, ...sights.map((sight) => ({ value: sight.robot.id, words: choiceWords(sight) }))];
}

/**
 * @param {import("../page.js").Page} page
 * @param {string} none
 */
export function zoneOptions(page, none) {
  const zones = page.picture.hall?.zones ?? [];
  return [{ value: "", words: none }, ...zones.map((zone) => ({ value: zone.id, words: zone.title }))];
}
