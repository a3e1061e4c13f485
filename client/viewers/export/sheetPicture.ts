/** The trajectory sheet on the screen as one picture: what its cells show, with its times and names. */
import { say } from "../../language";

const words = say.trajectory.exports;

const CELL = 96;
const GAP = 6;
const LEFT = 96;
const TOP = 28;

interface Colors {
  readonly ground: string;
  readonly text: string;
  readonly soft: string;
}

/** PNG of the tables in `grid`; cells are taken from the canvases that are there already. */
export async function sheetPicture(grid: Element, colors: Colors): Promise<Blob> {
  const tables = [...grid.querySelectorAll("table")].map((table) => ({
    title: textOf(table.caption),
    times: [...table.querySelectorAll("thead th")].slice(1).map(textOf),
    rows: [...table.querySelectorAll("tbody tr")].map((row) => ({
      name: textOf(row.querySelector("th")),
      cells: [...row.querySelectorAll("td")].map((cell) => cell.querySelector("canvas")),
    })),
  }));
  const columns = Math.max(1, ...tables.map(({ times }) => times.length));
  const heightOf = ({ rows }: (typeof tables)[number]) => 2 * TOP + rows.length * (CELL + GAP);
  const canvas = document.createElement("canvas");
  canvas.width = LEFT + columns * (CELL + GAP) + GAP;
  canvas.height = tables.reduce((sum, table) => sum + heightOf(table), GAP);
  const context = canvas.getContext("2d");
  if (!context) throw new Error(words.cannotDraw);
  context.fillStyle = colors.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.textBaseline = "middle";
  const write = (text: string, x: number, y: number, color: string, font: string, align: CanvasTextAlign) => {
    context.fillStyle = color;
    context.font = `${font} sans-serif`;
    context.textAlign = align;
    context.fillText(text, x, y);
  };
  let top = 0;
  for (const table of tables) {
    write(table.title, GAP, top + TOP / 2 + 2, colors.text, "600 13px", "left");
    for (const [i, time] of table.times.entries())
      write(time, LEFT + i * (CELL + GAP) + CELL / 2, top + 1.5 * TOP, colors.soft, "11px", "center");
    for (const [r, row] of table.rows.entries()) {
      const y = top + 2 * TOP + r * (CELL + GAP);
      write(row.name, GAP, y + CELL / 2, colors.text, "12px", "left");
      for (const [i, cell] of row.cells.entries())
        if (cell && cell.width > 0) drawInside(context, cell, LEFT + i * (CELL + GAP), y);
    }
    top += heightOf(table);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(words.failed))), "image/png"),
  );
}

const textOf = (element: Element | null): string => element?.textContent?.replace(/\s+/g, " ").trim() ?? "";

function drawInside(context: CanvasRenderingContext2D, cell: HTMLCanvasElement, x: number, y: number): void {
  const scale = Math.min(CELL / cell.width, CELL / cell.height);
  const [width, height] = [cell.width * scale, cell.height * scale];
  context.drawImage(cell, x + (CELL - width) / 2, y + (CELL - height) / 2, width, height);
}
