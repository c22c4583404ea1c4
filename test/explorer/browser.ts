import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Starts the browser that scripts/test-explore.sh found. */
export function startBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'];
  if (executablePath === undefined) throw new Error('run it by `npm run test:explore`, which finds the browser');
  // Chromium refuses to sandbox itself as root, which builds often are; the page is our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

export interface Look {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

export const LOOKS: readonly [Look, Look, ...Look[]] = [
  { name: 'light desktop', colorScheme: 'light', viewport: DESKTOP },
  { name: 'dark desktop', colorScheme: 'dark', viewport: DESKTOP },
  { name: 'light phone', colorScheme: 'light', viewport: PHONE },
  { name: 'dark phone', colorScheme: 'dark', viewport: PHONE },
];

/** One reader with the page before them. */
export class Reader {
  /** Addresses that the page asked for, and what it complained of. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => this.complaints.push(message.text()));
  }

  static async open(browser: Browser, { colorScheme, viewport }: Look, address: string): Promise<Reader> {
    const context = await browser.newContext({ colorScheme, viewport });
    const reader = new Reader(context, await context.newPage());
    await reader.page.goto(address);
    await reader.settled();
    return reader;
  }

  /** Waits until the page has reckoned all that follows from its sliders. */
  async settled(): Promise<void> {
    await this.page.locator('main[aria-busy="false"]').waitFor({ timeout: 120_000 });
  }

  /** Presses a key so many times on a slider. */
  async press(slider: string, key: string, times: number): Promise<void> {
    await this.page.locator(`#${slider}`).focus();
    for (let time = 0; time < times; time++) await this.page.keyboard.press(key);
    // The next frame begins to reckon.
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await this.settled();
  }

  text(id: string): Promise<string> {
    return this.page.locator(`#${id}`).innerText();
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
