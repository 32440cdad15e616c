// Numbers that open their source: what a published or computed number rests on, as a card beside its figure or table.
// A record is {title, value?, about?, sources}, sources numbers of a list of {what?, title, year, url, confidence, note}.
// All text is set as text, never as markup.
(function (g) {
  const SVG = 'http://www.w3.org/2000/svg';
  const SEEN = {seen_primary: 'read in the source', seen_secondary: 'read in a report of the source',
                derived: 'computed by us from its sources', recalled: 'from memory, not checked'};

  // make('p', {class: 'x'}, 'text', child, ...): an element; svg(...) the same for drawings.
  g.make = (tag, attributes, ...inside) => fill(document.createElement(tag), attributes, inside);
  g.svg = (tag, attributes, ...inside) => fill(document.createElementNS(SVG, tag), attributes, inside);
  function fill(node, attributes, inside) {
    for (const [name, value] of Object.entries(attributes || {}))
      if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
    node.append(...inside.filter(part => part !== null && part !== undefined && part !== ''));
    return node;
  }

  g.safe = url => /^https?:\/\//.test(url || '') ? url : null;

  g.cite = function (source) {
    const url = g.safe(source.url), said = [source.year, SEEN[source.confidence] || source.confidence].filter(Boolean).join(', ');
    const title = url ? g.make('a', {href: url, target: '_blank', rel: 'noopener noreferrer'}, source.title) : source.title;
    return g.make('li', {}, source.what ? `${source.what}: ` : '', title, ` (${said})`, source.note ? g.make('span', {class: 'src-note'}, ` ${source.note}`) : null);
  };

  // Fill a card with a record, whose sources are numbers of the list; null empties and hides it.
  g.card = function (card, record, list) {
    card.replaceChildren();
    card.hidden = !record;
    if (!record) return;
    const head = [record.title, record.value].filter(Boolean).join(': ');
    card.append(g.make('p', {class: 'src-head'}, g.make('b', {}, head)));
    if (record.about) card.append(g.make('p', {class: 'src-about'}, record.about));
    card.append(g.make('ul', {}, ...(record.sources || []).map(k => g.cite(list[k]))));
  };

  // A row of things of which one is in the Tab order; arrow keys, Home and End move among them.
  g.rove = function (host, pick, step) {
    host.addEventListener('keydown', event => {
      const all = [...host.querySelectorAll(pick)], at = all.indexOf(document.activeElement.closest(pick));
      const to = {ArrowRight: at + 1, ArrowDown: at + (step || 1), ArrowLeft: at - 1, ArrowUp: at - (step || 1), Home: 0,
                  End: all.length - 1}[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      all[Math.max(0, Math.min(all.length - 1, to))].focus();
    });
    host.addEventListener('focusin', event => {
      const here = event.target.closest(pick);
      if (here) for (const one of host.querySelectorAll(pick)) one.setAttribute('tabindex', one === here ? 0 : -1);
    });
  };

  // Positions on a logarithmic axis, and the numbers that stand on it.
  g.logAxis = function (low, high, from, to) {
    const a = Math.log10(low), b = Math.log10(high), x = v => from + (Math.log10(v) - a) / Math.max(1e-9, b - a) * (to - from);
    const marks = [];
    for (let e = Math.floor(a); e <= Math.ceil(b); e++) for (const k of b - a < 1.6 ? [1, 2, 5] : [1]) {
      const v = Number((k * 10 ** e).toPrecision(1));
      if (v >= low * 0.999 && v <= high * 1.001) marks.push(v);
    }
    const room = Math.max(1, Math.ceil(marks.length * 58 / Math.max(1, to - from)));
    return {x, marks: marks.filter((_, k) => k % room === 0), a, b};
  };

  g.plain = v => v >= 1000 ? g.count(v) : String(Number(v.toPrecision(6)));
})(window.genlens);
