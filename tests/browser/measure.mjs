// What a hand and an eye would find on a page; runs inside it. One function without imports, for it is sent there as
// text.

export function measure({ width }) {
  const TARGET_PX = 48;
  const GAP_PX = 8;
  const SLACK_PX = 0.5;
  const faults = [];
  const root = document.documentElement;

  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].find((element) => {
      const box = element.getBoundingClientRect();
      return box.right > root.clientWidth + SLACK_PX || box.left < -SLACK_PX;
    });
    faults.push(`scrolls sideways: ${root.scrollWidth} px in ${root.clientWidth}: ${name(wide ?? root)}`);
  }
  // A page without a viewport of its own is laid out wider than the window.
  if (window.innerWidth > width) faults.push(`is laid out ${window.innerWidth} px wide in a window of ${width}`);

  const targets = [...document.querySelectorAll("a[href], button, input, select, summary, textarea, [role=button]")]
    .filter((element) => element.type !== "hidden" && isSeen(element) && !isInText(element))
    .map((element) => ({ element, box: reach(element) }));
  for (const { element, box } of targets) {
    if (box.width < TARGET_PX - SLACK_PX || box.height < TARGET_PX - SLACK_PX) {
      faults.push(`small target: ${Math.round(box.width)} × ${Math.round(box.height)} px: ${name(element)}`);
    }
  }
  for (const [index, one] of targets.entries()) {
    for (const other of targets.slice(index + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const across = Math.max(one.box.left, other.box.left) - Math.min(one.box.right, other.box.right);
      const down = Math.max(one.box.top, other.box.top) - Math.min(one.box.bottom, other.box.bottom);
      const gap = Math.max(across, down);
      if (gap < GAP_PX - SLACK_PX) {
        faults.push(`crowded: ${Math.round(gap)} px between ${name(one.element)} and ${name(other.element)}`);
      }
    }
  }

  const text = document.querySelector("main p, p, main li, li") ?? document.body;
  return {
    lang: root.lang,
    dir: getComputedStyle(root).direction,
    text: document.body.innerText,
    fontPx: parseFloat(getComputedStyle(text).fontSize),
    background: background(document.body),
    faults,
  };

  function isSeen(element) {
    const box = element.getBoundingClientRect();
    // What is moved out of the page until it has the focus (a skip link) is no target for a finger.
    return element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      && box.width > 1 && box.height > 1 && box.bottom + window.scrollY > 0 && box.right > 0;
  }

  // A link within a sentence keeps its line's height (WCAG 2.5.8, "inline").
  function isInText(element) {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const sentence = element.closest("p, li, dd, td, figcaption, blockquote");
    return sentence !== null && sentence.textContent.trim().length > element.textContent.trim().length;
  }

  // A check box is reached through its label as well.
  function reach(element) {
    const boxes = [element, ...(element.labels ?? [])].map((part) => part.getBoundingClientRect());
    const boxed = /checkbox|radio/.test(element.type ?? "") ? boxes : boxes.slice(0, 1);
    const edge = (side, pick) => pick(...boxed.map((box) => box[side]));
    const [left, right] = [edge("left", Math.min), edge("right", Math.max)];
    const [top, bottom] = [edge("top", Math.min), edge("bottom", Math.max)];
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  }

  function background(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  }

  function name(element) {
    const words = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()}${element.className ? ` class="${element.className}"` : ""}> ${words}`;
  }
}
