"""Figures in a real browser: they say what they show, follow data, size and theme, and can be used by keyboard."""

import itertools
import json
import re

import gradio as gr
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos import _figures as figures
from genai_core.recorded import pack, unpack

CSS = figures.ASSETS / "figures.css"
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"
RED, BLUE = (np.full((8, 8, 3), colour, np.uint8) for colour in ([200, 30, 30], [30, 30, 200]))
RING = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6, 40)])


def scatter(step, began=0, base="a", **more):
    squares = [figures.panel("VAE", "8 of 8", RING * 0.9, 0), figures.panel("GAN", "7 of 8", RING, 1, field=[[0, 0, .3, .3]])]
    return figures.scatter_json(RING, squares, f"picture of step {step}", step, 90, modes=[(1, 0, 0.15)], base=base,
                                rates=[(0, 0.1)], began=began, group="g",
                                rewind={"control": "earlier", "focus": "rate"}, **more)


def curves(n):
    lines = [figures.line("first", range(1, n + 1), [1 / k for k in range(1, n + 1)], 0),
             figures.line(HOSTILE, range(1, n + 1), [0.5] * n, 1, dash=True)]
    return figures.curves_json([{"title": "Loss", "unit": "nats", "lines": lines}], f"curves to step {n}", 90, group="g")


def strip(n):
    frames = [{"images": [figures.image(RED), figures.image(BLUE)], "caption": f"{HOSTILE} frame {k}"} for k in range(n)]
    return figures.strip_json(frames, "noisy and clean", titles=["noisy", "clean"])


def pictures(n):
    return figures.picture_json([figures.image(RED)] * n, f"{n} red squares", badge="example")


def grown(step):
    step = int(step)
    return step + 10, scatter(step + 10), curves(step + 10), strip(4), pictures(2)


def started_over():
    return 30, scatter(30, base="b")


@pytest.fixture(scope="module")
def board():
    """A page with one figure of each kind, and buttons that send them new data."""
    with gr.Blocks() as blocks:
        step, rate = gr.Number(10, elem_id="step"), gr.Number(0.1, elem_id="rate", interactive=True)
        gr.Textbox("", elem_id="earlier", lines=1, max_lines=1, interactive=True)
        shown = [figures.scatter_view("scatter", scatter(10)), figures.curves_view("curves", curves(10)),
                 figures.strip_view("strip", strip(3)), figures.picture_view("picture", pictures(1))]
        blank = figures.scatter_view("blank"), figures.curves_view("blank2"), figures.strip_view("blank3")
        assert len(blank) == 3 and rate
        gr.Button("grow", elem_id="grow").click(grown, step, [step, *shown])
        gr.Button("over", elem_id="over").click(started_over, None, [step, shown[0]])
    blocks.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", head=f"<script>{figures.code()}</script>", css_paths=[CSS],
                  ssr_mode=False)
    yield blocks.local_url
    blocks.close(verbose=False)


@pytest.fixture
def open_board(board, windows):
    pages, errors = [], []
    heard = {"pageerror": lambda error: errors.append(str(error)),
             "console": lambda message: errors.append(message.text) if message.type == "error" else None}

    def open_page(width=1280, height=720, **settings):
        page = windows.opened(board.rstrip("/"), width, height, dark=False, **settings)
        pages.append((page, not settings))
        for event, hear in heard.items():
            page.on(event, hear)
        page.goto(board)
        said(page, "#scatter canvas", "picture of step 10")
        return page

    yield open_page
    for page, again in pages:
        windows.left(page, again)
        for event, hear in heard.items():
            page.remove_listener(event, hear)
    assert not errors, errors


def said(page, where, label):
    """Wait until the figure says this."""
    page.wait_for_function("([where, label]) => document.querySelector(where)?.getAttribute('aria-label')?.includes(label)",
                           arg=[where, label])


def drawn(page, where):
    """How many pixels of the canvas are not empty, and their mean colour."""
    return page.evaluate("""where => {
        const c = document.querySelector(where), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0, sum = 0;
        for (let k = 0; k < d.length; k += 4) if (d[k + 3] > 200) { n++; sum += (d[k] + d[k + 1] + d[k + 2]) / 3; }
        return [n, sum / n];
    }""", where)


