"""Write the trained parts as one folder: what StableDiffusionPipeline and open_clip open, and a manifest."""

import hashlib
import json
from pathlib import Path

from genai_core.data import picturebook
from genai_core.models.picture_diffusion import noise_schedule
from genai_core.text_to_image import recipes
from genai_core.text_to_image.tokenizer import tokenizer

SHARD = "9MB"


def pack(runs: Path, out: Path, seed: int, note: str = "") -> Path:
    """Read the checkpoints in `runs`, write the pipeline to `out` in half precision, each file at most 9 MB. note: what the manifest should
    say about how these weights came about, where they were not made in one go."""
    from diffusers import StableDiffusionPipeline
    from safetensors.torch import save_file

    autoencoder, told_autoencoder = recipes.trained("autoencoder", runs)
    clip, told_clip = recipes.trained("clip", runs)
    text = clip.text_tower()
    diffusion, told_unet = recipes.trained("unet", runs, text=text)
    diffusion.unet.set_default_attn_processor()
    pictures, _ = picturebook.tensors(2000, seed + 1)
    spread = autoencoder.encode_all(pictures).float().std().item()
    pipeline = StableDiffusionPipeline(
        vae=autoencoder.vae, text_encoder=text, tokenizer=tokenizer(), unet=diffusion.unet, scheduler=noise_schedule(),
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
    manifest = {
        "command": f"python -m genai_core train all --seed {seed}",
        "seed": seed,
        **({"note": note} if note else {}),
        "data": f"Picturebook, split train: {len(picturebook.UNSEEN)} (colour, shape) pairs kept out",
        "latent_std": round(spread, 4),
        "parts": {name: {**told, "steps": told["steps"], "batch": recipes.RECIPES[name].batch,
                         "scenes": recipes.RECIPES[name].scenes, "seconds": float(told["seconds"])}
                  for name, told in (("autoencoder", told_autoencoder), ("clip", told_clip), ("unet", told_unet))},
        "files": {str(p.relative_to(out)): {"bytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
                  for p in sorted(out.rglob("*.safetensors"))},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return out
