/** Fingers on the screen, as the browser's own touch events. The test says `hasTouch`. */
import type { CDPSession, Page } from "@playwright/test";

interface Point {
  readonly x: number;
  readonly y: number;
  /** Which finger; by default their order tells. */
  readonly id?: number;
}

export class Fingers {
  private session: Promise<CDPSession> | null = null;

  constructor(private readonly page: Page) {}

  private async touch(type: "touchStart" | "touchMove" | "touchEnd" | "touchCancel", points: readonly Point[]) {
    this.session ??= this.page.context().newCDPSession(this.page);
    const touchPoints = points.map(({ x, y, id }, i) => ({ x, y, id: id ?? i }));
    await (await this.session).send("Input.dispatchTouchEvent", { type, touchPoints });
  }

  /** Puts fingers down, or some more. */
  down(...points: readonly Point[]): Promise<void> {
    return this.touch("touchStart", points);
  }
  move(...points: readonly Point[]): Promise<void> {
    return this.touch("touchMove", points);
  }
  /** Lifts these fingers, or all. */
  lift(...points: readonly Point[]): Promise<void> {
    return this.touch("touchEnd", points);
  }
  /** What the system does when it needs the fingers for itself. */
  interrupt(): Promise<void> {
    return this.touch("touchCancel", []);
  }

  async tap(at: Point): Promise<void> {
    await this.down(at);
    await this.lift();
  }
  async drag(from: Point, to: Point): Promise<void> {
    await this.down(from);
    await this.move({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
    await this.move(to);
    await this.lift();
  }
}
