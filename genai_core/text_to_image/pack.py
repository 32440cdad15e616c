"""Write the trained parts as one folder: what StableDiffusionPipeline and open_clip open, and a manifest."""

import hashlib
import json
from pathlib import Path

from genai_core import checkpoints, models, runtime
from genai_core.data import picturebook
from genai_core.errors import BadInput
from genai_core.models.picture_diffusion import noise_schedule
from genai_core.text_to_image import recipes
from genai_core.text_to_image.tokenizer import tokenizer
from genai_core.training import Snapshot

SHARD = "9MB"


def pack(runs: Path, out: Path, seed: int, note: str = "") -> Path:
    """Read the checkpoints in `runs`, write the pipeline to `out` in half precision, each file at most 9 MB. note: what the manifest should
    say about how these weights came about, where they were not made in one go."""
    from diffusers import StableDiffusionPipeline
    from safetensors.torch import save_file

    told = {}

    def last(*parts, **given):
        """The last of these parts that has been trained."""
        for part in [part for part in parts if (runs / f"{part}.safetensors").is_file()] or parts[:1]:
            model, told[part] = recipes.trained(part, runs, **given)
        return model

    autoencoder, clip = last("autoencoder", "decoder"), last("clip", "clip_pictures")
    if (runs / "text_layout.safetensors").is_file():
        last("text_layout", text=recipes.trained("clip", runs)[0].text_tower())
    diffusion = last("unet", "unet_text", "unet_order", "unet_pairs", "unet_all",
                     text=recipes.trained("clip", runs)[0].text_tower())
    diffusion.unet.set_default_attn_processor()
    pictures, _ = picturebook.tensors(2000, seed + 1)
    spread = autoencoder.encode_all(pictures).float().std().item()
    pipeline = StableDiffusionPipeline(
        vae=autoencoder.vae, text_encoder=diffusion.text, tokenizer=tokenizer(), unet=diffusion.unet, scheduler=noise_schedule(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    for part in (pipeline.vae, pipeline.text_encoder, pipeline.unet):
        part.half()
    pipeline.save_pretrained(out, safe_serialization=True, max_shard_size=SHARD)
    folder = out / "clip"
    folder.mkdir(exist_ok=True)
    save_file({k: v.detach().half().contiguous() for k, v in clip.clip.state_dict().items()},
              folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({
        "model_cfg": clip.config,
        "preprocess_cfg": {"size": 64, "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"}}, indent=1))
    if (runs / "noise_clip.safetensors").is_file():
        noisy = last("noise_clip")
        folder = out / "noise_clip"
        folder.mkdir(exist_ok=True)
        save_file({k: v.detach().half().contiguous() for k, v in noisy.state_dict().items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(recipes.RECIPES["noise_clip"].settings) + "\n")
    manifest = {
        "command": f"python -m genai_core train pocket --seed {seed}",
        "seed": seed,
        **({"note": note} if note else {}),
        "data": f"Picturebook, split train: {len(picturebook.UNSEEN)} (colour, shape) pairs kept out",
        "latent_std": round(spread, 4),
        "parts": {name: {**known, "steps": known["steps"], "batch": recipes.RECIPES[name].batch,
                         "scenes": recipes.RECIPES[name].scenes, "seconds": float(known["seconds"])}
                  for name, known in told.items()},
        "files": {str(p.relative_to(out)): {"bytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
                  for p in sorted(out.rglob("*.safetensors"))},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return out


def unpack(folder: Path, runs: Path, seed: int, precision: str) -> Path:
    """The other way round: checkpoints at step 0 with the shipped weights, so that training can go on from them."""
    from diffusers import AutoencoderTiny, UNet2DConditionModel
    from safetensors.torch import load_file
    from transformers import CLIPTextModel

    autoencoder, clip = (models.build(recipes.RECIPES[part].model, seed, **recipes.RECIPES[part].settings)
                         for part in ("autoencoder", "clip"))
    autoencoder.vae.load_state_dict(AutoencoderTiny.from_pretrained(folder / "vae").float().state_dict())
    clip.clip.load_state_dict(load_file(folder / "clip" / "open_clip_model.safetensors"))
    text = CLIPTextModel.from_pretrained(folder / "text_encoder").float()
    diffusion = models.build(recipes.RECIPES["unet"].model, seed, text=text, **recipes.RECIPES["unet"].settings)
    diffusion.unet.load_state_dict(UNet2DConditionModel.from_pretrained(folder / "unet").float().state_dict())
    noisy = models.build(recipes.RECIPES["noise_clip"].model, seed, **recipes.RECIPES["noise_clip"].settings)
    noisy.load_state_dict(load_file(folder / "noise_clip" / "model.safetensors"))
    for part, model in (("autoencoder", autoencoder), ("clip", clip), ("unet", diffusion), ("noise_clip", noisy)):
        path = runs / f"{part}.safetensors"
        if path.exists():
            raise BadInput(f"{path} is there already; it may hold more than the shipped weights. Move it away first.")
        streams = runtime.rng(seed).get_state(), runtime.rng(seed + 1).get_state()
        checkpoints.save(Snapshot(0, model.state_dict(), {}, streams, {}), path, seed=str(seed), precision=precision,
                         seconds="0")
    return runs
