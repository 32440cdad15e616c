"""Never seen: the plate shows every picture with the verdict of the pixel check, and the rate is the core's."""

import numpy as np

from demos import never_seen as tab
from genai_core.data.picturebook import UNSEEN


def test_the_plate_frames_each_picture_by_its_verdict():
    picture = np.full((8, 8, 3), 7, np.uint8)
    sheet = tab.plate([("a", (True, None), [picture, picture]), ("b", (False, True), [picture, picture])], of=4)
    side, step = 8 + 2 * tab.BORDER, 8 + 2 * tab.BORDER + tab.GAP
    assert sheet.shape == (4 * step - tab.GAP, 4 * step - tab.GAP, 3)
    assert tuple(sheet[0, 0]) == tab.FRAMES[True] and tuple(sheet[0, step]) == tab.FRAMES[None]
    assert tuple(sheet[0, 2 * step]) == tab.FRAMES[False] and (sheet[tab.BORDER:tab.BORDER + 8, tab.BORDER:tab.BORDER + 8] == 7).all()
    assert (sheet[step:] == 255).all() and side < step


def test_the_lab_draws_every_pair_and_tells_the_rate():
    lab = tab.LAB
    values = lab.check(lab.defaults() | {"n": 1, "steps": 5})
    moments = list(lab.run(**values))
    view = moments[-1].look()
    assert len(moments) == len(UNSEEN) == len(view.rows) and moments[-1].step == moments[-1].steps
    right = sum(row["right"] for row in view.rows)
    assert round(view.numbers["right_share"].value * len(UNSEEN), 3) == right and f"{right} are right" in view.words
    low, value, high = (getattr(view.numbers["right_share"], end) for end in ("low", "value", "high"))
    assert 0 <= low <= value <= high <= 1 and lab.predict.verdict(view.numbers) in tab.CHOICES
