type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A new element; attributes that are false or undefined are left out, and text is never read as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** An element of the page, which `html.ts` has written. */
export function found<Kind extends Element = HTMLElement>(id: string): Kind {
  const one = document.getElementById(id);
  if (one === null) throw new Error(`the page has no ${id}`);
  return one as unknown as Kind;
}

/** Puts other content into an element. */
export function fill(id: string, ...children: readonly (Node | string)[]): void {
  found(id).replaceChildren(...children);
}

export interface Column {
  readonly title: string;
  /** True for figures, which stand to the right. */
  readonly figures?: true;
}

/** A table that scrolls by itself where it is wider than its place, and whose rows begin with their heading. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLElement {
  const head = element('tr', {}, ...columns.map(({ title, figures }) => cell('col', title, figures)));
  const body = rows.map((row) =>
    element('tr', {}, ...row.map((content, at) => cell(at === 0 ? 'row' : undefined, content, columns[at]?.figures))),
  );
  return element(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)),
  );
}

function cell(scope: 'col' | 'row' | undefined, content: Node | string, figures?: true): HTMLElement {
  const looks = { class: figures ? 'figures' : undefined };
  return scope === undefined ? element('td', looks, content) : element('th', { ...looks, scope }, content);
}
