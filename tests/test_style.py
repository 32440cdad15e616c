"""The page's style travels as one file that browsers keep, and wins over Gradio's inside its page."""

import gzip
import re
import urllib.request

import pytest
import serving

from demos import _style


@pytest.mark.parametrize(("given", "made"), [
    (".a, #b:not(.c, .d) { x: y; }", ".a,#b:not(.c, .d),{i} .a,{i} #b:not(.c, .d){x: y;}"),
    ("/* a, {b} */ .a { x: y; }", ".a,{i} .a{x: y;}"),
    (":root { --x: y; } .dark { --x: z; }", ":root{--x: y;}\n.dark{--x: z;}"),
    (".dark .a { x: y; }", ".dark .a,.dark {i} .a{x: y;}"),
    ("body:not(.dark) .a { x: y; }", "body:not(.dark) .a,body:not(.dark) {i} .a{x: y;}"),
    (".gradio-container > .main { x: y; }", ".gradio-container > .main,.gradio-container.gradio-container.gradio-container > .main{x: y;}"),
    ("@media (max-width: 9px) { .a { x: y; } }", "@media (max-width: 9px){.a,{i} .a{x: y;}}"),
])
def test_each_rule_is_written_for_the_page_and_for_the_inside_of_gradios(given, made):
    assert _style.doubled(given) == made.replace("{i}", _style.INSIDE)


@pytest.mark.parametrize("wrong", [".a { x: y;", ".a { x: y; } }", "@keyframes a { from { x: y; } }", ".a { x: y; } b"])
def test_a_style_that_cannot_be_read_fails_at_start(wrong):
    with pytest.raises(ValueError):
        _style.doubled(wrong)


def test_every_rule_of_the_files_is_in_the_one_that_is_served():
    served = _style.style()
    for path in _style.FOLDER.glob("*.css"):
        rules = re.findall(r"\{([^{}]+)\}", _style.COMMENT.sub("", path.read_text(encoding="utf-8")))
        assert rules and all(rule.strip() in served for rule in rules), path.name


def test_browsers_keep_the_style_for_as_long_as_it_stays_the_same(server):
    config = server.get_config_file()
    assert not config["css"]  # none of it is in the page itself
    address = f"{server.local_url}theme.css?v={config['theme_hash']}"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept-Encoding": "gzip"}), timeout=serving.PATIENCE_S) as answer:
        assert "immutable" in answer.headers["Cache-Control"] and answer.headers["Content-Type"].startswith("text/css")
        text = gzip.decompress(answer.read()).decode()
    assert _style.style() in text and "--button-primary-background-fill" in text
    with urllib.request.urlopen(f"{server.local_url}theme.css", timeout=serving.PATIENCE_S) as answer:
        assert "immutable" not in (answer.headers["Cache-Control"] or "")


def test_nothing_is_shown_undressed(server, browser):
    """The style comes late: until it is there, Gradio's page shows nothing of ours."""
    page, held = browser.new_page(), []
    page.route("**/theme.css*", lambda route: held.append(route))
    page.goto(server.local_url, wait_until="commit")
    page.wait_for_function("window.gradio_config && document.querySelector('link[href*=\"theme.css\"]')")
    page.wait_for_load_state("load")
    assert page.locator(".gl-header").count() == 0
    while held:
        held.pop().continue_()
    page.wait_for_selector(".gl-header")
    assert page.evaluate("getComputedStyle(document.querySelector('.gl-header')).display") == "flex"
    page.close()
