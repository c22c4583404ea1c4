import { element } from './elements';

/** Attributes that may name a colour of the style sheet. */
const COLOURED = ['fill', 'stroke', 'color'] as const;

/** A button that saves a chart as a file of its own, in the colours that it has on the page. */
export function saveButton(drawing: Element, name: string): HTMLElement {
  const button = element('button', { type: 'button', class: 'save' }, `Save ${name} as SVG`);
  button.addEventListener('click', () => {
    const address = URL.createObjectURL(new Blob([standalone(drawing)], { type: 'image/svg+xml' }));
    element('a', { href: address, download: `${name.replaceAll(' ', '-')}.svg` }).click();
    URL.revokeObjectURL(address);
  });
  return button;
}

/** The text of a file: outside the page nobody knows the page's colours. */
function standalone(drawing: Element): string {
  const copy = drawing.cloneNode(true) as Element;
  const [originals, copies] = [drawing, copy].map((one) => [one, ...one.querySelectorAll('*')]);
  copies?.forEach((one, at) => {
    const original = originals?.[at];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const name of COLOURED) {
      if (/var\(|currentColor/.test(one.getAttribute(name) ?? '')) one.setAttribute(name, style[name]);
    }
  });
  const { color, fontFamily } = getComputedStyle(drawing);
  const { backgroundColor } = getComputedStyle(document.body);
  copy.setAttribute('style', `color: ${color}; background: ${backgroundColor}; font: 12px ${fontFamily}`);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}
