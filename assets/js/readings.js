// What CLIP made of pictures and texts: a matrix of similarities, and bars of shares. Plain tables and lists, so that
// they are read aloud as they are seen.
(function (g) {
  function made(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  g.matrix = function (element, props, watch) {
    const box = element.querySelector('.fig-wide');
    function read(data) {
      box.replaceChildren();
      if (!data) return;
      const title = made('p', 'read-title', data.title + ' '), table = made('table', 'fig-matrix');
      title.append(made('span', '', data.note));
      table.append(made('caption', 'sr-only', data.label));
      const head = table.createTHead().insertRow();
      head.append(made('td'));
      data.columns.forEach((text, k) => {
        const cell = made('th', '', String(k + 1));
        cell.scope = 'col';
        cell.title = text;
        cell.setAttribute('aria-label', `Caption ${k + 1}: ${text}`);
        head.append(cell);
      });
      const body = table.createTBody(), all = data.values.flat(), low = Math.min(0, ...all), high = Math.max(...all, 1e-6);
      data.values.forEach((values, i) => {
        const row = body.insertRow(), side = made('th', i === 0 ? 'fig-mine' : ''), image = made('img', 'fig-crisp');
        side.scope = 'row';
        image.src = data.rows[i].image;
        image.alt = data.rows[i].name;
        image.title = data.rows[i].name;
        side.append(image);
        row.append(side);
        const best = Math.max(...values);
        values.forEach((value, k) => {
          const cell = made('td', value === best ? 'fig-best' : '', value.toFixed(2).replace('-', '\u2212')), part = (value - low) / (high - low);
          cell.style.background = `color-mix(in srgb, var(--fig-1) ${Math.round(45 * part)}%, var(--fig-card))`;
          cell.style.color = 'var(--fig-ink)';  // readable on the deepest tint, light and dark
          cell.title = `${data.rows[i].name}; ${data.columns[k]}`;
          row.append(cell);
        });
      });
      box.append(title, table);
    }
    g.figure(element, props, watch, {read, paint() {}});
  };

  g.bars = function (element, props, watch) {
    const box = element.querySelector('.fig-bars');
    function read(data) {
      box.replaceChildren(...(data ? data.panels : []).map(panel => {
        const part = made('div'), title = made('p', 'read-title', panel.title + ' '), list = made('ol');
        title.append(made('span', '', panel.note));
        for (const row of panel.rows) {
          const line = made('li'), bar = made('i');
          bar.style.setProperty('--part', `${100 * row.share}%`);
          line.append(made('b', '', row.name), made('span', '', row.text), bar);
          list.append(line);
        }
        part.append(title, list);
        return part;
      }));
    }
    g.figure(element, props, watch, {read, paint() {}});
  };
})(window.genlens);
