// The projector: asks every second what the class may see, and keeps the last picture while there is no connection.
(function (g) {
  const code = g.tail(), paint = g.stage(document.querySelector('#stage'));
  const line = document.querySelector('.line');
  const poll = g.poll(async () => {
    try {
      paint(await g.call('show/' + encodeURIComponent(code)));
      line.hidden = true;
    } catch (error) {
      line.hidden = false;
      line.textContent = error.kind ? error.message : 'No connection just now: this is the last picture. Trying again.';
      if (['NoRoom', 'RoomEnded'].includes(error.kind)) poll.stop();
      throw error;
    }
  }, 1);
})(window.genlens);
