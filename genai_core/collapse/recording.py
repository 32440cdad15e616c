"""The recorded run that the collapse lab opens with: Gaussians that replace each other, and the map around them."""

from dataclasses import asdict

from genai_core.recorded import Recorder


def _start():
    from genai_core.collapse.drawn import Gallery
    from genai_core.collapse.experiment import Settings, run

    settings, rows = Settings(), []
    gallery = Gallery(settings)

    def frames():
        for frame in run(settings):
            rows.append(frame.row())
            before = len(gallery.rows)
            gallery.add(frame)
            yield frame.index, gallery.rows[-1] if len(gallery.rows) > before else None

    return frames(), lambda: rows


def _scene() -> dict:
    from genai_core.collapse import phase, readings
    from genai_core.collapse.drawn import Gallery
    from genai_core.collapse.experiment import Settings, half_life

    settings = Settings()
    gallery = Gallery(settings)
    return {"kind": gallery.kind, "over": gallery.truth(), "truth": readings.truth(settings.model, gallery.plan),
            "half_life": half_life(settings),
            "axes": asdict(phase.axes(settings)), "cells": [asdict(cell) for cell in phase.cells(settings)]}


def settings() -> dict:
    from genai_core.collapse.experiment import Settings

    return asdict(Settings())


RECORDER = Recorder(settings(), 0, _scene, _start)
