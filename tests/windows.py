"""Browser windows that are used again: loading the page anew costs half as much as in a window that never saw it.

A window keeps the browser's cache and its process from one visitor to the next, as a shared computer does, and nothing
else: cookies, storage, permissions, routes, size, colours and other pages are those of a new one.
"""

from playwright.sync_api import Error

SLOWEST_MS = 15_000
EMPTY = "/favicon.ico"  # a page of the app's own origin without any script


class Windows:
    """Pages of one browser, each in a context (a visitor) of its own: `opened` gives one, `left` takes it back."""

    def __init__(self, browser):
        self.browser, self.free = browser, []

    def opened(self, origin, width, height, dark, **settings):
        """A page without a past at about:blank, or at a page of this origin without a script. `settings` of a context
        (a phone's touch, say) are for a window of its own."""
        if settings or not self.free:
            context = self.browser.new_context(**settings)
            context.set_default_timeout(SLOWEST_MS)
            page = context.new_page()
        else:
            page = self.free.pop()
            page.set_default_timeout(SLOWEST_MS)
            page.goto(origin + EMPTY)
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        return page

    def left(self, page, again=True):
        """The visitor goes. again: the window may be used for the next one."""
        context = page.context
        if not again or page.is_closed():
            context.close()
            return
        for other in context.pages:
            if other != page:
                other.close()
        try:
            page.unroute_all(behavior="ignoreErrors")
            page.mouse.move(-1, -1)
            page.goto("about:blank")  # ends the visit, as a closed window does
            context.clear_cookies()
            context.clear_permissions()
            self.free.append(page)
        except Error:  # it hangs
            context.close()
