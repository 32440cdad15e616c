// A form whose fields are plain inputs: its value is {name: text or true/false}. A change is told once the user pauses.
(function (g) {
  const PAUSE_MS = 150;

  g.form = function (id, element, props, told, watch, entered) {
    const box = element.querySelector('.gl-form');
    if (!box.firstElementChild) box.innerHTML = g.kept[id];  // our own words: it came with this script, not with the page
    const fields = () => [...element.querySelectorAll('[data-field]')];
    let timer = 0, sent = '';
    g.besides = g.besides || {};  // {form: {name: value}} of the controls outside it on which its fields depend

    function read(field) {
      const name = field.dataset.field, on = field.querySelectorAll('input:checked');
      if (field.dataset.kind === 'switch') return on.length > 0;
      if (field.dataset.kind === 'radio') return on.length ? on[0].value : '';
      if (field.dataset.kind === 'many') return [...on].map(one => one.value).join(',');
      if (field.dataset.kind === 'view') return field.value;
      if (field.dataset.kind === 'range') return field.querySelector('[type=number]').value;
      return field.querySelector('input, select, textarea').value;
    }

    function write(field, value) {
      const kind = field.dataset.kind;
      if (kind === 'switch') field.querySelector('input').checked = value === true;
      else if (kind === 'radio') for (const one of field.querySelectorAll('input')) one.checked = one.value === value;
      else if (kind === 'many') { const on = String(value).split(','); for (const one of field.querySelectorAll('input')) one.checked = on.includes(one.value); }
      else if (kind === 'view') field.value = value;
      else if (kind === 'range') for (const one of field.querySelectorAll('input')) one.value = value;
      else field.querySelector('input, select, textarea').value = value ?? '';
    }

    function collect() { return Object.fromEntries(fields().map(field => [field.dataset.field, read(field)])); }

    function arrange() {  // a part stands where its condition "name=value|value" holds
      const values = collect(), opening = element.querySelector('[data-beside]');
      const all = {...(opening && JSON.parse(opening.dataset.beside)), ...g.besides[id], ...values};
      const holds = condition => condition.split('&').every(each => {
        const [name, wanted] = each.split('=');
        return wanted.split('|').includes(String(all[name]));
      });
      for (const part of element.querySelectorAll('[data-when]')) part.hidden = !holds(part.dataset.when);
      for (const field of element.querySelectorAll('[data-where]'))  // what is not at its default, or is being set, stays
        field.hidden = !holds(field.dataset.where) && String(values[field.dataset.field]).toLowerCase() === field.dataset.usual
          && !field.contains(document.activeElement);
      window.dispatchEvent(new CustomEvent('genlens-view', {detail: {form: id, values}}));
    }

    function tell() {
      clearTimeout(timer);
      timer = 0;
      const values = collect(), text = JSON.stringify(values);
      if (text === sent) return;
      sent = text;
      props.value = values;
      told();
    }

    function take() {  // a value from the server: a link, or the defaults
      const values = props.value || {};
      if (JSON.stringify(values) === sent) return;
      for (const field of fields()) if (field.dataset.field in values) write(field, values[field.dataset.field]);
      arrange();
      tell();
    }

    for (const menu of element.querySelectorAll('select[data-choices]'))  // a long menu: all but its first are those of another
      menu.append(...g.kept[menu.dataset.choices].slice(1).map(([text, value]) => new Option(text, value)));
    element.addEventListener('input', event => {
      const field = event.target.closest('[data-field]');
      if (!field) return;
      if (field.dataset.kind === 'range')  // the slider and the number beside it are one
        for (const one of field.querySelectorAll('input')) if (one !== event.target) one.value = event.target.value;
      arrange();
      clearTimeout(timer);
      timer = setTimeout(tell, event.target.matches('[type=radio], [type=checkbox], select') ? 0 : PAUSE_MS);
    });
    element.addEventListener('focusout', () => { if (timer) tell(); });  // whoever leaves a field may press a button next
    element.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || !event.target.matches('input')) return;
      tell();
      if (event.target.type === 'text') entered();
    });
    element.addEventListener('click', event => {
      const button = event.target.closest('button[data-set]');
      if (button) put(JSON.parse(button.dataset.set));
    });
    element.addEventListener('change', async event => {  // a file is read here, in the browser, into its field
      const picker = event.target;
      if (!picker.matches('[type=file][data-into]') || !picker.files.length) return;
      const text = picker.files[0].size > 200000 ? 'This file is too large to be a session: at most 200 kB are read.' : await picker.files[0].text();
      picker.value = '';
      put({[picker.dataset.into]: text});
    });

    function put(values) {
      for (const field of fields()) if (field.dataset.field in values) write(field, values[field.dataset.field]);
      arrange();
      tell();
    }
    window.addEventListener('genlens-put', event => { if (event.detail.form === id) put(event.detail.values); });
    window.addEventListener('genlens-beside', event => { if (event.detail.form === id) arrange(); });
    const column = element.closest('.gl-controls');  // it stays in view beside a long answer, see numbers.css
    if (column) new ResizeObserver(() => column.style.setProperty('--tall', `${column.offsetHeight}px`)).observe(element);
    take();
    watch('value', take);
  };

  // Controls outside a form were turned on which its fields depend.
  g.beside = function (form, values) {
    g.besides = {...g.besides, [form]: values};
    window.dispatchEvent(new CustomEvent('genlens-beside', {detail: {form}}));
  };

  // Buttons of which one is pressed in: they choose which view of a form is shown.
  g.views = function (element, form, name) {
    const buttons = [...element.querySelectorAll('button')];
    for (const button of buttons)
      button.addEventListener('click', () => window.dispatchEvent(new CustomEvent('genlens-put', {detail: {form, values: {[name]: button.value}}})));
    window.addEventListener('genlens-view', event => {
      if (event.detail.form !== form) return;
      for (const button of buttons) button.setAttribute('aria-pressed', String(button.value === event.detail.values[name]));
    });
  };
})(window.genlens);
