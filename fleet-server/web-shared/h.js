// @ts-check
/**
 * Making and keeping elements. Text goes in as text, never as markup; there is no way to pass a style or a handler as
 * a string, so the page needs no inline code.
 */

/** The name of the drawing language; nothing is fetched from it. */
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | number | boolean | null | undefined} Attribute */
/** @typedef {Node | string | null | undefined} Child */
/** @typedef {Record<string, (event: any) => void>} Handlers */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute | Handlers>} [attributes]  `true` sets an empty attribute, `false` and `null` leave it away; `on` holds handlers
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") listen(element, /** @type {Handlers} */ (value));
    else setAttribute(element, name, /** @type {Attribute} */ (value));
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/**
 * A part of a drawing.
 * @param {string} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {Child[]} children
 */
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Handlers} handlers
 */
function listen(element, handlers) {
  for (const [event, handler] of Object.entries(handlers)) element.addEventListener(event, handler);
}

/**
 * Sets what differs, so that nothing is laid out or read aloud anew without a reason.
 * @param {Element} element
 * @param {string} name
 * @param {Attribute} value
 */
export function setAttribute(element, name, value) {
  if (name === "style" || name.startsWith("on")) throw new Error(`the attribute ${name} would be inline code`);
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {boolean} is_shown
 */
export function show(element, is_shown) {
  if (isShown(element) !== is_shown) element.hidden = !is_shown;
}

/** @param {HTMLElement} element */
export function isShown(element) {
  return !element.hasAttribute("hidden");
}

/**
 * The element of the page with that id, which the page's own HTML holds.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element ${id}`);
  return element;
}

/**
 * @template T
 * @typedef {{ element: HTMLElement, render: (item: T) => void }} Row
 */

/**
 * Rows that stay the same elements while their items change, so that focus, scroll and an open detail survive.
 * @template T
 */
export class KeyedRows {
  /**
   * @param {HTMLElement} parent
   * @param {(key: string) => Row<T>} make
   */
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    /** @type {Map<string, Row<T>>} */
    this.rows = new Map();
  }

  /**
   * @param {T[]} items
   * @param {(item: T) => string} key_of
   */
  render(items, key_of) {
    const keys = new Set(items.map(key_of));
    for (const [key, row] of this.rows) if (!keys.has(key)) this.drop(key, row);
    const focused = document.activeElement;
    this.place(items, key_of);
    // An element that is moved loses the focus; the person who had it there did not move away.
    if (focused !== document.activeElement && focused instanceof HTMLElement && this.parent.contains(focused)) focused.focus();
  }

  /**
   * @param {T[]} items
   * @param {(item: T) => string} key_of
   */
  place(items, key_of) {
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const row = this.row(key_of(item));
      if (row.element === place) place = place.nextElementSibling;
      else this.parent.insertBefore(row.element, place);
      row.render(item);
    }
  }

  /** @param {string} key */
  row(key) {
    const found = this.rows.get(key);
    if (found !== undefined) return found;
    const made = this.make(key);
    this.rows.set(key, made);
    return made;
  }

  /**
   * @param {string} key
   * @param {Row<T>} row
   */
  drop(key, row) {
    row.element.remove();
    this.rows.delete(key);
  }
}
