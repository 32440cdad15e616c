// What stands beside the questions: the text, what the linter found, what is open, the handouts, another policy.
(function (g) {
  const h = g.h;

  // The policy as it reads. act: {words(), unedit(at), go(question, section)}.
  g.policyText = function (shown, act) {
    const marked = new Set(shown.findings.filter(f => !f.dismissed && f.level !== 'info').flatMap(f => f.places.map(p => p.question)));
    const blocks = shown.blocks.map(block => {
      const body = h('div', {class: 'pb-words', dir: 'auto'});
      body.innerHTML = block.html;   // made by the server from Markdown, with raw HTML as text and without pictures
      const struck = !block.edited && block.asks.some(name => marked.has(name));
      return h('div', {class: 'pb-block' + (block.edited ? ' pb-hand' : '') + (struck ? ' pb-struck' : '')}, body,
        block.edited && h('p', {class: 'pb-hand-note'},
          h('span', {class: 'pb-chip'}, block.stale ? 'by hand; the answer has changed since' : 'by hand'),
          block.was ? h('span', {class: 'pb-was'}, 'The builder says: ' + block.was) : null,
          h('button', {type: 'button', onclick: () => act.unedit(block.edits)}, 'Use the builder’s words')));
    });
    const gone = shown.removed.map(row => h('p', {class: 'pb-hand-note'}, h('span', {class: 'pb-chip'}, 'taken out by hand'),
      h('span', {class: 'pb-was'}, row.was), h('button', {type: 'button', onclick: () => act.unedit([row.at])}, 'Bring it back')));
    return [h('p', {class: 'pb-tools'}, h('button', {type: 'button', id: 'pb-edit', onclick: act.words}, 'Edit the words'),
      h('button', {type: 'button', id: 'pb-copy', onclick: act.copy}, 'Copy the text')),
      h('article', {class: 'pb-paper', id: 'pb-paper', lang: 'en'}, blocks), gone];
  };

  g.policyFindings = function (shown, texts, asOf, act) {
    if (!shown.findings.length) return [h('p', {class: 'pb-quiet'}, texts['nothing found'])];
    const names = {error: 'Error', warning: 'Warning', info: 'Note'};
    return shown.findings.map(found => {
      const reason = h('input', {type: 'text', id: 'pb-reason-' + found.id, maxlength: 300, dir: 'auto'});
      return h('section', {class: 'pb-finding pb-' + found.level + (found.dismissed ? ' pb-aside' : ''), 'data-lint': found.id},
        h('h4', {}, h('span', {class: 'pb-level'}, names[found.level]), ' ', found.title, h('span', {class: 'pb-id'}, ' ' + found.id)),
        h('p', {}, found.message),
        h('ul', {class: 'pb-places'}, found.places.map(place => h('li', {}, h('q', {dir: 'auto'}, place.text), ' ',
          place.question ? h('button', {type: 'button', class: 'pb-link', onclick: () => act.go(place.question, place.section)},
            'Go to the question') : null))),
        h('p', {class: 'pb-why'}, found.why),
        found.dismissed ? h('p', {}, 'Set aside: ', h('q', {dir: 'auto'}, found.dismissed), ' ',
          h('button', {type: 'button', onclick: () => act.dismiss(found.id, null)}, 'Take it up again'))
          : [found.fixes.map((step, n) => h('button', {type: 'button', class: 'pb-fix', onclick: () => act.fix(found.id, n)}, step.say)),
            found.advice.length ? h('p', {class: 'pb-advice'}, (found.fixes.length ? 'Or: ' : 'What helps: ') + found.advice.join(' ')) : null,
            h('details', {class: 'pb-set-aside'}, h('summary', {}, 'Set aside, with a reason'),
              h('label', {for: 'pb-reason-' + found.id}, 'Reason; it travels with the file'), reason,
              h('button', {type: 'button', onclick: () => act.dismiss(found.id, reason.value)}, 'Set aside'))],
        g.policyReferences(found.references), g.policySources(found.sources, asOf));
    });
  };

  g.policyOpen = function (shown, texts, act) {
    if (!shown.open.length) return [h('p', {class: 'pb-quiet'}, texts['nothing open'])];
    return [h('ul', {class: 'pb-open'}, shown.open.map(row => h('li', {},
      h('button', {type: 'button', class: 'pb-link', onclick: () => act.go(row.question, row.section)}, row.prompt),
      ' ', row.missing + (row.required ? ' (needed)' : ''))))];
  };

  g.policyHandout = function (shown, texts, view, act) {
    const body = h('article', {class: 'pb-paper', id: 'pb-paper', lang: 'en'});
    body.innerHTML = shown.handout;
    return [h('p', {class: 'pb-quiet'}, texts[view]), h('p', {class: 'pb-tools'}, h('button', {type: 'button', id: 'pb-copy', onclick: act.copy}, 'Copy the text')), body];
  };

  g.policyCompare = function (book, kept, texts, act) {
    const choose = h('select', {id: 'pb-other', onchange: event => event.target.value && act.compare({preset: event.target.value})},
      h('option', {value: ''}, 'Choose a preset'), book.presets.map(p => h('option', {value: p.id}, p.name)));
    const file = h('input', {type: 'file', id: 'pb-other-file', accept: '.md,.markdown,.json,.txt',
      onchange: event => act.compareFile(event.target)});
    const found = kept.compared;
    return [h('p', {class: 'pb-quiet'}, texts.compare),
      h('p', {class: 'pb-tools'}, h('label', {for: 'pb-other'}, 'Compare with'), choose, h('label', {class: 'pb-file'}, 'Open the other file', file)),
      found && h('p', {id: 'pb-summary', role: 'status'}, found.summary),
      found && found.differences.length ? h('div', {class: 'pb-scroll', tabindex: 0, role: 'region', 'aria-label': 'Differences'},
        h('table', {class: 'pb-differences'},
          h('thead', {}, h('tr', {}, ['What', 'This policy', 'The other'].map(name => h('th', {scope: 'col'}, name)))),
          h('tbody', {}, found.differences.map(row => h('tr', {},
            h('th', {scope: 'row'}, row.what, h('small', {}, row.section + (row.way ? `; the other is ${row.way}` : ''))),
            h('td', {dir: 'auto'}, row.a || 'nothing'), h('td', {dir: 'auto'}, row.b || 'nothing')))))) : null];
  };

  g.policySeen = function (book, kept, texts, act) {
    const cites = kept.draft.cites || [];
    return [h('p', {class: 'pb-quiet'}, texts.seen),
      kept.seen && !kept.seen.length ? h('p', {}, texts['nothing seen']) : null,
      (kept.seen || []).map((run, n) => {
        const said = h('input', {type: 'text', id: 'pb-cite-' + n, value: run.text, maxlength: 600});
        const where = h('select', {'aria-label': 'Section for this run'}, book.sections.map(s =>
          h('option', {value: s.id, selected: s.id === 'environment'}, s.title)));
        return h('div', {class: 'pb-run'}, h('label', {for: 'pb-cite-' + n}, run.title), said,
          h('p', {class: 'pb-tools'}, where, h('button', {type: 'button', onclick: () => act.cite(where.value, said.value, run.link)}, 'Cite it')));
      }),
      cites.length ? h('h4', {}, 'Cited in this policy') : null,
      cites.map((cite, n) => h('p', {class: 'pb-tools'}, h('q', {dir: 'auto'}, cite.text),
        h('button', {type: 'button', onclick: () => act.uncite(n)}, 'Take it out')))];
  };
})(window.genlens = window.genlens || {});
