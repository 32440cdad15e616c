"""Draw a sentence with the pocket Stable Diffusion, or with another model in a folder."""

import time
from pathlib import Path

from genai_core.errors import BadInput


def add(parser):
    parser.add_argument("prompt", help="what to draw, for example: a red circle above a blue square on gray")
    parser.add_argument("--guidance", default="cfg", help="cfg (default) follows the prompt; none is the empty prompt")
    parser.add_argument("--scale", type=float, default=3.0, help="guidance scale, 0 to 30; 1 is the prompt alone")
    parser.add_argument("--steps", type=int, default=25, help="denoising steps, 1 to 200")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-n", type=int, default=1, help="pictures, 1 to 4")
    parser.add_argument("--model", default="pocket", help="pocket (default), or a folder with model_index.json")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if missing")
    parser.add_argument("--threads", type=int, help="default: all cores")


def run(args):
    from PIL import Image

    from genai_core import runtime, text_to_image

    if args.threads is not None and args.threads < 1:
        raise BadInput(f"--threads must be at least 1; you gave {args.threads}.")
    runtime.set_threads(args.threads)
    settings = {"guidance": args.guidance, "scale": args.scale, "steps": args.steps, "seed": args.seed, "n": args.n}
    text_to_image.check(args.prompt, **settings)
    if args.out.exists() and not args.out.is_dir():
        raise BadInput(f"--out must be a folder; {args.out} is a file.")
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
    unknown = [word for word, _ in text_to_image.unknown_words(args.prompt)]
    return {"model": args.model, "images": paths, "seconds": round(seconds, 3), "steps": last.steps, "seed": args.seed,
            "unknown_words": unknown}
