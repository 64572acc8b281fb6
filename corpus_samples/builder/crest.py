"""Draws a school's crest: a shield with a sun over hills and an open book."""

import io

from PIL import Image, ImageDraw

SIZE = 400
OVERSAMPLING = 3


def draw_crest(colour: str, tint: str) -> bytes:
    """Return a PNG of 400 x 400 pixels in two colours given as RRGGBB."""
    scale = SIZE * OVERSAMPLING / 100
    picture = Image.new("RGB", (SIZE * OVERSAMPLING, SIZE * OVERSAMPLING), "white")
    draw = ImageDraw.Draw(picture)

    def points(*numbers: float) -> list[float]:
        return [number * scale for number in numbers]

    dark, light = f"#{colour}", f"#{tint}"
    draw.polygon(points(12, 6, 88, 6, 88, 52, 78, 74, 50, 95, 22, 74, 12, 52), fill=dark)
    draw.polygon(points(17, 11, 83, 11, 83, 51, 74, 71, 50, 89, 26, 71, 17, 51), fill=light)
    draw.ellipse(points(40, 18, 60, 38), fill=dark)
    draw.polygon(points(17, 50, 36, 30, 52, 47, 66, 33, 83, 50, 79, 60, 21, 60), fill=dark)
    draw.polygon(points(30, 62, 50, 66, 70, 62, 70, 77, 50, 82, 30, 77), fill="white", outline=dark)
    draw.line(points(50, 66, 50, 82), fill=dark, width=round(scale))
    picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    output = io.BytesIO()
    picture.save(output, "PNG", dpi=(200, 200))
    return output.getvalue()
