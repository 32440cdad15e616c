"""Draw a sentence with the pocket Stable Diffusion, or with another model in a folder."""

import time
from pathlib import Path

from genai_core.errors import BadInput
from genai_core.text_to_image.settings import OPTIONS, Settings


def add(parser):
    own = Settings("")
    parser.add_argument("prompt", help="what to draw, for example: a red circle above a blue square on gray")
    parser.add_argument("--guidance", default=own.guidance,
                        help="cfg (default) follows the prompt; none is the empty prompt; clip steers the empty prompt by "
                             "the gradient of CLIP; both does both")
    parser.add_argument("--scale", type=float, default=own.scale, help="guidance scale, 0 to 30; 1 is the prompt alone")
    parser.add_argument("--negative", default=own.negative, help="what the picture should not be")
    parser.add_argument("--scheduler", help="ddim, ddpm, dpm++ or euler; default: the model's own")
    parser.add_argument("--steps", type=int, default=own.steps, help="denoising steps, 1 to 200")
    parser.add_argument("--seed", type=int, default=own.seed)
    parser.add_argument("-n", type=int, default=own.n, help="pictures, 1 to 4")
    clip = parser.add_argument_group("CLIP guidance")
    clip.add_argument("--clip", default=own.clip, help="noise_aware (default) reads noisy latents; plain reads decoded crops")
    clip.add_argument("--clip-scale", type=float, default=own.clip_scale, help="weight of the gradient, 0 to 100")
    clip.add_argument("--rounds", type=int, default=own.rounds, help="times each step is taken, 1 to 10")
    clip.add_argument("--crops", type=int, default=own.crops, help="views of the picture for the plain CLIP, 1 to 16")
    clip.add_argument("--through-unet", action="store_true", help="follow the plain CLIP's gradient through the UNet")
    clip.add_argument("--bound", type=float, default=own.bound,
                      help="longest guidance step, as a share of the predicted noise, 0 to 10; 0 is no bound")
    clip.add_argument("--slip", action="store_true",
                      help="what if the factor were looked up by the loop counter instead of the timestep")
    parser.add_argument("--model", default="pocket",
                        help="pocket (default), sd15, sd-turbo, owner/name on the hub, or a folder with model_index.json")
    parser.add_argument("--export", type=Path, metavar="FILE.zip",
                        help="also write a zip with weights and a notebook that draws the same picture by itself")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if missing")
    parser.add_argument("--threads", type=int, help="default: all cores")


def _judged(pipeline, pictures, prompt: str) -> list[float] | None:
    """CLIP's similarity of each picture with the prompt; None where there is no prompt, or no CLIP for this model here."""
    from genai_core.text_to_image.similarity import guide_for

    if not prompt.strip():
        return None
    try:
        return [round(value, 4) for value in guide_for(pipeline).similarity(pictures, prompt).tolist()]
    except BadInput:
        return None


def run(args):
    from PIL import Image

    from genai_core import runtime, text_to_image

    if args.threads is not None and args.threads < 1:
        raise BadInput(f"--threads must be at least 1; you gave {args.threads}.")
    runtime.set_threads(args.threads)
    settings = {name: getattr(args, name) for name in OPTIONS}
    text_to_image.check(args.prompt, **settings)
    if args.out.exists() and not args.out.is_dir():
        raise BadInput(f"--out must be a folder; {args.out} is a file.")
    if args.export and (args.export.is_dir() or not args.export.parent.is_dir()):
        raise BadInput(f"--export must be a file in a folder that is there, such as picture.zip; you gave {str(args.export)!r}.")
    pipeline = text_to_image.load(args.model)
    began = time.perf_counter()
    for last in text_to_image.frames(pipeline, args.prompt, strip=False, **settings):
        pass
    seconds = time.perf_counter() - began
    args.out.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, picture in enumerate(last.clean):
        paths.append(str(args.out / f"{args.seed}-{index}.png"))
        Image.fromarray(picture).save(paths[-1])
    if args.export:
        from genai_core.text_to_image.export import package

        args.export.write_bytes(package(args.prompt, args.model, **settings))
    unknown = [word for word, _ in text_to_image.unknown_words(args.prompt)]
    judged = _judged(pipeline, last.clean, args.prompt)
    return {"model": args.model, "images": paths, "seconds": round(seconds, 3), "steps": last.steps, "seed": args.seed,
            "similarity": judged, "unknown_words": unknown,
            **({"export": str(args.export)} if args.export else {})}
