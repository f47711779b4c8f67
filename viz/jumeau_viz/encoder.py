"""The encoder: pictures into a film that every browser and projector plays (H.264 in MP4), through PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau_viz.stage import Image

CODEC = "libx264"
#: Constant quality: fine letters stay clean. One thread gives the same bytes whatever the machine.
OPTIONS = {"crf": "20", "preset": "veryfast", "threads": "1"}
#: BT.709, which players take for granted in films of this size, by its number in ISO/IEC 23091-2; video range.
BT709, VIDEO_RANGE = 1, 1


def check_encoder() -> None:
    """Refuse where no film can be written.

    Raises
    ------
    InputError
        When PyAV is missing, or lacks the encoder.
    """
    try:
        library = _av()
    except ImportError as error:
        message = _("a film needs a package that is missing")
        raise InputError(Problem(message, hint="pip install 'jumeau[film]'")) from error
    if CODEC not in library.codecs_available:
        message = _("the PyAV of this machine has no encoder {name}").format(name=CODEC)
        raise InputError(Problem(message, hint="pip install --force-reinstall --only-binary av 'jumeau[film]'"))


def encode(path: Path, frames: Iterable[Image], size: tuple[int, int], rate: int, metadata: Mapping[str, str]) -> None:
    """Write a film.

    Parameters
    ----------
    path : Path
        MP4 to write.
    frames : iterable of ndarray of uint8, shape (height, width, 3)
    size : (int, int)
        Width and height [pixel], even.
    rate : int
        Pictures a second.
    metadata : mapping of str to str
        `title`, `comment`, `language`.
    """
    library = _av()
    # The index stands first, so that a browser shows the film before it has all of it.
    with library.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update({key: text for key, text in metadata.items() if key != "language"})
        stream: Any = container.add_stream(CODEC, rate=rate, options=OPTIONS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = VIDEO_RANGE
        last: Image | None = None
        picture: Any = None
        for image in frames:
            if image is not last:
                last = image
                made = library.VideoFrame.from_ndarray(image, format="rgb24")
                picture = made.reformat(format="yuv420p", dst_colorspace="ITU709")
            # A picture that stands still is handed over again; the encoder numbers what has no time of its own.
            picture.pts = None
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _av() -> Any:
    """Import PyAV at the first film only: it is an extra."""
    import av

    return av
