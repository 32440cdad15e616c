"""A visitor's own points: from a CSV of two columns, or three where the last is a class; or clicked, as a list.

Every refusal is a sentence that says what was found, where, and what would have been right.
"""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import torch

from genai_core.errors import BadInput

FEWEST, MOST_ROWS, MOST_BYTES, MOST_CLASSES = 8, 20_000, 2_000_000, 10
WANTED = "two columns of numbers, x and y"
WANTED_CLASS = "two columns of numbers, x and y, and a third with the class"


@dataclass(frozen=True)
class OwnPoints:
    """points: (N, 2) float32, in the file's own units. labels: (N,) whole numbers, None without a class column.
    classes: what the labels stand for, as written in the file."""

    points: torch.Tensor
    labels: torch.Tensor | None
    classes: tuple[str, ...]

    def scaled(self) -> tuple[torch.Tensor, torch.Tensor, float]:
        """(points with mean 0 and about 2 wide, as the made ones; the mean (2,); what a unit of them is in the file's)."""
        centre = self.points.double().mean(0)
        unit = (self.points - centre).square().sum(1).mean().sqrt().item()  # root of the mean squared distance from the mean
        return ((self.points - centre) / unit).float(), centre.float(), unit


def _number(cell: str, row: int) -> float:
    text = cell.strip()
    try:
        value = float(text)
    except ValueError:
        raise BadInput(f"Row {row} holds {text[:20]!r} where a number is needed." if text else
                       f"Row {row} has an empty cell; give {WANTED}.") from None
    if not math.isfinite(value) or abs(value) > 1e12:
        raise BadInput(f"Row {row} holds {text[:20]!r}: every number must be finite, at most 1e12 in size. "
                       "Delete the row or fill it in.")
    return value


def _is_header(cells: list[str]) -> bool:
    """A first row whose first two cells are words."""
    def word(cell):
        try:
            float(cell)
        except ValueError:
            return bool(cell.strip())
        return False

    return len(cells) >= 2 and word(cells[0]) and word(cells[1])


def parse(text: str, with_class: bool = False) -> OwnPoints:
    """CSV text (comma, semicolon or tab between columns; a header is welcome) as points; with_class: the third column is the class."""
    wanted = WANTED_CLASS if with_class else WANTED
    if len(text) > MOST_BYTES or text.count("\n") > MOST_ROWS + 1:
        raise BadInput(f"The file has about {max(text.count(chr(10)), 1):,} rows; at most {MOST_ROWS:,} are taken. Take every "
                       "so many of them, or the first ones.")
    lines = text.lstrip("\ufeff").strip().splitlines()
    if not lines:
        raise BadInput(f"The file is empty; it should have {wanted}.")
    sign = next(sign for sign in "\t;," if sign in lines[0] or sign == ",")
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=sign)]
    if sign != ",":  # then a comma in a number is a decimal comma
        rows = [[cell.replace(",", ".") for cell in row[:2]] + row[2:] for row in rows]
    first = 2 if _is_header(rows[0]) else 1
    numbered = [(i, row) for i, row in enumerate(rows[first - 1:], first) if any(row)]
    columns = 3 if with_class else 2
    for i, row in numbered:
        if len(row) != columns:
            raise BadInput(f"Row {i} has {len(row)} column{'s' * (len(row) != 1)}; give {wanted}.")
    if len(numbered) < FEWEST:
        raise BadInput(f"There are {len(numbered)} points; at least {FEWEST} are needed.")
    points = torch.tensor([[_number(cell, i) for cell in row[:2]] for i, row in numbered], dtype=torch.float64)
    return _checked(points, [row[2] for _, row in numbered] if with_class else None)


def _checked(points: torch.Tensor, named: list[str] | None) -> OwnPoints:
    if len(points) < FEWEST:
        raise BadInput(f"There are {len(points)} points; at least {FEWEST} are needed.")
    for name, spread in zip("xy", points.amax(0) - points.amin(0), strict=True):
        if spread == 0:
            raise BadInput(f"Every point has the same {name}: a shape needs some width and some height.")
    if named is None:
        return OwnPoints(points.float(), None, ())
    classes = tuple(sorted(set(named)))
    if len(classes) < 2:
        raise BadInput(f"Every point is of class {classes[0][:20]!r}; a classifier needs at least two classes.")
    if len(classes) > MOST_CLASSES:
        raise BadInput(f"There are {len(classes)} different classes; at most {MOST_CLASSES} are taken. Is the third column a class?")
    if "" in classes:
        raise BadInput("A point has no class: fill in the third column of every row.")
    return OwnPoints(points.float(), torch.tensor([classes.index(name) for name in named]), classes)


def read(path: str | Path, with_class: bool = False) -> OwnPoints:
    """The points of a CSV file."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"There is no file {path.name!r}.")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name} has {path.stat().st_size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB and "
                       f"{MOST_ROWS:,} rows are taken.")
    try:
        return parse(path.read_text(encoding="utf-8-sig"), with_class)
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is no text file; give a CSV with {WANTED_CLASS if with_class else WANTED}.") from None


def clicked(points: list, labels: list | None = None) -> OwnPoints:
    """Points that were clicked or drawn: [[x, y], ...], and the class of each where there are classes."""
    if not isinstance(points, list) or len(points) > MOST_ROWS or (labels is not None and len(labels) != len(points)):
        raise BadInput(f"Give a list of at most {MOST_ROWS:,} points, with as many classes where there are any.")
    try:
        table = torch.tensor(points, dtype=torch.float64).reshape(-1, 2) if points else torch.zeros(0, 2)
    except (TypeError, ValueError, RuntimeError):
        raise BadInput("Give each point as two numbers, x and y.") from None
    if not table.isfinite().all() or (len(table) and table.abs().max() > 1e12) or len(table) != len(points):
        raise BadInput("Give each point as two finite numbers, x and y.")
    return _checked(table, None if labels is None else [str(label) for label in labels])
