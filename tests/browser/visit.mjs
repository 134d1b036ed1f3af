// Visits pages in Chromium and says what is wrong with them.
//
// Standard input: {"chromium": PATH, "visits": [{name, url, width, height, language, dark, still, script, textPercent,
// screenshot, paper, pdf}]}. Standard output: a list with, for each visit, {name, status, lang, dir, text, fontPx, background, moving,
// faults: [line]}. Nothing here decides what a page should be like but `measure.mjs`.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { text as readAll } from "node:stream/consumers";
import { chromium } from "playwright-core";
import { measure } from "./measure.mjs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Chromium's defaults for proportional and fixed text, px.
const TEXT_PX = { standard: 16, fixed: 13 };
// What a browser leaves free at the edges of a printed page.
const MARGIN = { top: "10mm", bottom: "10mm", left: "10mm", right: "10mm" };
const PATIENCE_MS = 60_000;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const job = JSON.parse(await readAll(process.stdin));
const browser = await chromium.launch({ executablePath: job.chromium, args: FLAGS });
const found = [];
for (const visit of job.visits) {
  found.push(await within(PATIENCE_MS * 2, look(visit), `looking at ${visit.url}`));
}
await browser.close();
process.stdout.write(JSON.stringify(found));

function within(ms, work, what) {
  const late = (_, fail) => setTimeout(() => fail(new Error(`${what} took over ${ms} ms`)), ms).unref();
  return Promise.race([work, new Promise(late)]);
}

async function look(visit) {
  const context = await browser.newContext({
    viewport: { width: visit.width, height: visit.height },
    deviceScaleFactor: 2,
    locale: visit.language,
    colorScheme: visit.dark ? "dark" : "light",
    reducedMotion: visit.still ? "reduce" : "no-preference",
    javaScriptEnabled: visit.script,
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (line) => {
    // The browser reports the page's own status this way (an error page is one on purpose), and that of the picture it
    // asks for unasked.
    const { url } = line.location();
    const ownAffair = url === page.url() || url.endsWith("/favicon.ico");
    if (line.type() === "error" && !(ownAffair && line.text().startsWith("Failed to load"))) complaints.push(`console: ${line.text()} ${url}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`not loaded: ${request.url()}`));
  const devtools = await context.newCDPSession(page);
  const scaled = (px) => Math.round((px * visit.textPercent) / 100);
  const fontSizes = { standard: scaled(TEXT_PX.standard), fixed: scaled(TEXT_PX.fixed) };
  await devtools.send("Page.enable");
  await devtools.send("Page.setFontSizes", { fontSizes });
  const response = await page.goto(visit.url, { waitUntil: "load", timeout: PATIENCE_MS });
  const measured = await page.evaluate(measure, { width: visit.width });
  const moving = await page.evaluate(() => document.getAnimations().map((one) => one.animationName ?? "unnamed"));
  const violations = await check(page, visit.script);
  // A window that grows to the whole page takes the text size back, so it grows first.
  const height = await page.evaluate(() => Math.ceil(document.documentElement.scrollHeight));
  await page.setViewportSize({ width: visit.width, height: Math.max(height, visit.height) });
  await devtools.send("Page.setFontSizes", { fontSizes });
  await page.screenshot({ path: visit.screenshot });
  if (visit.paper) await page.pdf({ path: visit.pdf, format: visit.paper, margin: MARGIN });
  await context.close();
  const faults = [...measured.faults, ...violations, ...complaints];
  return { ...measured, moving, name: visit.name, status: response.status(), faults };
}

// Runs axe-core. It enters through the debugger, so that it works with the page's script switched off and past its
// content security policy, which both stay in force for the page itself.
async function check(page, script) {
  await page.evaluate(axe);
  // A page loaded without script has no timers, and axe-core only uses them to take a breath.
  if (!script) await page.evaluate("globalThis.setTimeout = (work) => void Promise.resolve().then(work)");
  const result = await page.evaluate(
    (rules) => globalThis.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }),
    RULES,
  );
  return result.violations.map((violation) => {
    const node = violation.nodes[0];
    return `axe ${violation.id} (${violation.impact}): ${violation.help}: ${node.html} ${node.failureSummary}`;
  });
}
