/** A drawn SVG as a file of its own. Its colours and fonts must be attributes, not styles of the page. */
import { say } from "../../language";

const words = say.viewers.chart;

const NAMESPACE = "http://www.w3.org/2000/svg";

/** The drawing as SVG text on a background. */
export function svgText(svg: SVGSVGElement, background: string): string {
  const { width, height } = svg.viewBox.baseVal;
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new Error("Not a drawing.");
  for (const each of copy.querySelectorAll("[data-screen-only]")) each.remove();
  copy.setAttribute("xmlns", NAMESPACE);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  for (const name of ["class", "style", "aria-hidden"]) copy.removeAttribute(name);
  const paper = document.createElementNS(NAMESPACE, "rect");
  paper.setAttribute("width", String(width));
  paper.setAttribute("height", String(height));
  paper.setAttribute("fill", background);
  copy.prepend(paper);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/** The drawing as PNG, `scale` pixels a unit. */
export async function svgPng(svg: SVGSVGElement, background: string, scale = 2): Promise<Blob> {
  const { width, height } = svg.viewBox.baseVal;
  const address = URL.createObjectURL(new Blob([svgText(svg, background)], { type: "image/svg+xml" }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    if (!context) throw new Error(words.cannotDraw);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error(words.cannotWrite);
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}
