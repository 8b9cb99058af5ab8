// The rules for wording and looks of controls near a stop (ISO 13850, IEC 60204-1), and those of the build, checked
// over the files as they are shipped.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "node:test";

const OPERATOR = fileURLToPath(new URL("..", import.meta.url));
const HARDWARE = fileURLToPath(new URL("../../web-hardware/", import.meta.url));
const SHARED = fileURLToPath(new URL("../../web-shared/", import.meta.url));

function filesOf(root, endings) {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => !name.startsWith("tests") && endings.some((ending) => name.endsWith(ending)))
    .map((name) => ({ name, text: readFileSync(`${root}${name}`, "utf8") }));
}

const operator = filesOf(OPERATOR, [".js", ".html", ".css"]);
const hardware = filesOf(HARDWARE, [".js", ".html", ".css"]);
const shared = filesOf(SHARED, [".js"]);
const everything = [...operator, ...hardware, ...shared];
const scripts = (files) => files.filter(({ name }) => name.endsWith(".js"));
const sheets = (files) => files.filter(({ name }) => name.endsWith(".css"));
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

/** Hue in degrees and saturation 0 to 1 of a hexadecimal colour. */
function hueOf(hex) {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(full.slice(i, i + 2), 16) / 255);
  const max = Math.max(r, g, b);
  const span = max - Math.min(r, g, b);
  if (span === 0) return { hue: 0, saturation: 0 };
  const sector = max === r ? ((g - b) / span + 6) % 6 : max === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return { hue: sector * 60, saturation: span / max };
}

test("the operator's page has none of the words of a device for stopping", () => {
  for (const { name, text } of [...operator, ...shared]) {
    assert.doesNotMatch(text, /emergency|\be-?stop|\bkill|\bpanic|safety stop/i, name);
  }
});

test("the hardware page uses those words only to name the physical device", () => {
  const allowed = /physical e-stop of the simulated robot/gi;
  for (const { name, text } of hardware) {
    assert.doesNotMatch(text.replace(allowed, ""), /emergency|\be-?stop|\bkill|\bpanic|safety stop/i, name);
  }
});

test("the operator's page asks for nothing but tasks and, of a robot, its disclosures and to resume", () => {
  const text = scripts(operator).map((file) => file.text).join("\n");
  const paths = [...text.matchAll(/["'`](v1\/[^"'`]*)["'`]/g)].map((match) => match[1].replace(/\$\{[^}]*\}/g, "*"));
  assert.deepEqual([...new Set(paths)].sort(), ["v1/ops", "v1/robots/*/disclosure", "v1/robots/*/resume-requests", "v1/tasks", "v1/tasks/*/assignments", "v1/tasks/*/cancel-requests", "v1/tasks/*/note"]);
  assert.doesNotMatch(text, /method: "(PUT|PATCH|DELETE)"/);
});

test("no green, no colour by name, and every colour stands in the palette", () => {
  for (const { name, text } of sheets(operator)) {
    const rules = withoutComments(text);
    assert.doesNotMatch(rules, /:\s*[^;]*\b(red|yellow|green|gold|orange|lime|crimson|amber)\b/i, name);
    assert.doesNotMatch(rules, /rgb|hsl|lab\(|lch\(/i, name);
    const outside = rules.replace(/:root\s*\{[^}]*\}/g, "");
    assert.doesNotMatch(outside, /#[0-9a-f]{3,8}\b/i, `${name}: a colour outside the palette`);
    for (const [hex] of rules.matchAll(/#[0-9a-f]{3,8}\b/gi)) {
      const { hue, saturation } = hueOf(hex);
      assert.ok(saturation < 0.3 || hue < 70 || hue > 180, `${name}: ${hex} is green`);
    }
  }
  for (const { name, text } of scripts(operator)) assert.doesNotMatch(text, /["'`]#[0-9a-f]{3,8}["'`]/i, name);
});

test("red never meets yellow on the operator's page", () => {
  for (const { name, text } of sheets(operator)) {
    for (const [rule] of withoutComments(text).matchAll(/[^{}]*\{[^{}]*\}/g)) {
      if (rule.includes(":root")) continue;
      assert.ok(!(rule.includes("--high") && rule.includes("--medium")), `${name}: ${rule}`);
    }
  }
});

test("no octagon, and no circle drawn into a square", () => {
  for (const { name, text } of sheets(operator)) {
    for (const [, points] of withoutComments(text).matchAll(/polygon\(([^)]*)\)/g)) {
      assert.ok(points.split(",").length < 6, `${name}: ${points}`);
    }
    assert.doesNotMatch(withoutComments(text), /radial-gradient|circle\(/, name);
  }
});

test("the only page with red on yellow says what it is", () => {
  const page = hardware.find(({ name }) => name === "index.html");
  assert.match(page.text, /<h1>Simulated hardware<\/h1>/);
  assert.ok(hardware.some(({ text }) => text.includes("Physical e-stop of the simulated robot")));
});

test("no inline code, no markup from data, nothing from elsewhere", () => {
  for (const { name, text } of everything) {
    // The name of the drawing language is an address that nobody fetches.
    assert.doesNotMatch(text.replaceAll('"http://www.w3.org/2000/svg"', ""), /https?:\/\//, name);
    if (name.endsWith(".html")) assert.doesNotMatch(text, /\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)/i, name);
    if (name.endsWith(".js")) {
      assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/, name);
    }
  }
});

test("every script is checked by types, opens with what it is for, and stays short", () => {
  for (const { name, text } of everything) {
    assert.ok(text.split("\n").length < 400, `${name} is too long`);
    if (name.endsWith(".js")) assert.match(text, /^\/\/ @ts-check\n\/\*\*/, name);
  }
});

test("the models read no clock, no chance and no page", () => {
  const models = scripts(operator).filter(({ name }) => name.includes("model/"));
  assert.ok(models.length > 5);
  for (const { name, text } of models) {
    assert.doesNotMatch(withoutComments(text), /\bdocument\b|\bwindow\b|\bfetch\b|performance\.|Date\.now|Math\.random|new Date/, name);
  }
});

test("what a script imports is there, and stands at the same path for a browser", () => {
  for (const [root, files] of [[OPERATOR, operator], [HARDWARE, hardware], [SHARED, shared]]) {
    for (const { name, text } of scripts(files)) {
      for (const [, path] of text.matchAll(/(?:from|import\()\s*"(\.[^"]*)"/g)) {
        const found = new URL(path, pathToFileURL(`${root}${name}`));
        assert.ok(existsSync(found), `${name} imports ${path}`);
        // A browser cannot climb above the root, where the shared folder is served.
        const served = new URL(path, `http://page/${root === SHARED ? "web-shared/" : ""}${name}`).pathname;
        assert.ok(fileURLToPath(found) === `${root}${served.slice(1)}` || served.startsWith("/web-shared/"), `${name} imports ${served}`);
      }
    }
  }
});
