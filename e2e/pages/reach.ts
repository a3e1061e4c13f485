/** Whether everything on a page can be reached in a window of this size. */
import { expect, type Page } from "@playwright/test";

/** What cannot be: a page that scrolls sideways, and controls outside the window, cut off or under something else. */
const unreachable = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (Math.max(root.scrollWidth, innerWidth) > screen.width || root.scrollWidth > innerWidth)
      found.push(`the page is ${Math.max(root.scrollWidth, innerWidth)} px wide`);
    const scrolls = ({ overflowX, overflowY }: CSSStyleDeclaration) => /auto|scroll/.test(overflowX + overflowY);
    const isInside = (inner: DOMRect, outer: { left: number; top: number; right: number; bottom: number }) =>
      inner.left >= outer.left - 1 &&
      inner.right <= outer.right + 1 &&
      inner.top >= outer.top - 1 &&
      inner.bottom <= outer.bottom + 1;
    const dialog = document.querySelector("[role=dialog], [role=menu]");
    for (const control of (dialog ?? document).querySelectorAll("button, a[href], input, select, textarea, summary")) {
      // Cards move with the view.
      if (control.closest("[inert], .graph-layer, [aria-hidden=true], .visually-hidden")) continue;
      if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const box = control.getBoundingClientRect();
      if (box.width * box.height === 0) continue;
      const name = `"${(control.getAttribute("aria-label") ?? control.textContent ?? "").trim().slice(0, 40)}"`;
      const around: Element[] = [];
      for (let each = control.parentElement; each; each = each.parentElement) around.push(each);
      const clipping = around.filter((each) => getComputedStyle(each).overflow !== "visible");
      const isLonger = (each: Element) =>
        each.scrollHeight + each.scrollWidth > each.clientHeight + each.clientWidth + 2;
      // What scrolls can be brought into view.
      const scroller = clipping.findIndex((each) => isLonger(each) && scrolls(getComputedStyle(each)));
      const holders = scroller < 0 ? clipping : clipping.slice(0, scroller);
      if (holders.some((each) => !isInside(box, each.getBoundingClientRect()))) found.push(`${name} is cut off`);
      if (scroller >= 0) continue;
      if (!isInside(box, { left: 0, top: 0, right: innerWidth, bottom: innerHeight })) found.push(`${name} is outside`);
      else if (control.matches(":enabled, a")) {
        const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        const isOver =
          top && (control.contains(top) || top.contains(control) || top.closest("label")?.contains(control));
        if (!isOver) found.push(`${name} is covered`);
      }
    }
    return found;
  });

/** The window may take a moment to be laid out. */
export const expectAllInReach = (page: Page, view: string): Promise<void> =>
  expect.poll(() => unreachable(page), { message: view }).toEqual([]);
