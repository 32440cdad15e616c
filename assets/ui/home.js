// The template is drawn anew at each value, so listeners sit on the element, which stays.
const taken = {};  // numbers of what was already handed out
function take_home() {
  const value = props.value;
  const field = element.querySelector('input');
  field.value = location.origin + location.pathname + value.link;
  if (value.copy && value.copy !== taken.copy) {
    taken.copy = value.copy;
    field.select();
    const done = () => { element.querySelector('[data-take=take_link]').textContent = 'Copied'; };
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, () => {});
    else if (document.execCommand('copy')) done();
  }
  if (value.file && value.file.number !== taken.file) {
    taken.file = value.file.number;
    const url = value.file.url || URL.createObjectURL(new Blob([value.file.text], {type: value.file.type}));
    const link = Object.assign(document.createElement('a'), {href: url, download: value.file.name || ''});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }
}
element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  ({'take_link': () => trigger('take_link'), 'take_csv': () => trigger('take_csv'),
    'take_notebook': () => trigger('take_notebook'), 'take_package': () => trigger('take_package')})[button.dataset.take]();
});
take_home();
watch('value', take_home);
