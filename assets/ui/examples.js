element.addEventListener('click', event => {
  const at = [...element.querySelectorAll('button')].indexOf(event.target.closest('button'));
  if (at >= 0) trigger('click', {example: at});
});
