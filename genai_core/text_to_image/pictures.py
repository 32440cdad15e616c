"""A user's picture file, read with care: its header first, and every oddity either handled and named, or refused kindly."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genai_core.errors import BadInput

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_BYTES = 25_000_000
MOST_PIXELS = 40_000_000   # a phone's camera; 120 MB once unpacked
LEAST_SIDE = 8             # pixels; below that there is nothing to see
LONGEST_SIDE = 1024        # a larger picture is made smaller at once: no CLIP looks at more
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # Pillow's names of 16-bit gray


@dataclass(frozen=True)
class Picture:
    """pixels: (h, w, 3) uint8, upright, on white where it was see-through. notes: one sentence for each change made."""

    pixels: np.ndarray
    notes: tuple[str, ...] = ()


def _opened(data: bytes, name: str):
    """The file as Pillow sees it, nothing but its header decoded yet."""
    from PIL import Image, UnidentifiedImageError

    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # our own limit is lower
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise BadInput(f"{name} says that it has over {2 * Image.MAX_IMAGE_PIXELS / 1e6:.0f} megapixels; at most "
                       f"{MOST_PIXELS / 1e6:.0f} are read. Make it smaller first.") from None
    except UnidentifiedImageError:
        raise BadInput(f"{name} is no picture, whatever its name says: inside it is neither {', '.join(FORMATS[:-1])} "
                       f"nor {FORMATS[-1]}.") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise BadInput(f"{name} cannot be read as a picture: the file is damaged.") from None


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MOST_PIXELS:
        raise BadInput(f"{name} has {width:,} x {height:,} pixels, {width * height / 1e6:.0f} megapixels; at most "
                       f"{MOST_PIXELS / 1e6:.0f} are read. Make it smaller first.")
    if min(width, height) < LEAST_SIDE:
        raise BadInput(f"{name} has {width:,} x {height:,} pixels; there must be at least {LEAST_SIDE} on each side "
                       "to see anything.")


def _to_rgb(image, notes: list[str]):
    """The picture in the three colours of a screen, on white."""
    from PIL import Image

    if image.mode in DEEP:
        deep = np.asarray(image).astype(np.float64)
        image = Image.fromarray((deep / 257).round().clip(0, 255).astype(np.uint8))
    if image.mode == "CMYK":
        notes.append("It is in printing colours (CMYK); on screen they come out a little differently.")
    if image.has_transparency_data:
        solid = image.convert("RGBA")
        if solid.getextrema()[3][0] < 255:
            notes.append("Its see-through parts were laid on white.")
        paper = Image.new("RGBA", solid.size, "white")
        image = Image.alpha_composite(paper, solid)
    return image.convert("RGB")


def read_picture(source: str | Path | bytes, name: str = "") -> Picture:
    """The picture in a file or in its bytes. name: what to call it in a sentence (default: the file's name).

    Raises BadInput for a file that is missing, too large, damaged, no picture, over 40 megapixels, or under 8 x 8.
    """
    from PIL import Image, ImageOps

    if isinstance(source, bytes):
        name, data = name or "The file", source
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise BadInput(f"There is no picture file {str(source)!r}.")
        if path.stat().st_size <= MOST_BYTES:
            data = path.read_bytes()
    size = len(source) if isinstance(source, bytes) else path.stat().st_size
    if size > MOST_BYTES:
        raise BadInput(f"{name} has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} are read.")
    if not size:
        raise BadInput(f"{name} is empty.")
    notes: list[str] = []
    with _opened(data, name) as image:
        _check_size(*image.size, name)
        try:
            if getattr(image, "is_animated", False):
                notes.append("It moves; only its first frame is read.")
                image.seek(0)
            upright = image.getexif().get(0x0112, 1) in (0, 1)
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)  # a JPEG is decoded small at once
            drawn = ImageOps.exif_transpose(image)
            if not upright:
                notes.append("It was turned upright, as its camera noted.")
            return Picture(np.array(_to_rgb(drawn, notes)), tuple(notes))
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
            raise BadInput(f"{name} breaks off or is damaged: its header is a picture's, the rest is not.") from None
