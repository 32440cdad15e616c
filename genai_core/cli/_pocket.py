"""`train pocket`: the parts of the pocket model, one or all; stop at any time, run again to go on."""

import os
import sys
import time
from pathlib import Path

ORDER = ("autoencoder", "clip", "unet", "decoder", "clip_pictures", "noise_clip", "unet_text", "text_layout", "unet_order",
         "unet_pairs", "unet_all")

WHAT = {"pocket": "the pocket model's parts, one or all; stop at any time, run again to go on"}


def add(parser, kind):
    parser.add_argument("part", nargs="?", default="all", choices=(*ORDER, "all", "pack", "unpack"),
                        help="what to train (default: all); pack: only write the shipped folder; unpack: make checkpoints "
                             "of the shipped weights, to go on from them")
    parser.add_argument("--folder", type=Path, default=Path("runs/pocket"), help="checkpoints (default: runs/pocket)")
    parser.add_argument("--out", type=Path, default=Path("assets/models/pocket"), help="where pack writes the pipeline")
    parser.add_argument("--steps", type=int, help="stop after this many steps (default: the recipe's)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--compile", action="store_true",
                        help="compile the network first: a third faster for the UNet, needs a C++ compiler, other last bits")
    parser.add_argument("--note", default="", help="a sentence for the manifest on how these weights came about")
    parser.add_argument("--nice", type=int, default=10, help="how far to step back for other work, 0 to 19")


def run(args):
    if hasattr(os, "nice"):
        os.nice(args.nice)
    from genai_core import runtime
    from genai_core.text_to_image import recipes

    runtime.join_processes()
    runtime.set_threads(args.threads)
    where = runtime.device()
    if where.type == "cpu":
        runtime.use_plain_attention()
    if args.part == "unpack":
        from genai_core.text_to_image.pack import unpack

        return {"folder": str(unpack(args.out, args.folder, args.seed, args.precision))}
    answer = {}
    for part in ORDER if args.part == "all" else (args.part,):
        if part == "pack":
            break
        recipe = recipes.RECIPES[part]
        model = recipes.untrained(part, args.folder, args.seed).to(where)
        data = recipes.examples(part, args.folder, args.seed, where)
        if args.compile:
            for child in model.children():
                child.compile()
        steps = args.steps or recipe.steps
        began, first = time.monotonic(), None
        for step in recipes.run(part, data, model, args.folder, args.seed, args.precision, args.steps):
            first = first or (step.index, time.monotonic())
            if (step.index % 50 == 0 or step.index == steps) and runtime.processes()[0] == 0:
                pace = (time.monotonic() - first[1]) / max(1, step.index - first[0])
                print(f"{part} step {step.index} of {steps}, loss {step.losses['loss']:.4f}, {pace:.2f} s a step, "
                      f"{pace * (steps - step.index) / 60:.0f} min left", file=sys.stderr, flush=True)
        answer[part] = {"seconds": round(time.monotonic() - began, 1)}
        runtime.wait_for_all()  # the next part reads what the first process has just saved
    if args.part in ("all", "pack") and runtime.processes()[0] == 0:
        from genai_core.text_to_image.pack import pack

        answer["folder"] = str(pack(args.folder, args.out, args.seed, args.note))
    return answer
