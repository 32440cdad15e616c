"""Let CLIP read pictures: how well each caption fits each picture, and which single words do."""

from pathlib import Path

from genai_core.errors import BadInput

MOST_PICTURES = 64


def add(parser):
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="picture files: PNG, JPEG, WEBP, GIF or BMP")
    parser.add_argument("--text", action="append", default=[], metavar="T", help="a caption to compare with; give several")
    parser.add_argument("--model", default="pocket", help="pocket (default), ViT-B-32, or a folder with open_clip_config.json")
    parser.add_argument("--words", action="store_true", help="also which shape, colour, background, size, fill and count CLIP reads")
    parser.add_argument("--threads", type=int, help="default: all cores")


def run(args):
    from genai_core import runtime
    from genai_core.text_to_image import pictures, reading

    if args.threads is not None and args.threads < 1:
        raise BadInput(f"--threads must be at least 1; you gave {args.threads}.")
    if not args.text and not args.words:
        raise BadInput("There is nothing to compare with. Give --text \"a red circle on gray\", once or more, or --words.")
    if len(args.images) > MOST_PICTURES:
        raise BadInput(f"{len(args.images)} pictures are too many; at most {MOST_PICTURES} are read at once.")
    texts = reading.check_texts(args.text) if args.text else []
    given = [pictures.read_picture(path) for path in args.images]
    runtime.set_threads(args.threads)
    clip = reading.reader(args.model)
    pixels = [picture.pixels for picture in given]
    answer = {"model": args.model, "images": [str(path) for path in args.images],
              "notes": [list(picture.notes) for picture in given]}
    if texts:
        table = reading.similarity(clip, pixels, texts)
        answer |= {"texts": texts, "matrix": [[round(float(v), 4) for v in row] for row in table],
                   "ranking": [reading.ranking(row, texts, clip.scale) for row in table]}
    if args.words:
        answer["words"] = reading.words_of(clip, pixels)
    return answer