def test_new_data_is_drawn_and_said(open_board):
    page = open_board()
    page.wait_for_function("document.querySelector('#curves canvas').width > 300")
    page.wait_for_function("document.querySelector('#curves canvas').getContext('2d').getImageData(60, 60, 9, 80).data.some(v => v)")
    before = {name: drawn(page, f"#{name} canvas")[0] for name in ("scatter", "curves")}
    assert min(before.values()) > 300
    page.click("#grow button, #grow")
    said(page, "#scatter canvas", "picture of step 20")
    said(page, "#curves canvas", "curves to step 20")
    said(page, "#picture [role=img]", "2 red squares")
    assert page.locator("#picture img").count() == 2
    assert page.locator("#picture .fig-badge").inner_text() == "example"
    page.wait_for_function("""n => { const c = document.querySelector('#curves canvas');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, k) => k % 4 == 3 && v > 200).length !== n }""",
                           arg=before["curves"])


def test_names_that_do_not_fit_beside_each_other_stand_below(open_board):
    page = open_board(900, 700)
    high = "parseInt(document.querySelector('#curves canvas').style.height)"
    page.wait_for_function(f"{high} > 150")
    before = page.evaluate(high)
    page.set_viewport_size({"width": 260, "height": 700})
    page.wait_for_function(f"{high} === {before} + 17")


def test_a_figure_without_data_says_so(open_board):
    page = open_board()
    for where, label in (("#blank canvas", "Nothing drawn yet"), ("#blank2 canvas", "No curves yet"),
                         ("#blank3 [role=img]", "No frames yet")):
        said(page, where, label)
    assert page.locator("#blank3").get_by_text("No frames yet.").is_visible()


@pytest.mark.parametrize("density", [1, 2])
def test_a_canvas_has_a_pixel_for_every_pixel_of_the_screen(open_board, density):
    page = open_board(900, 700, device_scale_factor=density)
    page.wait_for_function("""d => [...document.querySelectorAll('#scatter canvas, #curves canvas')].every(c =>
        Math.abs(c.width - d * c.clientWidth) <= d && Math.abs(c.height - d * c.clientHeight) <= d && c.clientWidth > 300)""",
                           arg=density)


def test_figures_follow_the_width_of_the_page(open_board):
    page = open_board(1200, 700)
    page.wait_for_function("document.querySelector('#scatter canvas').width > 800")
    flat = page.evaluate("document.querySelector('#scatter canvas').clientHeight")
    page.set_viewport_size({"width": 360, "height": 700})
    page.wait_for_function("document.querySelector('#scatter canvas').width < 360")
    page.wait_for_function("flat => document.querySelector('#scatter canvas').clientHeight > flat", arg=flat)  # stacked
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_figures_follow_the_theme(open_board):
    page = open_board()
    page.wait_for_function("document.querySelector('#curves canvas').width > 300")
    light = {name: drawn(page, f"#{name} canvas")[1] for name in ("scatter", "curves")}
    page.evaluate("document.body.classList.add('dark')")
    for name, value in light.items():
        page.wait_for_function("""([name, light]) => {
            const c = document.querySelector(`#${name} canvas`), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0, sum = 0;
            for (let k = 0; k < d.length; k += 4) if (d[k + 3] > 200) { n++; sum += (d[k] + d[k + 1] + d[k + 2]) / 3; }
            return Math.abs(sum / n - light) > 15; }""", arg=[name, value])


def test_the_film_is_kept_to_scrub_and_begins_again_with_another_run(open_board):
    page = open_board()
    for step in (20, 30, 40):
        page.click("#grow")
        said(page, "#scatter canvas", f"step {step}")
    film = page.locator("#scatter input[type=range]")
    assert film.get_attribute("max") == "3"
    film.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    said(page, "#scatter canvas", "picture of step 20")
    assert film.get_attribute("aria-valuetext") == "Step 20 of 90"
    page.get_by_text("At step 20 · Loss: first 0.05").wait_for()       # the curves' cursor went along
    page.click("#grow")                                              # a new frame does not tear the viewer away
    page.wait_for_function("document.querySelector('#scatter input[type=range]').max === '4'")
    said(page, "#scatter canvas", "picture of step 20")
    page.get_by_role("button", name="Go on from step 20").click()
    assert page.locator("#earlier").locator("input, textarea").input_value() == "0.1 until 20"
    assert page.evaluate("document.activeElement.closest('#rate') !== null")
    page.click("#over")
    said(page, "#scatter canvas", "picture of step 30")
    assert film.get_attribute("max") == "0" and not film.is_visible()


