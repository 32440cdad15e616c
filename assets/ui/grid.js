// Two hundred grids: they came with the script, not with the page.
const menu = element.querySelector('select');
menu.append(...genlens.kept.grid.map(([text, value]) => new Option(text, value)));
element.querySelector('small').textContent = genlens.kept['grid-info'];
function take() { menu.value = props.value; }
menu.addEventListener('change', () => { props.value = menu.value; });
take();
watch('value', take);
