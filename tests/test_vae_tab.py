"""The VAE's bench in Chromium: the browser's own network, dragging, drawing, keyboard, a link, a live run, a phone."""

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from genai_core import models, runtime
from genai_core.data import pictures
from genai_core.latents import codes, portable

SLOW = 120_000
BENCH = "#vae-latents"
THROUGH = """async ([model, picture, code]) => {
  const net = await genlens.network(model), read = net.encode(Float32Array.from(picture));
  return {mean: [...read.mean], spread: [...read.spread], pixels: [...net.decode(code)]};
}"""
DRAG = """bench => {  // how long each move takes until its picture is drawn, in ms
  const plane = bench.querySelector('.vae-plane'), area = plane.getBoundingClientRect(), took = [];
  const at = k => ({pointerId: 1, bubbles: true, clientX: area.left + 20 + 5 * k, clientY: area.top + 30 + 4 * k});
  const send = (kind, k) => plane.dispatchEvent(new PointerEvent(kind, at(k)));
  plane.setPointerCapture = () => {};
  send('pointerdown', 0);
  for (let k = 1; k <= 60; k++) { const began = performance.now(); send('pointermove', k); took.push(performance.now() - began); }
  send('pointerup', 60);
  return took;
}"""


@pytest.fixture
def bench(new_page):
    page = new_page("/?tab=vae")
    page.set_default_timeout(SLOW)
    page.locator(f"{BENCH} .vae-plane").wait_for()
    return page


def test_the_browser_s_network_and_walks_are_ours(bench):
    x = pictures.read("strokes", n=1).pictures
    for settings in ({"latent": 3}, {"latent": 2, "hidden": (32, 16), "activation": "tanh"}, {"network": "convolutional", "latent": 4}):
        whole = models.build("digit_vae", 1, **settings)
        model = portable.restored(whole).requires_grad_(False)
        z = torch.randn(1, settings["latent"], generator=runtime.rng(0))
        told = bench.evaluate(THROUGH, [portable.portable(whole), (x.float() / 255).flatten().tolist(), z[0].tolist()])
        mean, logvar = model.posterior(x)
        assert np.allclose(told["mean"], mean[0], atol=2e-4) and np.allclose(told["spread"], (logvar[0] / 2).exp(), atol=2e-4)
        assert np.allclose(told["pixels"], model.decode(z).flatten(), atol=2e-4)
    a, b = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-0.3, 1.0, 0.2])
    for name, walk in (("straight", codes.linear), ("arc", codes.spherical)):
        way = bench.evaluate(f"([a, b]) => genlens.walks.{name}(a, b, 7)", [a.tolist(), b.tolist()])
        assert np.allclose(way, walk(a, b, 7), atol=1e-5)


def test_a_drag_decodes_at_once_and_asks_the_server_nothing(bench):
    asked = []
    bench.on("request", lambda request: asked.append(request.url))
    slowest = []  # of a drag, its 95th percentile; another test may run beside the first
    while not slowest or min(slowest) >= 100 and len(slowest) < 3:
        took = bench.locator(f"{BENCH}:has(.vae)").evaluate(DRAG)
        slowest.append(sorted(took)[int(0.95 * len(took))])
    assert min(slowest) < 100, slowest
    read = bench.locator(f"{BENCH} .vae-side .fig-read")
    before = read.inner_text()
    bench.locator(f"{BENCH} .vae-plane").press("ArrowLeft")
    assert read.inner_text() != before and not asked
    assert "decodes to" in bench.locator(f"{BENCH} .vae-big").get_attribute("aria-label")


def test_a_drawn_digit_is_encoded_and_an_empty_sheet_is_told(bench):
    box = bench.locator(BENCH)
    box.get_by_role("button", name="One digit").click()
    table = box.locator("table.vae-table")
    first = table.inner_text()
    box.get_by_role("button", name="Draw another ε").press("Enter")
    expect(table).not_to_have_text(first)
    row = [float(cell.replace("−", "-")) for cell in table.locator("tbody tr").first.locator("td").all_inner_texts()]
    assert row[3] == pytest.approx(row[0] + row[1] * row[2], abs=0.004)
    mean = table.locator("tbody td").first.inner_text()
    box.get_by_role("button", name="New sheet").click()
    expect(box).to_contain_text("There is nothing on the sheet to encode")
    expect(table.locator("tbody td")).to_have_count(0)
    sheet = box.locator(".pad-sheet")
    sheet.scroll_into_view_if_needed()
    area = sheet.bounding_box()
    bench.mouse.move(area["x"] + 0.4 * area["width"], area["y"] + 0.2 * area["height"])
    bench.mouse.down()
    bench.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.8 * area["height"], steps=5)
    bench.mouse.up()
    expect(table.locator("tbody td").first).not_to_have_text(mean)
    expect(box).not_to_contain_text("There is nothing on the sheet")
    mean = table.locator("tbody td").first.inner_text()
    box.get_by_role("button", name="Walk").click()
    box.get_by_role("button", name="One digit").click()  # a drawing outlives a look at something else
    expect(box.locator(".pad-said")).to_have_text("On the sheet: your drawing.")
    expect(table.locator("tbody td").first).to_have_text(mean)


def test_every_other_mode_draws(bench):
    box = bench.locator(BENCH)
    for name, tiles in (("Walk", 22), ("Arithmetic", 4)):
        box.get_by_role("button", name=name, exact=True).click()
        expect(box.locator(".vae-tile")).to_have_count(tiles)
    box.get_by_role("group", name="C", exact=True).get_by_role("button").nth(9).press("Enter")
    expect(box.get_by_role("group", name="C", exact=True).get_by_role("button").nth(9)).to_be_focused()
    box.get_by_role("button", name="Known factors").click()
    said = box.locator(".vae-big").get_attribute("aria-label")
    box.get_by_label("slant, in standard deviations").press("ArrowRight")
    assert box.locator(".vae-big").get_attribute("aria-label") != said
    box.get_by_role("button", name="The slide says").click()
    expect(box).to_contain_text("163.489")
    expect(box.locator(".vae-slide")).to_have_count(6)


def test_a_link_restores_and_a_short_run_is_live(new_page):
    page = new_page("/?tab=vae&latent=2&pictures=1000&epochs=1&network=dense&beta=1&rate=0.002&seed=7", width=390)
    page.set_default_timeout(SLOW)
    page.locator("#vae-run").click()
    expect(page.locator("#vae-line")).to_contain_text("Finished", timeout=SLOW)
    expect(page.locator("#vae-readout")).to_contain_text("of 2 numbers carry")
    page.locator(f"{BENCH} .vae-plane").wait_for()
    assert page.locator(f"{BENCH} select").count() == 0  # with two numbers the plane is the whole map
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    link, said = page.locator("#vae-home input").input_value(), page.locator("#vae-readout .gl-words").inner_text()
    page.context.close()
    again = new_page("/" + link[link.index("?"):])  # the link of the run: every setting, and the same run again
    again.set_default_timeout(SLOW)
    expect(again.get_by_label("number input for Numbers in a code")).to_have_value("2")
    expect(again.locator("#vae-network").get_by_label("The lecture's, 784-400")).to_be_checked()
    again.locator("#vae-more summary").press("Enter")
    for name, value in (("Training pictures", "1000"), ("Learning rate", "0.002"), ("Warm-up, epochs", "0")):
        expect(again.get_by_label(name, exact=True)).to_have_value(value)
    again.locator("#vae-run").press("Enter")
    expect(again.locator("#vae-readout .gl-words")).to_have_text(said, timeout=SLOW)