def test_curves_are_read_by_keyboard(open_board):
    page = open_board()
    page.locator("#curves canvas").focus()
    page.keyboard.press("End")
    page.get_by_text("At step 90 · Loss: first 0.1").wait_for()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.get_by_text("At step 2 · Loss: first 1, ").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("At step").wait_for(state="detached")


def test_a_strip_is_scrubbed_by_keyboard_and_by_click(open_board):
    page = open_board()
    said(page, "#strip [role=img]", "Frame 3 of 3")
    page.locator("#strip input[type=range]").focus()
    page.keyboard.press("Home")
    said(page, "#strip [role=img]", "Frame 1 of 3")
    assert page.locator("#strip output").inner_text() == f"{HOSTILE} frame 0"
    page.locator("#strip .fig-thumbs img").nth(1).click()
    said(page, "#strip [role=img]", "Frame 2 of 3")
    assert page.locator("#strip figcaption").all_inner_texts() == ["noisy", "clean"]


def test_small_pictures_stay_crisp(open_board):
    page = open_board()
    style = page.locator("#picture img").first.evaluate("i => [getComputedStyle(i).imageRendering, i.clientWidth, i.naturalWidth]")
    assert style[0] == "pixelated" and style[1] > 20 * style[2]


def test_text_in_a_figure_is_never_markup(open_board):
    page = open_board()
    page.locator("#curves canvas").focus()
    page.keyboard.press("End")
    assert HOSTILE in page.locator("#curves .fig-read").inner_text()
    assert page.title() != "broken"
    assert page.locator("img[onerror]").count() == 0


@given(st.lists(st.floats(-3.9, 3.9), max_size=30))
@settings(max_examples=50, deadline=None)
def test_packed_numbers_come_back_to_the_nearest_step(numbers):
    assert np.allclose(unpack(pack(numbers)), numbers, atol=0.5 / 8192 + 1e-6)


def test_what_cannot_be_packed_is_cut_off():
    assert unpack(pack([9.0, -9.0, float("nan")])).tolist() == [32767 / 8192, -4.0, 0.0]


def test_a_curve_has_a_gap_where_there_is_no_number():
    assert figures.line("x", [1, 2, 3], [1.0, float("nan"), float("inf")], 0)["y"] == [1.0, None, None]
    assert json.loads(curves(3))["panels"][0]["lines"][0]["y"] == [1.0, 0.5, 0.33333]


def test_figures_refuse_what_they_cannot_show():
    for bad in (lambda: figures.line("x", [1, 2], [1], 0), lambda: figures.picture_json([], "none"),
                lambda: figures.picture_json([""] * 5, "five"), lambda: figures.image(np.zeros((2, 2, 3))),
                lambda: figures.strip_json([{"images": [], "caption": "x"}], "empty")):
        with pytest.raises(ValueError, match="got|has 1 to 4"):
            bad()


def palette(block):
    text = re.search(block + r" \{(.*?)\}", CSS.read_text(), re.S)[1]
    return {name: np.array([int(value[k:k + 2], 16) for k in (0, 2, 4)]) / 255
            for name, value in re.findall(r"--(fig-[\w]+): #(\w{6})", text)}


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("block", [":root", r"\.dark"])
def test_colours_can_be_read_and_told_apart(block):
    """Text and series against the card at 4.5 to 1 (WCAG 2.2, 1.4.3), data dots at 3 to 1 (1.4.11); series also as eyes
    without red or green cones see them (Vienot et al. 1999, doi:10.1002/(SICI)1520-6378(199908)24:4<243)."""
    found = palette(block)
    for name in ("fig-ink", "fig-soft", "fig-1", "fig-2", "fig-3", "fig-4"):
        assert contrast(found[name], found["fig-card"]) >= 4.5, name
    assert contrast(found["fig-real"], found["fig-card"]) >= 2.9
    deutan = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
    protan = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
    for seen in (np.eye(3), deutan, protan):
        for a, b in itertools.combinations(("fig-1", "fig-2", "fig-3"), 2):
            apart = np.abs(seen @ linear(found[a]) - seen @ linear(found[b])).max()
            assert apart > 0.1, (a, b)
