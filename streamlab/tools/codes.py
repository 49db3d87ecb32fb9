"""The tool `read_codes`: QR codes and bar codes, where they are and what they say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from streamlab.tools.detection import Detection
from streamlab.tools.tool import Step, Tool, Values

if TYPE_CHECKING:
    import numpy as np

    Image = np.ndarray[Any, Any]
    """HxWx3 uint8, BGR."""
    Quad = np.ndarray[Any, Any]
    """(4, 2) corners in pixels."""

Kind = Literal["qr", "barcode"]
QR_LABEL = "qr"
BARCODE_LABELS = ("ean_13", "ean_8", "upc_a")
STRAIGHT_SIDE_PX, STRAIGHT_MARGIN_PX = 480, 72
MAX_SECOND_LOOKS = 4
"""In one frame, at codes that were found and not read: a second look takes milliseconds."""
READ_SCORE = 1.0
"""Both kinds carry check digits: what is read is right, and what does not fit is not read."""


class Code(NamedTuple):
    """A code that was read."""

    label: str
    text: str
    quad: "Quad"


class ReadCodesParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `read_codes`."""

    kinds: tuple[Kind, ...] = ("qr", "barcode")
    """`qr`, `barcode` or both. Bar codes are EAN-13, UPC-A and, less surely, EAN-8."""


class ReadCodes(Tool):
    """Reads QR codes and bar codes, at any angle; what cannot be read is no detection.

    The label is `qr`, or the kind of bar code: `ean_13`, `ean_8` or `upc_a`.
    """

    name = "read_codes"
    title = "Codes"
    reads = frozenset({"image"})
    produces = frozenset({"detections"})
    Params = ReadCodesParams

    @classmethod
    def labels(cls, params: ReadCodesParams) -> tuple[str, ...]:
        """Return the kinds of codes that are asked for."""
        of_kind = {"qr": (QR_LABEL,), "barcode": BARCODE_LABELS}
        return tuple(label for kind in params.kinds for label in of_kind[kind])

    def open(self) -> Step:
        """Return the step of one session: OpenCV's detectors keep state while they run."""
        import cv2

        kinds = self.params.kinds
        qr = cv2.QRCodeDetectorAruco() if "qr" in kinds else None
        barcode = cv2.barcode.BarcodeDetector() if "barcode" in kinds else None

        def step(values: Values) -> Values:
            image = values["image"]
            found: list[Code] = []
            if qr is not None:
                found += _read_qr(qr, image)
            if barcode is not None:
                found += _read_barcodes(barcode, image)
            height, width = image.shape[:2]
            # From the top down: OpenCV's own order changes from frame to frame.
            found.sort(key=lambda code: (code.quad[:, 1].min(), code.quad[:, 0].min()))
            return {"detections": [_detection(code, width, height) for code in found]}

        return step


def _read_qr(detector: Any, image: "Image") -> Iterator[Code]:
    """Yield every QR code that can be read."""
    second_looks = MAX_SECOND_LOOKS
    for quad in _found(detector, image):
        text = _decoded(detector, image, quad)
        if not text and second_looks:
            second_looks -= 1
            text = _read_straightened(detector, image, quad)
        if text:
            yield Code(QR_LABEL, text, quad)


def _read_straightened(detector: Any, image: "Image", quad: "Quad") -> str:
    """Read a code that was found but not read: upright and larger, found anew on its own."""
    import cv2
    import numpy as np

    near, far = STRAIGHT_MARGIN_PX, STRAIGHT_SIDE_PX - STRAIGHT_MARGIN_PX
    square = np.array([[near, near], [far, near], [far, far], [near, far]], np.float32)
    straight = cv2.warpPerspective(
        image,
        cv2.getPerspectiveTransform(quad.astype(np.float32), square),
        (STRAIGHT_SIDE_PX, STRAIGHT_SIDE_PX),
        flags=cv2.INTER_CUBIC,
        borderValue=(255, 255, 255),
    )
    texts = (_decoded(detector, straight, found) for found in _found(detector, straight))
    return next(filter(None, texts), "")


def _found(detector: Any, image: "Image") -> Any:
    is_found, quads = detector.detectMulti(image)
    return quads if is_found else ()


def _decoded(detector: Any, image: "Image", quad: "Quad") -> str:
    """Return the text of a QR code; "" where it cannot be read."""
    # The bytes, where OpenCV has them: it takes Kanji, which are Shift JIS, for UTF-8.
    decode = getattr(detector, "decodeBytes", detector.decode)
    try:
        payload: bytes | str = decode(image, quad[None])[0]
    except UnicodeDecodeError:
        return ""
    if isinstance(payload, str):
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("shift_jis", errors="replace")


def _read_barcodes(detector: Any, image: "Image") -> Iterator[Code]:
    """Yield every bar code that can be read."""
    import cv2
    import numpy as np

    _, texts, kinds, quads = detector.detectAndDecodeWithType(image)
    if len(texts) and not all(texts):
        # OpenCV finds upright codes, but reads only those that lie within 60 degrees or so.
        turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        _, more_texts, more_kinds, more_quads = detector.detectAndDecodeWithType(turned)
        for text, kind, quad in zip(more_texts, more_kinds, _quads(more_quads), strict=True):
            # (x, y) of the turned image was (y, height - 1 - x).
            back = np.stack([quad[:, 1], image.shape[0] - 1 - quad[:, 0]], axis=1)
            if text and text not in texts:
                yield Code(kind.lower(), text, back)
    for text, kind, quad in zip(texts, kinds, _quads(quads), strict=True):
        if text:
            yield Code(kind.lower(), text, quad)


def _quads(quads: Any) -> Any:
    return () if quads is None else quads


def _detection(code: Code, width: int, height: int) -> Detection:
    left, top = (float(side) for side in code.quad.min(axis=0).clip(0, (width, height)))
    right, bottom = (float(side) for side in code.quad.max(axis=0).clip(0, (width, height)))
    return Detection(
        round(left, 1),
        round(top, 1),
        round(right - left, 1),
        round(bottom - top, 1),
        label=code.label,
        score=READ_SCORE,
        text=code.text,
    )
