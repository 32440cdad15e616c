// A VAE in the browser: its weights as genai_core/latents/portable.py packs them, so that a drag waits for nobody.
(function (g) {
  const KERNEL = 4;  // of every convolution, with stride 2 and padding 1

  g.bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

  async function whole(text) {
    const stream = new Blob([g.bytes(text)]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Int8Array(await new Response(stream).arrayBuffer());
  }

  function floats(text) {
    const bytes = g.bytes(text), view = new DataView(bytes.buffer);
    return Float32Array.from({length: bytes.length / 4}, (_, k) => view.getFloat32(4 * k, true));
  }

  function dense({shape: [outs, ins], weights, step, offset}, x) {
    const y = new Float32Array(outs);
    for (let o = 0, at = 0; o < outs; o++) {
      let sum = 0;
      for (let i = 0; i < ins; i++) sum += weights[at++] * x[i];
      y[o] = sum * step + offset[o];
    }
    return y;
  }

  function down({shape: [outs, ins], weights, step, offset}, x) {
    const side = Math.round(Math.sqrt(x.length / ins)), half = side / 2, y = new Float32Array(outs * half * half);
    for (let o = 0; o < outs; o++) for (let r = 0; r < half; r++) for (let c = 0; c < half; c++) {
      let sum = 0;
      for (let i = 0; i < ins; i++) for (let a = 0; a < KERNEL; a++) {
        const row = 2 * r - 1 + a;
        if (row < 0 || row >= side) continue;
        for (let b = 0; b < KERNEL; b++) {
          const column = 2 * c - 1 + b;
          if (column >= 0 && column < side) sum += x[(i * side + row) * side + column] * weights[((o * ins + i) * KERNEL + a) * KERNEL + b];
        }
      }
      y[(o * half + r) * half + c] = sum * step + offset[o];
    }
    return y;
  }

  function up({shape: [ins, outs], weights, step, offset}, x) {
    const side = Math.round(Math.sqrt(x.length / ins)), twice = 2 * side, y = new Float32Array(outs * twice * twice);
    for (let i = 0; i < ins; i++) for (let r = 0; r < side; r++) for (let c = 0; c < side; c++) {
      const value = x[(i * side + r) * side + c];
      if (!value) continue;
      for (let o = 0; o < outs; o++) for (let a = 0; a < KERNEL; a++) {
        const row = 2 * r - 1 + a;
        if (row < 0 || row >= twice) continue;
        for (let b = 0; b < KERNEL; b++) {
          const column = 2 * c - 1 + b;
          if (column >= 0 && column < twice) y[(o * twice + row) * twice + column] += value * weights[((i * outs + o) * KERNEL + a) * KERNEL + b];
        }
      }
    }
    const area = twice * twice;
    for (let k = 0; k < y.length; k++) { const o = Math.floor(k / area); y[k] = y[k] * step + offset[o]; }
    return y;
  }

  const KINDS = {dense, down, up};
  const BENDS = {relu: v => v > 0 ? v : 0, tanh: Math.tanh, sigmoid: v => 1 / (1 + Math.exp(-v))};

  // network(model) -> {size, latent, encode(pixels 0-1) -> {mean, spread}, decode(code) -> pixels 0-1}
  g.network = async function (model) {
    const read = layer => whole(layer.weights).then(weights => ({...layer, weights, offset: floats(layer.offset)}));
    const [encoder, decoder] = await Promise.all([model.encoder, model.decoder].map(layers => Promise.all(layers.map(read))));
    const bend = BENDS[model.activation];
    const through = (layers, x) => layers.reduce((y, layer, k) => {
      const out = KINDS[layer.kind](layer, y);
      return k < layers.length - 1 ? out.map(bend) : out;
    }, x);
    return {
      size: model.size, latent: model.latent,
      encode(pixels) {
        const both = through(encoder, pixels);
        return {mean: both.slice(0, model.latent), spread: both.slice(model.latent).map(v => Math.exp(v / 2))};
      },
      decode: code => through(decoder, Float32Array.from(code)).map(BENDS.sigmoid),
    };
  };

  // Walks between two codes: straight, and along the arc (genai_core/latents/codes.py has the same two).
  const length = a => Math.sqrt(a.reduce((sum, v) => sum + v * v, 0));
  const straight = (a, b, steps) => Array.from({length: steps}, (_, k) => a.map((v, i) => v + (b[i] - v) * k / (steps - 1)));
  function arc(a, b, steps) {
    const la = length(a), lb = length(b);
    if (!(la > 0 && lb > 0)) return straight(a, b, steps);
    const angle = Math.acos(Math.max(-1, Math.min(1, a.reduce((sum, v, i) => sum + v * b[i], 0) / la / lb)));
    if (Math.sin(angle) < 1e-4) return straight(a, b, steps);
    return Array.from({length: steps}, (_, k) => {
      const t = k / (steps - 1), size = (1 - t) * la + t * lb, p = Math.sin((1 - t) * angle), q = Math.sin(t * angle);
      return a.map((v, i) => (p * v / la + q * b[i] / lb) / Math.sin(angle) * size);
    });
  }
  g.walks = {straight, arc, length};
})(window.genlens);
