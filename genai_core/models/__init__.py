"""MODELS by name. Adding one: a file, and a line here; the contract tests find it by themselves."""

import importlib
from dataclasses import dataclass, field

from torch import nn

from genai_core import runtime


@dataclass(frozen=True)
class Model:
    """title: as shown on screen. made_by: "module:Class" in this package, imported when first built.

    data: the DATASETS name that it learns. tiny: constructor settings small enough for the contract tests.
    """

    title: str
    made_by: str
    data: str
    tiny: dict = field(default_factory=dict)


MODELS: dict[str, Model] = {
    "vae": Model("Variational autoencoder", "vae:VAE", "ring"),
    "gan": Model("Generative adversarial network", "gan:GAN", "ring"),
    "point_denoiser": Model("Denoiser of points", "point_denoiser:PointDenoiser", "ring", {"width": 32}),
    "point_autoencoder": Model("Autoencoder of points", "point_autoencoder:PointAutoencoder", "ring", {"width": 32}),
    "digit_vae": Model("VAE of digits", "digit_vae:DigitVAE", "strokes", {"hidden": (32,), "latent": 4}),
    "digit_autoencoder": Model("Autoencoder of digits", "digit_autoencoder:DigitAutoencoder", "strokes",
                               {"hidden": (32,), "bottleneck": 16}),
    "digit_classifier": Model("Classifier of digits", "digit_classifier:DigitClassifier", "strokes",
                              {"channels": 4, "width": 16}),
    "digit_gan": Model("GAN of digits", "digit_gan:DigitGAN", "strokes", {"width": 32, "latent": 8}),
    "point_diffusion": Model("Diffusion of points", "point_diffusion:PointDiffusion", "ring", {"width": 16}),
    "digit_diffusion": Model("Diffusion of digits", "digit_diffusion:DigitDiffusion", "strokes", {"width": 16, "layers": 1}),
    "picture_autoencoder": Model("Picturebook autoencoder", "picture_autoencoder:PictureAutoencoder", "picturebook",
                                 {"width": 8, "encoder_blocks": (1, 1, 1), "decoder_blocks": (1, 1, 1)}),
    "picture_clip": Model("Picturebook CLIP", "picture_clip:PictureCLIP", "picturebook",
                          {"width": 32, "layers": 1, "embed": 16}),
    "picture_noise_clip": Model("Picturebook CLIP for noisy latents", "picture_noise_clip:NoisyPictureClip", "picturebook",
                                {"width": 32, "layers": 1, "embed": 16}),
    "picture_layout": Model("Who stands where in a caption", "picture_layout:PictureLayout", "picturebook_layouts", {"width": 16}),
    "picture_diffusion": Model("Picturebook latent diffusion", "picture_diffusion:PictureDiffusion",
                               "picturebook", {"channels": (16, 32), "layers": 1, "text_width": 16}),
}


def build(name: str, seed: int, **settings) -> nn.Module:
    """The named model with weights drawn from the seed; settings are its constructor's."""
    if name not in MODELS:
        raise ValueError(f"no model {name!r}; there are {', '.join(MODELS)}")
    module, maker = MODELS[name].made_by.split(":")
    cls = getattr(importlib.import_module(f"{__name__}.{module}"), maker)
    return runtime.build(lambda: cls(**settings), seed)
