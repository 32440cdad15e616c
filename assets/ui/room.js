// Opening a room goes straight to the light pages' server: the instructor's key is in no event of the big page.
const find = name => element.querySelector(name), base = new URL('discuss/', location.origin + location.pathname.replace(/[^/]*$/, '')).href;
find('.gl-room-join').href = base;
find('.gl-room-go').addEventListener('click', async event => {
  const said = find('.gl-room-said');
  event.target.disabled = true;
  said.textContent = 'Opening …';
  try {
    const answer = await fetch(base + 'api/open', {method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({hours: Number(find('select').value)})});
    const keys = await answer.json();
    if (!answer.ok) throw new Error(keys.error);
    const steer = `${base}steer#${keys.secret}`, address = base + keys.code;
    find('img').src = `${base}qr/${keys.code}?at=${encodeURIComponent(base)}`;
    find('img').alt = `QR picture of ${address}`;
    find('.gl-room-code').textContent = `${keys.code.slice(0, 3)} ${keys.code.slice(3)}`;
    find('.gl-room-at').textContent = address;
    find('.gl-room-steer').href = find('input').value = steer;
    find('.gl-room-card').hidden = false;
    said.textContent = `Room ${keys.code} is open.`;
    find('.gl-room-steer').focus();
  } catch (error) {
    said.textContent = error.message || 'The server did not answer. Try again.';
  } finally { event.target.disabled = false; }
});
