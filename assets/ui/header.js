const button = element.querySelector('.gl-theme');
const wanted = localStorage.getItem('genlens-theme');
if (wanted) document.body.classList.toggle('dark', wanted === 'dark');
function show() {
  const dark = document.body.classList.contains('dark');
  button.textContent = dark ? 'Light' : 'Dark';
  button.setAttribute('aria-label', dark ? 'Use light colours' : 'Use dark colours');
}
button.addEventListener('click', () => {
  const dark = document.body.classList.toggle('dark');
  localStorage.setItem('genlens-theme', dark ? 'dark' : 'light');
  show();
  window.dispatchEvent(new Event('genlens-theme'));  // pictures drawn on a canvas paint themselves again
});
show();
