"""A PDF of plain text lines, written by hand: A4 pages in Helvetica. It knows nothing of invoices."""

LINES_PER_PAGE = 48
WIDTH, HEIGHT = 595, 842
LEFT, RIGHT, TOP, LEADING = 56, 539, 780, 15
# Average advance of Helvetica's characters at one point; enough to set numbers flush right.
ADVANCE = 0.52

Row = tuple[str, str]


def document(title: str, rows: list[Row]) -> bytes:
    """Each row has a text on the left and one set flush right; the title stands on the first page."""
    pages = [rows[start : start + LINES_PER_PAGE] for start in range(0, len(rows), LINES_PER_PAGE)] or [[]]
    contents = [_content(title if index == 0 else "", page) for index, page in enumerate(pages)]
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, content in enumerate(contents):
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>"
        )
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)]
    return _file(objects)


def _content(title: str, rows: list[Row]) -> bytes:
    parts = [_text(LEFT, TOP, 20, title)] if title else []
    for index, (left, right) in enumerate(rows):
        height = TOP - 40 - index * LEADING
        parts.append(_text(LEFT, height, 10, left))
        if right:
            parts.append(_text(RIGHT - ADVANCE * 10 * len(right), height, 10, right))
    return b"\n".join(parts)


def _text(x: float, y: float, size: int, text: str) -> bytes:
    shown = text.encode("cp1252", "replace").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /F1 %d Tf %.1f %.1f Td (%s) Tj ET" % (size, x, y, shown)


def _file(objects: list[bytes]) -> bytes:
    parts, offsets, length = [b"%PDF-1.4\n"], [], len(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        offsets.append(length)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        length += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, length))
    return b"".join(parts)
