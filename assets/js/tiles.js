// Rows of small pictures, each row one image, with its name before it and a few characters or a frame at single tiles; and tables.
(function (g) {
  function piece(tag, kind, text) {
    const made = document.createElement(tag);
    made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Blocks stay where they are while a run sends new pictures: only what has changed is touched, so nothing flickers.
  g.tiles = function (element, props, watch) {
    const box = element.querySelector('.tiles-blocks');
    let shape = '';

    function build(data) {
      box.replaceChildren(...data.blocks.map(block => {
        const part = piece('section', 'tiles-block');
        part.append(piece('h3', 'tiles-title', block.title), piece('p', 'tiles-note', block.note || ''));
        if (block.table) part.append(table(block.table));
        part.append(...(block.rows || []).map(row => {
          const line = piece('div', 'tiles-row'), strip = piece('div', 'tiles-strip');
          strip.style.setProperty('--tiles', row.n);
          strip.style.setProperty('--most', `${row.n * Math.min(56, row.side * (row.side < 14 ? 5 : 2))}px`);
          strip.append(piece('img', block.signed ? '' : 'tiles-ink'), piece('div', 'tiles-over'), piece('div', 'tiles-said'));
          line.append(piece('span', 'tiles-name', row.name), strip);
          return line;
        }));
        return part;
      }));
    }

    function table(told) {
      const made = piece('table', 'tiles-table'), head = made.createTHead().insertRow();
      head.append(...told.head.map(text => Object.assign(piece('th', '', text), {scope: 'col'})));
      const body = made.createTBody();
      for (const [name, ...cells] of told.rows) {
        const row = body.insertRow();
        row.append(Object.assign(piece('th', '', name), {scope: 'row'}), ...cells.map(text => piece('td', '', text)));
      }
      return made;
    }

    function read(data) {
      element.querySelector('.fig').hidden = !data;
      if (!data) { shape = ''; box.replaceChildren(); return; }
      const now = JSON.stringify(data.blocks.map(b => [b.title, b.note, b.signed, b.table, (b.rows || []).map(r => [r.name, r.n, r.side])]));
      if (now !== shape) { build(data); shape = now; }
      data.blocks.forEach((block, b) => (block.rows || []).forEach((row, r) => {
        const strip = box.children[b].querySelectorAll('.tiles-strip')[r], [image, over, said] = strip.children;
        const source = `data:image/png;base64,${row.tiles}`;
        if (image.src !== source) image.src = source;
        image.alt = row.about;
        over.replaceChildren(...(row.marks || []).map(mark => piece('i', mark ? 'tiles-mark' : '')));
        said.replaceChildren(...(row.said || []).map(text => piece('span', '', text)));
      }));
    }

    g.figure(element, props, watch, {read, paint() {}});
  };
})(window.genlens);
