/** What of a shape's look is written into an exported picture. */
const properties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'text-anchor',
] as const;

const wanted: ReadonlySet<string> = new Set([
  ...['xmlns', 'width', 'height', 'viewBox', 'x', 'y', 'rx', 'd', 'transform'],
  ...properties,
]);

/** Characters that XML 1.0 has no way to write (its production 2, Char). */
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * A picture as a file of its own: the colours that it has in the page now, no classes, scripts or links, and its words
 * as text. Valid XML whatever they are.
 * @param width of the picture in CSS pixels, as `height`
 * @param ground the page's colour
 */
export function exportSvg(picture: SVGSVGElement, width: number, height: number, ground: string): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const shown = [...picture.querySelectorAll<SVGElement>('*')];
  [...copy.querySelectorAll<SVGElement>('*')].forEach((element, index) => {
    const original = shown[index];
    if (original && element.localName !== 'title') inlineLook(original, element);
  });
  for (const element of [copy, ...copy.querySelectorAll('*')]) {
    for (const { name } of [...element.attributes]) if (!wanted.has(name)) element.removeAttribute(name);
  }
  clean(copy);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width, height, fill: ground }))
    paper.setAttribute(name, String(value));
  copy.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function inlineLook(original: SVGElement, copy: SVGElement): void {
  // Groups hand down nothing that each shape doesn't say itself.
  if (original.localName === 'g') return;
  const style = getComputedStyle(original);
  for (const property of properties) {
    const isFont = property.startsWith('font') || property === 'text-anchor';
    if (isFont && original.localName !== 'text') continue;
    const value = style.getPropertyValue(property);
    if (value !== '') copy.setAttribute(property, value);
  }
  for (const paint of ['fill', 'stroke']) opaque(copy, paint);
}

/** SVG 1.1 has no colours with an alpha of their own, as themes do. */
function opaque(shape: SVGElement, paint: string): void {
  const parts = /^rgba\((.*), ([\d.]+)\)$/.exec(shape.getAttribute(paint) ?? '');
  if (!parts) return;
  const opacity = Number(shape.getAttribute(`${paint}-opacity`) ?? 1) * Number(parts[2]);
  shape.setAttribute(paint, `rgb(${parts[1]})`);
  shape.setAttribute(`${paint}-opacity`, String(opacity));
}

/** Takes out the template engine's marks, and from texts what XML can't hold. */
function clean(root: Element): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_TEXT);
  const comments: ChildNode[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Comment | Text;
    if (node instanceof Comment) comments.push(node);
    else node.data = node.data.replace(notXml, '\ufffd');
  }
  for (const comment of comments) comment.remove();
}
