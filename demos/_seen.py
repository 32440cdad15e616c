"""What the pixel checker reads in a picture, as words."""


def described(reading, nothing: str, some_shape: str) -> str:
    """A checker's reading: "a large solid red circle and a large solid blue square on gray". nothing, some_shape: what to say
    where it finds no object, and of a shape that it cannot tell."""
    if reading is None or not reading.objects:
        return nothing
    things = []
    for thing in reading.objects[:6]:
        names = [word for word in (thing.size, thing.fill, thing.colour) if word]
        name = " ".join([*names, thing.shape or some_shape])
        things.append(f"{'an' if name[0] in 'aeio' else 'a'} {name}")
    text = ", ".join(things[:-1]) + (" and " if len(things) > 1 else "") + things[-1]
    return f"{text} on {reading.background}" if reading.background else text
