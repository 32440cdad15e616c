"""How many times one quantity is another, where a class is asked to guess."""

from policy import facts
from policy.equivalents import quotient
from policy.estimate import HERE
from policy.facts import Fact
from policy.requests import band

CLIP_S = 5  # seconds of the generated clip that the band of kind "video" is about


def video_second_over_chat() -> Fact:
    """Energy of one second of generated video over that of a short chat answer."""
    second = facts.product("video_second", "one second of generated video", "Wh", (band("video"),), HERE, scale=1 / CLIP_S)
    return quotient("video_second_over_chat", "a second of generated video over a short chat answer", second, band("chat"))
